"""A model, its data and its attackers, put together and ready to be assessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bartizan.adapt import Bound, Model, Table, bind, load_dataset, load_model, load_recipe
from bartizan.config import propose_attacker
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.errors import SchemaError, UsageError
from bartizan.core.evidence import Subject
from bartizan.core.finding import Severity, Waived
from bartizan.core.provenance import Provenance
from bartizan.core.schema import Image, Label
from bartizan.core.system import System
from bartizan.workspace.contributors import Said, Traced, traced

_ASSUMED = (
    "nobody declared who attacks with what budget, so it was assumed; `bartizan init` writes a "
    "project file where you say so"
)
_FEW = 5
"""Classes that a message lists."""
_MORE = "which the schema does not declare"
"""What is said of a table with more columns."""
_OTHER = "categories of the schema"
"""What is said of a value that the table does not hold."""
_ALLOWED = (
    "; a project file, which `bartizan init` writes, allows further values under `categories` of "
    "their column"
)
_SENDER = (
    "; a column that says who contributed the rows is named with --source, and when with --time"
)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What an assessment is about."""

    model: Bound
    table: Table
    reference: Table | None
    train: Dataset | None = None
    """Rows the model was trained on, with the classes of the table."""
    provenance: Provenance | None = None
    """Who contributed them, and when."""
    recipe: Recipe | None = None
    """How to train it anew."""
    cost_per_1000: float | None = None
    """Money for a thousand answers of the model."""
    attackers: tuple[Attacker, ...]
    subject: Subject
    data_subject: Subject
    warnings: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    fail_on: Severity = "high"
    waive: Callable[[str], Waived | None] = lambda _: None
    waivers: tuple[str, ...] = ()
    """Ids of the findings that somebody waives."""
    system: System | None = None
    """Around the model, if somebody described it."""


