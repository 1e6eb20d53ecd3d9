"""A repaired network beside the cleaned data."""

from dataclasses import dataclass
from pathlib import Path

from bartizan.adapt.loading import load_model
from bartizan.adapt.model import Model
from bartizan.adapt.networks.tunable import Keepable, tunable
from bartizan.adapt.table import Table, load_dataset
from bartizan.core.errors import SchemaError
from bartizan.core.finding import Finding
from bartizan.data.cleaning.cleaning import Cleaning
from bartizan.data.cleaning.gains import cleaned_data
from bartizan.data.cleaning.repair import among, repaired
from bartizan.workspace.clean_order import CleanOrder
from bartizan.workspace.clean_source import require_seen


@dataclass(frozen=True, kw_only=True)
class NetworkFile:
    """What is written of a repaired network."""

    file: str
    content: bytes
    finding: Finding


def repaired_network(cleaning: Cleaning, order: CleanOrder) -> NetworkFile:
    """Repair the network that an order names.

    Args:
        cleaning: Which rows left: the others are believed.
        order: Names the network; its file stays as it is.

    Raises:
        ModelError: it is no network that can be repaired.
        InputError: it cannot be opened, or the data changed since it was looked at.
    """
    model, table, network = _opened(order)
    whole = table.dataset
    require_seen(whole, then=cleaning.digest)
    if whole.classes != cleaning.data.classes:
        message = f"{whole.name} has other classes than when it was checked; check it again"
        raise SchemaError(message)
    marks = among(cleaning.suspicion.triggers, seen=cleaning.data.schema, asked=whole.schema)
    believed = cleaned_data(cleaning.over(whole))
    made = repaired(network, believed, marks, seed=order.seed)
    return NetworkFile(
        file=f"repaired-{Path(model.name).name}{network.suffix}",
        content=made.model.content(),
        finding=made.finding,
    )


def require_repairable(order: CleanOrder) -> None:
    """Refuse a network that cannot be repaired, before anything is done.

    Raises:
        ModelError: it is no network that can be repaired.
        InputError: it cannot be opened.
    """
    _opened(order)


def _opened(order: CleanOrder) -> tuple[Model, Table, Keepable]:
    """The network, the data as it knows it, and both together."""
    model = load_model(order.repair, weights=order.weights)
    table = load_dataset(order.data, target=order.target, name=order.name, has_header=order.header)
    return model, table, tunable(model, table)
