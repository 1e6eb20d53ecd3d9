"""Where rows come from: text files and frames, some rows at a time, as often as needed."""

from collections.abc import Iterator
from typing import Protocol

import polars as pl

from bartizan.adapt.batches.batch import Pace
from bartizan.adapt.batches.json_lines import json_frames
from bartizan.adapt.files.blocks import FileBytes
from bartizan.adapt.tables.delimited import delimited_frames
from bartizan.adapt.tables.reading import frame_digest, stem


class Origin(Protocol):
    """Rows that can be read several times."""

    name: str
    notes: list[str]

    @property
    def digest(self) -> str | None:
        """`sha256:` of a file's bytes or of a frame; none before it was read to the end."""
        ...

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows as they are spelled, some at a time."""
        ...


class TextRows:
    """Rows of a CSV, TSV or NDJSON file."""

    def __init__(self, file: FileBytes, *, form: str, has_header: bool, pace: Pace) -> None:
        """`form`: `ndjson` or `delimited`."""
        self.name = stem(file.path)
        self.notes: list[str] = []
        self._file, self._form, self._has_header, self._pace = file, form, has_header, pace

    @property
    def digest(self) -> str | None:
        """Of the file's bytes; none before it was read to the end."""
        return self._file.digest

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows as text.

        Raises:
            InputError: the file is damaged, or changed before the last row was given.
        """
        self.notes.clear()
        blocks, where = self._file.blocks(), str(self._file.path)
        if self._form == "ndjson":
            yield from json_frames(blocks, where=where, pace=self._pace)
        else:
            yield from delimited_frames(
                blocks,
                where=where,
                has_header=self._has_header,
                pace=self._pace,
                notes=self.notes,
            )
        self._file.require_same()  # rows of a small file are given after its end was met


class FrameRows:
    """Rows of a frame in memory."""

    def __init__(self, frame: pl.DataFrame, *, notes: list[str], pace: Pace) -> None:
        """`frame`: with at least one row."""
        self.name = "data"
        self.notes = notes
        self._frame, self._pace = frame, pace
        self.digest: str | None = frame_digest(frame)

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows in the frame's types."""
        self._pace.require_narrow(self._frame.width, where="the frame")
        yield from self._frame.iter_slices(self._pace.height(self._frame.width))