def gathered(
    model: Any,
    data: Any,
    *,
    target: str | None = None,
    reference: Any = None,
    train: Any = None,
    source: str | None = None,
    time: str | None = None,
    recipe: str | None = None,
    cost_per_1000: float | None = None,
    attackers: tuple[Attacker, ...] = (),
) -> Inputs:
    """Bind a model to data; assume an attacker where none is declared.

    Args:
        model: What `load_model` returns or takes.
        data: What `load_dataset` returns or takes.
        target: The label column, where `data` has yet to be read.
        reference: Rows that scale distances and that attackers own, of the same columns.
        train: Rows the model was trained on, of the same columns; or these with who contributed
            them, as `traced` reads them.
        source: Column of `train`, where it has yet to be read, that says who contributed a row.
        time: The one that says when a row came to be.
        recipe: ``module:function`` that trains the model anew; none = the model itself, where
            it knows how.
        cost_per_1000: Money for a thousand answers, where answers are sold.
        attackers: Declared attackers.

    Raises:
        InputError: the model, the data, or the two together cannot be used.
    """
    loaded = model if isinstance(model, Model) else load_model(model)
    table = data if isinstance(data, Table) else load_dataset(data, target=target)
    known = _beside(reference, table=table, target=target, role="reference")
    origins = _traced(train, table=table, target=target, source=source, time=time)
    learnt = _beside(
        train if origins is None else origins.table, table=table, target=target, role="training"
    )
    bound = bind(loaded, table)
    warnings = (*loaded.notes, *bound.notes)
    taught, more = (None, ()) if learnt is None else _in_classes(learnt.dataset, table.dataset)
    warnings += more
    attackers = attackers or (proposed(table.dataset),)
    if any(attacker.standing == "assumed" for attacker in attackers):
        warnings += (_ASSUMED,)
    return Inputs(
        model=bound,
        table=table,
        reference=known,
        train=taught,
        provenance=_provenance(origins, taught),
        recipe=None if taught is None else load_recipe(recipe, model=loaded, table=table),
        cost_per_1000=cost_per_1000,
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


def _beside(data: Any, *, table: Table, target: str | None, role: str) -> Table | None:
    """Further rows of the same columns as the table."""
    if data is None or isinstance(data, Table):
        known = data
    else:
        try:
            schema = table.dataset.schema
            known = load_dataset(data, target=target, schema=schema, without=table.apart)
        except SchemaError as error:
            hint = _SENDER if role == "training" and _MORE in str(error) else ""
            hint = _ALLOWED if _OTHER in str(error) else hint
            message = f"{role} data must have the columns of {table.dataset.name!r}: {error}{hint}"
            raise SchemaError(message) from error
    if known is None:
        return None
    if _form(known) != _form(table):
        what = "columns" if table.dataset.schema.image is None else "form (size and range)"
        message = (
            f"{role} data {known.dataset.name!r} must have the {what} of "
            f"{table.dataset.name!r}, in the same order"
        )
        raise SchemaError(message)
    _same_codes(known, table=table, role=role)
    return known


def _same_codes(known: Table, *, table: Table, role: str) -> None:
    """Refuse rows whose categories are counted otherwise: the same code would mean another."""
    pairs = zip(known.dataset.schema.features, table.dataset.schema.features, strict=True)
    for one, other in pairs:
        if one.categories != other.categories:
            name = table.dataset.name
            message = (
                f"{role} data {known.dataset.name!r}: column {one.name!r} has other categories, or "
                f"in another order, than in {name!r}; declare both with one [schema.{name}], or in "
                "Python load them with schema=table.dataset.schema"
            )
            raise SchemaError(message)


def _traced(
    train: Any,
    *,
    table: Table,
    target: str | None,
    source: str | None,
    time: str | None,
) -> Traced | None:
    """Training rows with who contributed them, where that is known.

    Raises:
        UsageError: a column is named without rows that have it.
    """
    if isinstance(train, Traced):
        return train
    if source is None or train is None:
        for flag, column in (("--source", source), ("--time", time)):
            if column is not None:
                needed = "--train" if train is None else "--source"
                message = f"{flag} is about who contributed training rows; add {needed}"
                raise UsageError(message)
        return None
    schema = table.dataset.schema
    if schema.image is not None:
        message = "--source names a column, and rows are images, which have none; leave it out"
        raise UsageError(message)
    try:
        return traced(
            train,
            said=Said(source=source, time=time),
            features=schema.names,
            target=target,
            known=lambda _: schema,
            without=table.apart,
        )
    except SchemaError as error:
        hint = _ALLOWED if _OTHER in str(error) else ""
        message = f"training data must have the columns of {table.dataset.name!r}: {error}{hint}"
        raise SchemaError(message) from error


def _provenance(origins: Traced | None, taught: Dataset | None) -> Provenance | None:
    """Of the rows that are left."""
    if origins is None or taught is None:
        return None
    return origins.provenance.take(np.flatnonzero(np.isin(origins.table.dataset.ids, taught.ids)))


def _in_classes(train: Dataset, data: Dataset) -> tuple[Dataset, tuple[str, ...]]:
    """Training rows with the positions of the data's classes; others are left out and told."""
    places = {str(label): place for place, label in enumerate(data.classes)}
    codes = np.array([places.get(str(label), -1) for label in train.classes], dtype=np.int64)
    y = codes[train.y]
    kept = np.flatnonzero(y >= 0)
    if not kept.size:
        message = (
            f"no class of the training data {train.name!r} ({_listed(train.classes)}) occurs in "
            f"{data.name!r} ({_listed(data.classes)}); is the target the same column?"
        )
        raise SchemaError(message)
    notes: tuple[str, ...] = ()
    if len(kept) < len(y):
        told = f"{len(y) - len(kept)} of {len(y)} training rows are of classes that "
        notes = (f"{told}{data.name!r} does not have, and were left out",)
    return replace(train, y=y, classes=data.classes).take(kept), notes


def _listed(classes: tuple[Label, ...]) -> str:
    """The first few classes."""
    more = ", ..." if len(classes) > _FEW else ""
    return ", ".join(map(str, classes[:_FEW])) + more


def _form(table: Table) -> tuple[tuple[str, ...], Image | None]:
    """What two tables must share to be compared."""
    return table.dataset.schema.names, table.dataset.schema.image
