"""A model, its data and its attackers, put together and ready to be assessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bartizan.adapt import Bound, Model, Table, bind, load_dataset, load_model
from bartizan.config import propose_attacker
from bartizan.core.attacker import Attacker
from bartizan.core.dataset import Dataset
from bartizan.core.errors import SchemaError
from bartizan.core.evidence import Subject
from bartizan.core.finding import Severity, Waived
from bartizan.core.schema import Image

_ASSUMED = (
    "nobody declared who attacks with what budget, so it was assumed; `bartizan init` writes a "
    "project file where you say so"
)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What an assessment is about."""

    model: Bound
    table: Table
    reference: Table | None
    attackers: tuple[Attacker, ...]
    subject: Subject
    data_subject: Subject
    warnings: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    fail_on: Severity = "high"
    waive: Callable[[str], Waived | None] = lambda _: None
    waivers: tuple[str, ...] = ()
    """Ids of the findings that somebody waives."""


def gathered(
    model: Any,
    data: Any,
    *,
    target: str | None = None,
    reference: Any = None,
    attackers: tuple[Attacker, ...] = (),
) -> Inputs:
    """Bind a model to data; assume an attacker where none is declared.

    Args:
        model: What `load_model` returns or takes.
        data: What `load_dataset` returns or takes.
        target: The label column, where `data` has yet to be read.
        reference: Rows that scale distances and that attackers own, of the same columns.
        attackers: Declared attackers.

    Raises:
        InputError: the model, the data, or the two together cannot be used.
    """
    loaded = model if isinstance(model, Model) else load_model(model)
    table = data if isinstance(data, Table) else load_dataset(data, target=target)
    known = _reference(reference, table=table, target=target)
    bound = bind(loaded, table)
    warnings = (*loaded.notes, *bound.notes)
    attackers = attackers or (proposed(table.dataset),)
    if any(attacker.standing == "assumed" for attacker in attackers):
        warnings += (_ASSUMED,)
    return Inputs(
        model=bound,
        table=table,
        reference=known,
        attackers=attackers,
        subject=Subject(
            kind="model",
            name=loaded.name,
            digest=bound.digest,
            digest_kind=bound.digest_kind,
            detail=loaded.format,
        ),
        data_subject=Subject(
            kind="data",
            name=table.dataset.name,
            digest=table.dataset.digest,
            digest_kind="sha256",
            detail=_size(table.dataset),
        ),
        warnings=warnings,
    )


def _size(data: Dataset) -> str:
    """How much data there is, in words."""
    n, d = data.x.shape
    image = data.schema.image
    if image is None:
        return f"{n} rows, {d} columns"
    return f"{n} images of {image.height} x {image.width} x {image.channels} values"


def proposed(data: Dataset) -> Attacker:
    """The attacker that is assumed when nobody declares one."""
    counts = np.bincount(data.y, minlength=len(data.classes))
    return propose_attacker(data.schema, data.classes, tuple(int(count) for count in counts))


def _reference(reference: Any, *, table: Table, target: str | None) -> Table | None:
    if reference is None or isinstance(reference, Table):
        known = reference
    else:
        known = load_dataset(reference, target=target, schema=table.dataset.schema)
    if known is not None and _form(known) != _form(table):
        what = "columns" if table.dataset.schema.image is None else "form (size and range)"
        message = (
            f"reference data {known.dataset.name!r} must have the {what} of "
            f"{table.dataset.name!r}, in the same order"
        )
        raise SchemaError(message)
    return known


def _form(table: Table) -> tuple[tuple[str, ...], Image | None]:
    """What two tables must share to be compared."""
    return table.dataset.schema.names, table.dataset.schema.image
