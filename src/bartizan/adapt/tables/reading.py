"""Reads tables: files by their content, and the frames of other libraries."""

import hashlib
import io
import json
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import polars as pl

from bartizan.adapt.files.whole import LIMIT_BYTES, read_file, unpacked
from bartizan.adapt.tables import cells, frames
from bartizan.adapt.tables.delimited import read_delimited
from bartizan.core.errors import InputError, SchemaError
from bartizan.core.record import digest

_SUFFIXES = {".csv", ".tsv", ".txt", ".data", ".gz", ".parquet", ".jsonl", ".ndjson"}
"""Left out of a data set's name."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table as read, before anything is known about its columns."""

    frame: pl.DataFrame
    name: str
    digest: str
    """`sha256:` of the file's bytes, or of a frame's names, types and values."""
    container: frames.Container
    """What the table was: models given as functions get the same."""
    notes: tuple[str, ...]


def read_table(
    source: Any,
    *,
    target: str | None = None,
    name: str | None = None,
    has_header: bool = True,
    limit_bytes: int = LIMIT_BYTES,
) -> Source:
    """Read a table.

    Args:
        source: Path of a CSV, TSV, NDJSON or Parquet file, plain or in gzip; or a frame of
            polars, pandas or pyarrow.
        target: The column of labels, whose spelling is kept.
        name: What to call the table; the file's name unless said.
        has_header: Whether a text table's first line names the columns.
        limit_bytes: Largest file, packed and unpacked.

    Raises:
        InputError: the file cannot be read.
        SchemaError: the columns cannot be used.
    """
    if isinstance(source, str | PathLike):
        read = _read_path(
            Path(source), target=target, has_header=has_header, limit_bytes=limit_bytes
        )
    else:
        frame, notes, container = frames.to_polars(source)
        frame, more = cells.plain(frame)
        read = Source(
            frame=frame,
            name="data",
            digest=frame_digest(frame),
            container=container,
            notes=(*notes, *more),
        )
    if not read.frame.width or not read.frame.height:
        size = f"{read.frame.height} rows, {read.frame.width} columns"
        message = f"{name or read.name}: the table is empty ({size})"
        raise SchemaError(message)
    return replace(read, name=name or read.name)


def _read_path(path: Path, *, target: str | None, has_header: bool, limit_bytes: int) -> Source:
    raw = read_file(path, limit_bytes=limit_bytes)
    content = unpacked(raw, where=str(path), limit_bytes=limit_bytes)
    frame, notes = _parse(content, where=str(path), has_header=has_header, target=target)
    frame, more = cells.plain(frame)
    return Source(
        frame=frame,
        name=stem(path),
        digest=digest(raw),
        container="polars",
        notes=(*notes, *more),
    )


def stem(path: Path) -> str:
    """A data set's name: that of its file without the suffixes of tables."""
    while path.suffix.lower() in _SUFFIXES and path.stem:
        path = path.with_suffix("")
    return path.name


def _parse(
    raw: bytes, *, where: str, has_header: bool, target: str | None
) -> tuple[pl.DataFrame, list[str]]:
    """Read bytes as what they are."""
    form = form_of(raw, where=where)
    if form == "parquet":
        return _parquet(raw, where=where), []
    if form == "ndjson":
        return _lines(raw, where=where)
    text, notes = read_delimited(raw, where=where, has_header=has_header)
    frame, more = cells.typed(text, spelled=target)
    return frame, notes + more


def form_of(head: bytes, *, where: str) -> Literal["parquet", "ndjson", "delimited"]:
    """What a file's first bytes, unpacked, say that it is.

    Raises:
        InputError: it is called Parquet and is not.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "ndjson"
    if where.lower().removesuffix(".gz").endswith(".parquet"):
        message = f"{where} is not a Parquet file, or its beginning is lost; fetch it again"
        raise InputError(message)
    return "delimited"


def _parquet(raw: bytes, *, where: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(raw))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        message = f"{where}: the Parquet file is damaged or cut off ({error}); fetch it again"
        raise InputError(message) from error


def _lines(raw: bytes, *, where: str) -> tuple[pl.DataFrame, list[str]]:
    """One JSON object a line; a key that a line does not have is missing there."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            message = f"{where}, line {number}: not JSON ({error}); is the file cut off?"
            raise InputError(message) from error
        if not isinstance(row, dict):
            message = f"{where}, line {number}: expected one JSON object, got {str(row)[:40]}"
            raise InputError(message)
        rows.append(row)
    names = list(dict.fromkeys(name for row in rows for name in row))
    made = [cells.from_values(name, [row.get(name) for row in rows]) for name in names]
    return pl.DataFrame([column for column, _ in made]), [note for _, note in made if note]


def frame_digest(frame: pl.DataFrame) -> str:
    """SHA-256 of names, types and values: the same for equal frames, whatever library."""
    total = hashlib.sha256()
    for column in frame.iter_columns():
        total.update(f"{column.name}\x1f{column.dtype}\x1f{len(column)}\x1e".encode())
        total.update(column.is_null().to_numpy().tobytes())
        if column.dtype.is_numeric() or column.dtype.is_temporal():
            total.update(column.to_physical().fill_null(0).to_numpy().tobytes())
            continue
        texts = column.cast(pl.String).fill_null("")
        total.update(texts.str.len_bytes().to_numpy().tobytes())
        total.update("".join(texts.to_list()).encode())
    return "sha256:" + total.hexdigest()
