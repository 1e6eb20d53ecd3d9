"""Guesses what each column of a table holds, and says what looks wrong with it."""

from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from bartizan.adapt.names import nearest
from bartizan.adapt.tables.column import texts
from bartizan.adapt.tables.groups import one_hot_groups
from bartizan.adapt.tables.labels import code_labels
from bartizan.adapt.tables.leaks import leaks
from bartizan.adapt.tables.roles import is_identifier, is_personal
from bartizan.core.arrays import Ints
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Feature, FeatureType, Schema

_EXACT = 2**53
"""Whole numbers from here on are not told apart as float64, and may be too large for int64."""


@dataclass(frozen=True, kw_only=True)
class Inferred:
    """A guessed schema, and what its owner should look at."""

    schema: Schema
    warnings: tuple[str, ...]


def infer(frame: pl.DataFrame, *, target: str | None) -> Inferred:
    """Guess the schema of a table.

    Text, truth values and codes with leading zeros are categories, everything else numbers;
    an order of categories is never guessed. Ranges are those observed.

    Args:
        frame: Rows as read, with the target; rows without a label are left out.
        target: The column of labels, which is no part of the schema; none = there is none.

    Returns:
        The schema without the target, and warnings about constants, identifiers, personal data
        and columns that give the answer away.

    Raises:
        SchemaError: there is no such target, or it holds no classes.

    Cost:
        One sort a column.

    Example:
        >>> frame = pl.DataFrame({"age": [30, 41], "job": ["b", "a"], "y": [0, 1]})
        >>> [(f.name, f.type, f.categories) for f in infer(frame, target="y").schema.features]
        [('age', 'integer', ()), ('job', 'categorical', ('a', 'b'))]
    """
    rows, y = (frame, None) if target is None else _labelled(frame, target=target)
    groups = one_hot_groups(rows)
    features = [_feature(column, group=groups.get(column.name)) for column in rows.iter_columns()]
    warnings = [text for column in rows.iter_columns() if (text := _constant(column))]
    found: list[Feature] = []
    for feature, column in zip(features, rows.iter_columns(), strict=True):
        made, more = _with_roles(feature, column)
        found.append(made)
        warnings += more
    named = [feature.name for feature in found if not feature.identifier]
    if target is not None and y is not None:
        warnings += leaks(rows.select(named), y, target=target)
    return Inferred(schema=Schema(features=tuple(found)), warnings=tuple(warnings))


def _labelled(frame: pl.DataFrame, *, target: str) -> tuple[pl.DataFrame, Ints]:
    """Features of the rows that have a label, and their class codes, shape (n,)."""
    if target not in frame.columns:
        message = f"there is no target column {target!r}{nearest(target, frame.columns)}"
        raise SchemaError(message)
    labels = code_labels(frame[target])
    kept = labels.y >= 0
    return frame.drop(target).filter(pl.Series(kept)), labels.y[kept]


def _feature(column: pl.Series, *, group: str | None) -> Feature:
    """Type, range or categories, and whether values are missing."""
    missing = column.null_count() > 0
    kind = _kind(column, grouped=group is not None)
    if kind == "categorical":
        spelled = texts(column).unique().drop_nulls().sort()
        categories = tuple(spelled.to_list())
        if column.dtype == pl.Boolean:
            categories = ("false", "true")
        return Feature(name=column.name, type=kind, categories=categories, missing=missing)
    numbers = column.to_physical() if column.dtype.is_temporal() else column
    low, high = numbers.min(), numbers.max()
    return Feature(
        name=column.name,
        type=kind,
        min=_bound(low),
        max=_bound(high),
        missing=missing,
        group=group,
    )


def _bound(value: Any) -> float | None:
    """A finite bound, or none; infinite cells are refused when the rows are coded."""
    return None if value is None or abs(value) == float("inf") else float(value)


def _kind(column: pl.Series, *, grouped: bool) -> FeatureType:
    if column.null_count() == len(column):
        return "number"
    if column.dtype.is_integer() or column.dtype.is_temporal() or grouped:
        return "integer"
    if column.dtype.is_float():
        whole = (column == column.round()).all() and not (column.abs() >= _EXACT).any()
        return "integer" if whole else "number"
    return "categorical"


def _constant(column: pl.Series) -> str | None:
    """A warning if a column says nothing."""
    if column.null_count() == len(column):
        return f"column {column.name!r} is empty"
    if column.n_unique() == 1:
        return f"column {column.name!r} is constant ({column[0]!r})"
    return None


def _with_roles(feature: Feature, column: pl.Series) -> tuple[Feature, list[str]]:
    """Mark identifiers and personal data."""
    warnings = []
    identifier = feature.group is None and is_identifier(column, kind=feature.type)
    if identifier:
        warnings.append(
            f"column {feature.name!r} looks like an identifier: it names rows, and a model should "
            "not learn it"
        )
    personal = is_personal(column)
    if personal:
        warnings.append(f"column {feature.name!r} looks like personal data; reports redact it")
    made = msgspec.structs.replace(feature, identifier=identifier, personal=personal)
    return made, warnings
