"""Columns as groups of rows, for a bias audit: values as they are, numbers cut into bands."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from bartizan.adapt.names import nearest
from bartizan.core.arrays import Ints
from bartizan.core.errors import SchemaError
from bartizan.core.groups import AuditColumn, Grouping

MOST = 20
"""Groups of one column. More are places or persons: 20 have 190 pairs that are compared, and the
crossing of two such columns 80,000."""
_FEW = 6
"""Different whole numbers that are groups of their own, such as a code 0 or 1; more are cut."""
_QUARTILES = (0.25, 0.5, 0.75)
MISSING = "(missing)"
"""Name of the group whose value is unknown: a group like others, and often a telling one."""


def groupings(
    frame: pl.DataFrame, asked: Sequence[AuditColumn], *, where: str
) -> tuple[Grouping, ...]:
    """The groups of every audited column.

    Args:
        frame: The rows, with all columns of the source.
        asked: Which columns, and how they are cut.
        where: What the rows are called, for messages.

    Raises:
        SchemaError: there is no such column; it has more than `MOST` values; bands are named for
            a column that holds no numbers.
    """
    return tuple(_grouping(frame, one, where=where) for one in asked)


def _grouping(frame: pl.DataFrame, asked: AuditColumn, *, where: str) -> Grouping:
    name = asked.column
    if name not in frame.columns:
        message = f"{where}: there is no column {name!r} to audit{nearest(name, frame.columns)}"
        raise SchemaError(message)
    column = frame[name]
    if asked.bands and not column.dtype.is_numeric():
        message = f"{where}: {name!r} holds no numbers to be cut into bands; leave the bands out"
        raise SchemaError(message)
    edges = asked.bands or _quartiles(column)
    names, codes = _cut(column, edges) if edges else _named(column)
    if len(names) > MOST:
        message = (
            f"{where}: {name!r} has {len(names):,} values, and up to {MOST} groups are compared; "
            "audit a column with few values, or name the edges of bands if it holds numbers"
        )
        raise SchemaError(message)
    return Grouping(column=name, names=names, codes=codes, least=asked.least)


def _quartiles(column: pl.Series) -> tuple[float, ...]:
    """Where numbers are cut that nobody cut; empty for few values, and for no numbers."""
    if not column.dtype.is_numeric():
        return ()
    values = column.cast(pl.Float64).to_numpy()
    known = values[np.isfinite(values)]
    different = np.unique(known)
    if len(different) <= _FEW:
        return ()
    found = np.unique(np.quantile(known, _QUARTILES, method="higher"))
    return tuple(float(edge) for edge in found if edge > different[0])


def _cut(column: pl.Series, edges: tuple[float, ...]) -> tuple[tuple[str, ...], Ints]:
    """Bands that hold their lower edge and not their upper one."""
    values = column.cast(pl.Float64).to_numpy()
    codes = np.searchsorted(np.array(edges), values, side="right").astype(np.int64)
    spelled = [f"{edge:g}" for edge in edges]
    names = (
        f"under {spelled[0]}",
        *(f"{one} to under {two}" for one, two in pairwise(spelled)),
        f"{spelled[-1]} and over",
    )
    unknown = np.isnan(values)
    if unknown.any():
        return (*names, MISSING), np.where(unknown, len(names), codes)
    return names, codes


def _named(column: pl.Series) -> tuple[tuple[str, ...], Ints]:
    """Values as they are spelled, in the order of their names."""
    words = column.cast(pl.String).fill_null(MISSING)
    names = words.unique().sort()
    codes = words.replace_strict(names, np.arange(len(names)), return_dtype=pl.Int64)
    return tuple(names.to_list()), np.asarray(codes.to_numpy(), dtype=np.int64)
