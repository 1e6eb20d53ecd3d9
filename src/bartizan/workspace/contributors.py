"""Training rows whose owner says who contributed each of them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt import Table, load_dataset, read_table
from bartizan.adapt.names import nearest, told_of
from bartizan.adapt.tables.moments import moments
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import SchemaError, UsageError
from bartizan.core.provenance import UNTOLD, Provenance
from bartizan.core.schema import Schema

Known = Callable[[tuple[str, ...]], Schema | None]
"""Columns of a table without its target -> what is declared of them; none = nothing is."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """Columns that say where rows come from."""

    source: str
    time: str | None = None


@dataclass(frozen=True, kw_only=True)
class Traced:
    """Training rows, and who contributed them."""

    table: Table
    provenance: Provenance
    """Of the rows of `table`."""


def traced(
    data: Any,
    *,
    said: Said,
    features: tuple[str, ...],
    target: str | None,
    known: Known,
    name: str | None = None,
    header: bool = True,
    without: Collection[str] = (),
) -> Traced:
    """Read training rows whose columns say who contributed them.

    These columns are none that a model learns from, unless the rows that it is judged on have them
    too.

    Args:
        data: A path of a table, or a frame.
        said: Which columns say it.
        features: Columns of the rows that the model is judged on.
        target: The column of labels.
        known: What is declared of the columns.
        name: What to call the rows; the file's name unless said.
        header: Whether a text table's first line names the columns.
        without: Further columns that are no features; left out where there are such.

    Raises:
        UsageError: rows are images or arrays, which have no such column.
        SchemaError: there is no column of that name.
        InputError: the table cannot be read.
    """
    if isinstance(data, tuple | Table) or (
        isinstance(data, str | PathLike) and Path(data).is_dir()
    ):
        message = (
            f"{said.source!r} names a column that says who contributed a training row, and only "
            "tables have such columns; give the training data as a file or a frame"
        )
        raise UsageError(message)
    read = read_table(data, target=target, name=name, has_header=header)
    places = _placed(read.frame, said=said, where=read.name)
    left = {said.source, said.time, *without} - set(features)
    frame = read.frame.select(one for one in read.frame.columns if one not in left)
    schema = known(tuple(column for column in frame.columns if column != target))
    with told_of(read.name, data):
        table = load_dataset(frame, target=target, schema=schema, name=read.name)
    dataset = replace(table.dataset, digest=read.digest, notes=(*read.notes, *table.dataset.notes))
    return Traced(
        table=replace(table, dataset=dataset), provenance=places.take(dataset.ids.astype(np.int64))
    )


def _placed(frame: pl.DataFrame, *, said: Said, where: str) -> Provenance:
    """Who contributed each row of a table, and when."""
    for column, what in ((said.source, "who contributed a row"), (said.time, "when it came")):
        if column is not None and column not in frame.columns:
            message = (
                f"{where}: there is no column {column!r}, which is to say {what}"
                f"{nearest(column, frame.columns)}"
            )
            raise SchemaError(message)
    times = None if said.time is None else _times(frame[said.time])
    return Provenance(sources=_codes(frame[said.source]), times=times)


def _codes(column: pl.Series) -> Ints:
    """Contributors in the order of their names; nobody where there is no name."""
    found = column.cast(pl.String)
    codes = found.rank("dense").cast(pl.Int64) - 1
    return np.asarray(codes.fill_null(UNTOLD).to_numpy(), dtype=np.int64)


def _times(column: pl.Series) -> Array:
    """Microseconds; numbers that are no moment as they are, as only the order counts."""
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64)
    made, _ = moments(column)
    micros = made.to_physical().cast(pl.Float64)
    return np.asarray(micros.fill_null(np.nan).to_numpy(), dtype=np.float64)
