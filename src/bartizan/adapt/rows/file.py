"""Rows of a file as they are spelled: some of them taken out, put back, or given another label.

What stays is the same to the byte in text, and to the cell elsewhere, because nothing is read into
types and written again.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, Self

from bartizan.adapt.files.whole import LIMIT_BYTES, read_file, unpacked
from bartizan.adapt.rows.form import RowForm
from bartizan.adapt.tables.reading import form_of
from bartizan.core.arrays import Ints
from bartizan.core.errors import InputError

__all__ = ("RowFile", "RowForm", "raw_rows", "read_rows", "rows_of")


class RowFile(Protocol):
    """A file of labelled rows."""

    @property
    def form(self) -> RowForm:
        """What kind of file it is."""
        ...

    @property
    def rows(self) -> int:
        """How many rows it has."""
        ...

    def spelled(self) -> list[bytes]:
        """What each row holds; equal rows of one file, and no others, have equal bytes."""
        ...

    def take(self, rows: Ints) -> Self:
        """Some rows only, in the order given; what belongs to no row stays."""
        ...

    def joined(self, other: Self) -> Self:
        """These rows, and then those of a file of the same form and columns."""
        ...

    def relabelled(self, labels: Mapping[int, str]) -> Self:
        """Other labels.

        Args:
            labels: By position of a row.

        Raises:
            InputError: a label does not fit the type of the column.
        """
        ...

    def content(self) -> bytes:
        """The file."""
        ...


def read_rows(
    path: Path, *, target: str, has_header: bool = True, limit_bytes: int = LIMIT_BYTES
) -> RowFile:
    """Read a file by its content.

    Args:
        path: CSV, TSV, NDJSON or Parquet, plain or in gzip, or .npz.
        target: The column, or the array, of labels.
        has_header: Whether the first line of a text table names the columns.
        limit_bytes: Largest file, packed and unpacked.

    Raises:
        InputError: it cannot be read, or is no such file: a folder of pictures, say.
    """
    raw = raw_rows(path, limit_bytes=limit_bytes)
    return rows_of(
        raw, where=str(path), target=target, has_header=has_header, limit_bytes=limit_bytes
    )


def raw_rows(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The bytes of a file of rows, for who needs their digest beside `rows_of` them.

    Raises:
        InputError: it cannot be read, or is a folder.
    """
    if path.is_dir():
        message = (
            f"{path} is a folder; rows are taken out of one file of rows. Save the pictures with "
            "their labels as an .npz file, or move the files of the rows by hand"
        )
        raise InputError(message)
    return read_file(path, limit_bytes=limit_bytes)


def rows_of(
    raw: bytes,
    *,
    where: str,
    target: str,
    has_header: bool = True,
    limit_bytes: int = LIMIT_BYTES,
) -> RowFile:
    """Tell the rows of a file apart; see `read_rows`.

    Args:
        raw: The file.
        where: Its name, for messages.
        target: The column, or the array, of labels.
        has_header: Whether the first line of a text table names the columns.
        limit_bytes: Largest content, unpacked.

    Raises:
        InputError: it is no such file.
    """
    from bartizan.adapt.rows.array_file import ArrayRows  # noqa: PLC0415 (only the one that is used)
    from bartizan.adapt.rows.text_file import ParquetRows, TextRows  # noqa: PLC0415 (the same)

    if ArrayRows.is_one(raw):
        return ArrayRows.of(raw, where=where, target=target)
    content = unpacked(raw, where=where, limit_bytes=limit_bytes)
    form = form_of(content, where=where)
    packed = len(content) != len(raw) or content != raw
    if form == "parquet":
        return ParquetRows.of(io.BytesIO(content), where=where, target=target)
    return TextRows.of(
        content, form=form, where=where, target=target, has_header=has_header, packed=packed
    )
