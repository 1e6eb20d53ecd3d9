"""Rows of a Parquet file, a slice at a time."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import polars as pl

from bartizan.adapt.batches.batch import Pace
from bartizan.adapt.files.blocks import FileBytes
from bartizan.adapt.tables import cells
from bartizan.adapt.tables.reading import stem
from bartizan.core.errors import InputError, SchemaError
from bartizan.formats.parquet import ParquetFacts, parquet_facts, require_sound_pages

_PACKED_BYTES = 256 << 20
"""Most bytes of a Parquet file in gzip, unpacked: its footer comes last, so that all is held."""


class ParquetRows:
    """Rows of a Parquet file, plain or in gzip.

    Rows are read from wherever they are in the file, so its digest is taken before, and again
    after if the disk says that anything happened to it.
    """

    def __init__(self, file: FileBytes, *, pace: Pace) -> None:
        """`file`: begins as a Parquet file does."""
        self.name = stem(file.path)
        self.notes: list[str] = []
        self._file, self._pace = file, pace

    @property
    def digest(self) -> str | None:
        """Of the file's bytes; none before it was read to the end."""
        return self._file.digest

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows in the types of the file.

        Raises:
            InputError: it is damaged, not what it says that it is, or not what it was.
            SchemaError: a column holds lists or structures, or there are no rows.
        """
        where = str(self._file.path)
        with self._bytes() as handle:
            size = handle.seek(0, io.SEEK_END)
            facts = parquet_facts(handle, size_bytes=size, where=where)
            self._pace.require_narrow(len(facts.names), where=where)
            if not facts.rows or not facts.names:
                message = (
                    f"{where}: the table is empty ({facts.rows} rows, {len(facts.names)} columns)"
                )
                raise SchemaError(message)
            source = handle.getvalue() if isinstance(handle, io.BytesIO) else self._file.path
            height, known = self._pace.height(len(facts.names)), 0
            groups = _sound_groups(handle, facts, where=where)
            for start in range(0, facts.rows, height):
                rows = min(height, facts.rows - start)
                while known < start + rows:
                    known += next(groups)
                made, _ = cells.plain(_slice(source, start=start, rows=rows, where=where))
                yield from _affordable(made, pace=self._pace, where=where)
        self._file.require_same()

    @contextmanager
    def _bytes(self) -> Iterator[BinaryIO]:
        """The file, or what it unpacks to."""
        if self._file.packed:
            yield io.BytesIO(b"".join(self._limited()))
            return
        self._file.seal()
        with self._file.path.open("rb") as handle:
            yield handle

    def _limited(self) -> Iterator[bytes]:
        total = 0
        for block in self._file.blocks():
            total += len(block)
            if total > _PACKED_BYTES:
                message = (
                    f"{self._file.path} unpacks to more than {_PACKED_BYTES} bytes; unpack it "
                    "first: Parquet is packed already"
                )
                raise InputError(message)
            yield block


def _slice(source: Path | bytes, *, start: int, rows: int, where: str) -> pl.DataFrame:
    """Some rows; polars unpacks no more than the row groups that they are in."""
    try:
        made = pl.scan_parquet(source, glob=False).slice(start, rows).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        message = f"{where}: the Parquet file is damaged or cut off ({error}); fetch it again"
        raise InputError(message) from error
    if made.height != rows:
        message = (
            f"{where}: {rows} rows were expected after row {start}, {made.height} came; the "
            "Parquet file is damaged: fetch it again"
        )
        raise InputError(message)
    return made


def _sound_groups(handle: BinaryIO, facts: ParquetFacts, *, where: str) -> Iterator[int]:
    """Rows of each row group, once its pages were looked at."""
    for rows, chunks in facts.groups:
        require_sound_pages(handle, chunks, rows=rows, where=where)
        yield rows


def _affordable(frame: pl.DataFrame, *, pace: Pace, where: str) -> Iterator[pl.DataFrame]:
    """Rows cut so that no batch has more text than it may: a dictionary packs much of it."""
    size = sum(_text_bytes(column) for column in frame.iter_columns())
    if size <= pace.text_bytes:
        yield frame
    elif frame.height == 1:
        message = f"{where}: one row has {size} bytes, more than the limit of {pace.text_bytes}"
        raise InputError(message)
    else:
        half = frame.height // 2
        for part in (frame[:half], frame[half:]):
            yield from _affordable(part, pace=pace, where=where)


def _text_bytes(column: pl.Series) -> int:
    if column.dtype == pl.String:
        return int(column.str.len_bytes().cast(pl.Int64).sum())
    return 0
