"""Rows of text tables and of Parquet files, as they are spelled."""

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Literal, Self

import numpy as np
import polars as pl

from bartizan.adapt.names import nearest
from bartizan.adapt.rows.form import RowForm
from bartizan.adapt.tables.delimited import read_delimited
from bartizan.adapt.tables.line_scan import LineScan, checked_text
from bartizan.adapt.tables.separator import separator_of
from bartizan.core.arrays import Ints
from bartizan.core.errors import InputError, SchemaError

_MARK = b"\xef\xbb\xbf"
"""The byte order mark that some programs put before UTF-8."""


@dataclass(frozen=True, kw_only=True)
class TextRows:
    """A file of lines; blank ones are left out, as everywhere."""

    form: RowForm
    head: bytes
    """The line of names, and what stands before it."""
    lines: tuple[bytes, ...]
    """Each with its end."""
    target: str
    place: int
    """Of the labels among the fields of a line; -1 = lines are objects."""
    separator: str
    ended: bool
    """Whether the last line of the file has an end."""
    packed: bool
    """Whether the file is in gzip."""

    @classmethod
    def of(
        cls,
        content: bytes,
        *,
        form: Literal["ndjson", "delimited"],
        where: str,
        target: str,
        has_header: bool,
        packed: bool,
    ) -> Self:
        """Cut text into lines.

        Raises:
            InputError: it is damaged; the message names the line.
            SchemaError: there is no such column.
        """
        mark = _MARK if content.startswith(_MARK) else b""
        if form == "ndjson":
            text = b"".join(checked_text([content], where=where))
            parts = [part + b"\n" for part in text.split(b"\n") if part.strip()]
            head, place, separator = b"", -1, ""
        else:
            parts = _scanned(content, where=where)
            head = parts.pop(0) if has_header else b""
            names = read_delimited(content, where=where, has_header=has_header)[0].columns
            place = _place(target, names, where=where)
            separator = separator_of(content.removeprefix(_MARK))
        return cls(
            form=form,
            head=mark + head,
            lines=tuple(_closed(parts, like=head)),
            target=target,
            place=place,
            separator=separator,
            ended=content.endswith(b"\n"),
            packed=packed,
        )

    @property
    def rows(self) -> int:
        """See `RowFile`."""
        return len(self.lines)

    def spelled(self) -> list[bytes]:
        """See `RowFile`."""
        return list(self.lines)

    def take(self, rows: Ints) -> Self:
        """See `RowFile`."""
        return replace(self, lines=tuple(self.lines[row] for row in rows.tolist()))

    def joined(self, other: Self) -> Self:
        """See `RowFile`."""
        return replace(self, lines=(*self.lines, *other.lines))

    def relabelled(self, labels: Mapping[int, str]) -> Self:
        """See `RowFile`."""
        lines = list(self.lines)
        for row, label in labels.items():
            lines[row] = self._with_label(lines[row], label)
        return replace(self, lines=tuple(lines))

    def content(self) -> bytes:
        """See `RowFile`."""
        text = self.head + b"".join(self.lines)
        if not self.ended:
            text = text.removesuffix(b"\n").removesuffix(b"\r")
        return gzip.compress(text, mtime=0) if self.packed else text

    def _with_label(self, line: bytes, label: str) -> bytes:
        if self.place < 0:
            return _object_with(line, name=self.target, label=label)
        start, end = _span(line, self.place, separator=self.separator.encode())
        quoted = line[start : start + 1] == b'"'
        if quoted or any(mark in label for mark in ('"', "\n", "\r", self.separator)):
            label = '"' + label.replace('"', '""') + '"'
        return line[:start] + label.encode() + line[end:]


