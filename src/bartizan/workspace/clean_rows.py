"""The labelled rows that models of a cleaning learn from, and who contributed them."""

import msgspec
import numpy as np

from bartizan.adapt.names import nearest
from bartizan.adapt.table import Table, load_dataset
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.training.recipe import data_recipe
from bartizan.core.arrays import Ints
from bartizan.core.errors import UsageError
from bartizan.data.labelled import Labelled
from bartizan.workspace.clean_order import CleanOrder


def labelled_rows(order: CleanOrder) -> Labelled:
    """The labelled rows, and how a model learns from them.

    Raises:
        UsageError: no such column of sources, or no such recipe.
        InputError: the data cannot be read.
    """
    table = load_dataset(order.data, target=order.target, name=order.name, has_header=order.header)
    sources: Ints | None = None
    if order.source is not None:
        table, sources = _without(table, order.source)
    recipe = None if order.recipe is None else data_recipe(order.recipe, table=table)
    return Labelled(data=table.dataset, sources=sources, recipe=recipe, seed=order.seed)


def _without(table: Table, column: str) -> tuple[Table, Ints]:
    """The table without the column of sources, from which no model learns; and their codes."""
    data, codec = table.dataset, table.codec
    names = data.schema.names
    if not isinstance(codec, Codec) or column not in names:
        message = f"there is no column {column!r} of sources{nearest(column, names)}"
        raise UsageError(message)
    if len(names) == 1:
        message = f"{column!r} is the only column beside the labels; a model needs others"
        raise UsageError(message)
    place = names.index(column)
    kept = np.delete(np.arange(len(names)), place)
    features = tuple(data.schema.features[at] for at in kept.tolist())
    sources = np.unique(data.x[:, place], return_inverse=True)[1].astype(np.int64)
    made = data.holding(
        x=np.ascontiguousarray(data.x[:, kept]),
        y=data.y,
        schema=msgspec.structs.replace(data.schema, features=features),
    )
    return Table(dataset=made, codec=codec.select(kept)), sources
