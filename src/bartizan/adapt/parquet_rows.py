"""Rows of a Parquet file, a slice at a time."""

import io
from collections.abc import Iterator

import polars as pl

from bartizan.adapt.batch import Pace
from bartizan.adapt.file_bytes import FileBytes
from bartizan.adapt.tables import stem
from bartizan.core.errors import InputError


class ParquetRows:
    """Rows of a Parquet file, plain or in gzip."""

    def __init__(self, file: FileBytes, *, pace: Pace) -> None:
        """The file's digest is taken first: rows are read from wherever they are in it."""
        self.name = stem(file.path)
        self.notes: list[str] = []
        self._file, self._pace = file, pace

    @property
    def digest(self) -> str | None:
        """Of the file's bytes; none before it was read to the end."""
        return self._file.digest

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows in the types of the file."""
        source = io.BytesIO(b"".join(self._file.blocks())) if self._file.packed else self._file.path
        if not self._file.packed:
            self._file.seal()
        try:
            lazy = pl.scan_parquet(source)
            width = len(lazy.collect_schema())
            height, start = self._pace.height(width), 0
            while True:
                made = lazy.slice(start, height).collect()
                if not made.height:
                    break
                yield made
                start += made.height
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            message = (
                f"{self._file.path}: the Parquet file is damaged or cut off ({error}); fetch it "
                "again"
            )
            raise InputError(message) from error
        self._file.require_same()