@dataclass(frozen=True, kw_only=True)
class ParquetRows:
    """A Parquet file."""

    frame: pl.DataFrame
    target: str
    form: RowForm = "parquet"

    @classmethod
    def of(cls, source: BinaryIO, *, where: str, target: str) -> Self:
        """Read all columns in their types.

        Raises:
            InputError: it is damaged.
            SchemaError: there is no such column.
        """
        try:
            frame = pl.read_parquet(source)
        except (pl.exceptions.PolarsError, OSError) as error:
            message = f"{where} cannot be read as Parquet: {error}"
            raise InputError(message) from error
        _place(target, frame.columns, where=where)
        return cls(frame=frame, target=target)

    @property
    def rows(self) -> int:
        """See `RowFile`."""
        return self.frame.height

    def spelled(self) -> list[bytes]:
        """See `RowFile`; types of Python spell every value of theirs differently."""
        return [repr(row).encode() for row in self.frame.iter_rows()]

    def take(self, rows: Ints) -> Self:
        """See `RowFile`."""
        return replace(self, frame=self.frame[rows])

    def joined(self, other: Self) -> Self:
        """See `RowFile`."""
        return replace(self, frame=pl.concat([self.frame, other.frame]))

    def relabelled(self, labels: Mapping[int, str]) -> Self:
        """See `RowFile`."""
        column = self.frame[self.target]
        texts = pl.Series(list(labels.values()), dtype=pl.String)
        try:
            values = _truths(texts) if column.dtype == pl.Boolean else texts.cast(column.dtype)
            made = column.scatter(list(labels), values)
        except pl.exceptions.PolarsError as error:
            message = f"a label does not fit the type {column.dtype} of {self.target!r}: {error}"
            raise InputError(message) from error
        return replace(self, frame=self.frame.with_columns(made))

    def content(self) -> bytes:
        """See `RowFile`."""
        stream = io.BytesIO()
        self.frame.write_parquet(stream)
        return stream.getvalue()


def _truths(texts: pl.Series) -> pl.Series:
    """Truth values, however they are spelled: classes call them ``True``, files ``true``."""
    return texts.str.to_lowercase().replace_strict(
        ["true", "false"], [True, False], return_dtype=pl.Boolean
    )


def _scanned(content: bytes, *, where: str) -> list[bytes]:
    """Lines, quotes with line ends in them in one piece."""
    scan = LineScan(where=where)
    for block in checked_text([content], where=where):
        scan.feed(block)
    scan.close()
    return list(scan.each())


def _closed(lines: list[bytes], *, like: bytes) -> list[bytes]:
    """Lines of which the last has an end too, the one that others have."""
    if lines and not lines[-1].endswith(b"\n"):
        other = like or lines[0]
        lines[-1] += b"\r\n" if other.endswith(b"\r\n") else b"\n"
    return lines


def _place(target: str, names: list[str], *, where: str) -> int:
    if target not in names:
        message = f"{where}: there is no target column {target!r}{nearest(target, names)}"
        raise SchemaError(message)
    return names.index(target)


def _span(line: bytes, place: int, *, separator: bytes) -> tuple[int, int]:
    """Where a field begins, and where it ends."""
    body = line.rstrip(b"\r\n")
    values = np.frombuffer(body, dtype=np.uint8)
    inside = np.bitwise_xor.accumulate(values == ord('"')) if len(values) else values
    marks = np.flatnonzero((values == separator[0]) & ~inside) if separator else values[:0]
    edges = [-1, *marks.tolist(), len(body)]
    return edges[place] + 1, edges[place + 1]


def _object_with(line: bytes, *, name: str, label: str) -> bytes:
    """A line of JSON with another label, of the type that the old one has."""
    row: dict[str, Any] = json.loads(line)
    old = row.get(name)
    try:
        new: Any = label if isinstance(old, str) or old is None else json.loads(label.lower())
    except ValueError as error:
        message = f"the label {label!r} does not fit {name!r}, which is {old!r} in that row"
        raise InputError(message) from error
    return json.dumps({**row, name: new}, ensure_ascii=False).encode() + b"\n"
