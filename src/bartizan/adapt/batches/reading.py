"""Data sets of any size, as batches of typed rows."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch, Pace
from bartizan.adapt.batches.fitted import fitted
from bartizan.adapt.batches.origins import FrameRows, Origin, TextRows
from bartizan.adapt.batches.parquet import ParquetRows
from bartizan.adapt.files.blocks import STREAM_BYTES, FileBytes
from bartizan.adapt.names import first_double, nearest
from bartizan.adapt.tables import cells, frames
from bartizan.adapt.tables.inference import infer
from bartizan.adapt.tables.reading import form_of
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Schema

BATCH_ROWS = 65_536
"""Some megabytes a column: large enough that polars' cost a call is nothing."""
BATCH_CELLS = 4 << 20
"""Most cells of a batch, about 100 MB with text and numbers: wide tables have fewer rows."""
INFERRED_COLUMNS = 20_000
"""Most columns whose types are inferred: a millisecond each. With a schema there may be more."""
_TYPED_COLUMNS = 1_000
"""Columns given types together: polars plans them all at once, some kilobytes each."""


class Batches:
    """A data set that can be read several times, batch by batch, in memory of a few batches."""

    def __init__(
        self, origin: Origin, *, name: str, target: str | None, schema: Schema | None
    ) -> None:
        """Read the first rows: they show the columns, and the schema if none is declared."""
        self._origin = origin
        head = next(origin.frames())
        _require_columns(head, name=name, target=target)
        self.name = name
        self.target = target
        self.columns: tuple[str, ...] = tuple(head.columns)
        """As the source has them; NDJSON may show more of them later."""
        self.assumed = schema is None
        """Whether the schema was inferred from the first batch."""
        self.schema: Schema = schema or _inferred(head, target=target)
        self.notes: tuple[str, ...] = tuple(origin.notes)
        self.container: frames.Container = "polars"
        """What a table like this one is to whoever trains on it."""
        self.rows: int | None = None
        """Rows of the data set; none before all were read once."""

    def with_schema(self, schema: Schema) -> "Batches":
        """The same data set, typed by another schema."""
        return Batches(self._origin, name=self.name, target=self.target, schema=schema)

    @property
    def digest(self) -> str | None:
        """`sha256:` of a file's bytes on the disk, or of a frame.

        None before all rows of a file were read once.
        """
        return self._origin.digest

    def __iter__(self) -> Iterator[Batch]:
        """All rows, in order.

        Raises:
            InputError: the file is damaged, or not what it was; the message names the line
                where there is one.
        """
        start = 0
        for raw in self._origin.frames():
            frame, unfit = fitted(raw, schema=self.schema, target=self.target)
            yield Batch(start=start, raw=raw, frame=frame, unfit=unfit)
            start += raw.height
            if len(raw.columns) > len(self.columns):
                self.columns = tuple(raw.columns)
        self.rows = start


def open_batches(
    source: Any,
    *,
    schema: Schema | None = None,
    target: str | None = None,
    name: str | None = None,
    has_header: bool = True,
    batch_rows: int = BATCH_ROWS,
    batch_cells: int = BATCH_CELLS,
    limit_bytes: int = STREAM_BYTES,
) -> Batches:
    """Open a data set of any size.

    Args:
        source: Path of a CSV, TSV, NDJSON or Parquet file, plain or in gzip; a frame of polars,
            pandas or pyarrow; or a tuple (X, y) of arrays with `target=None`.
        schema: What the columns hold, without the target; inferred from the first batch if not
            given.
        target: The column of labels.
        name: What to call the data set; the file's name unless said.
        has_header: Whether a text table's first line names the columns.
        batch_rows: Most rows of a batch.
        batch_cells: Most cells of a batch, but for one row that has more.
        limit_bytes: Most bytes of a file, packed and unpacked.

    Raises:
        InputError: the file cannot be read.
        SchemaError: there is no target of that name, two columns have one name, or no rows.
    """
    pace = Pace(rows=batch_rows, cells=batch_cells)
    if isinstance(source, str | PathLike):
        origin = _file_rows(Path(source), has_header=has_header, pace=pace, limit_bytes=limit_bytes)
    else:
        origin, target = _frame_rows(source, target=target, pace=pace)
    made = Batches(origin, name=name or origin.name, target=target, schema=schema)
    given = source[0] if isinstance(source, tuple) else source
    if type(given).__module__.split(".")[0] in ("pandas", "numpy"):
        made.container = "array" if isinstance(given, np.ndarray) else "pandas"
    return made


def _file_rows(path: Path, *, has_header: bool, pace: Pace, limit_bytes: int) -> Origin:
    file = FileBytes(path, limit_bytes=limit_bytes)
    form = form_of(next(file.blocks()), where=str(path))
    if form == "parquet":
        return ParquetRows(file, pace=pace)
    return TextRows(file, form=form, has_header=has_header, pace=pace)


def _frame_rows(source: Any, *, target: str | None, pace: Pace) -> tuple[Origin, str | None]:
    if isinstance(source, tuple):
        frame, target, notes, _ = frames.paired(source, target=target)
    else:
        frame, notes, _ = frames.to_polars(source)
    frame, more = cells.plain(frame)
    if not frame.width or not frame.height:
        size = f"{frame.height} rows, {frame.width} columns"
        message = f"the table is empty ({size})"
        raise SchemaError(message)
    return FrameRows(frame, notes=[*notes, *more], pace=pace), target


def _require_columns(head: pl.DataFrame, *, name: str, target: str | None) -> None:
    double = first_double(head.columns)
    if double is not None:
        message = f"{name}: two columns are named {double!r}; names must be unique"
        raise SchemaError(message)
    if target is not None and target not in head.columns:
        message = f"{name}: there is no target column {target!r}{nearest(target, head.columns)}"
        raise SchemaError(message)


def _inferred(head: pl.DataFrame, *, target: str | None) -> Schema:
    """The schema that the first rows show."""
    if head.width > INFERRED_COLUMNS:
        message = (
            f"the data has {head.width} columns, and types are inferred of {INFERRED_COLUMNS} at "
            "most; declare the columns in a project file, or split the data"
        )
        raise SchemaError(message)
    rows = head if target is None else head.drop(target)
    parts = []
    for start in range(0, rows.width, _TYPED_COLUMNS):
        part = rows[:, start : start + _TYPED_COLUMNS]
        if all(dtype == pl.String for dtype in part.dtypes):
            part = cells.mostly_numbers(part, typed=cells.typed(part)[0])
        part, _ = cells.plain(part)
        parts.append(part)
    return infer(pl.concat(parts, how="horizontal") if parts else rows, target=None).schema
