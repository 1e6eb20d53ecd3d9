"""Canonical rows back to values, to show one to somebody."""

import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from bartizan.adapt.rows.canonical import CELL_BYTES, NULL, TAGS, TEXT, UNFIT
from bartizan.adapt.rows.layout import RowColumn, RowLayout, composed
from bartizan.core.errors import InputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAN = struct.pack(">d", math.nan)


@dataclass(frozen=True)
class Stray:
    """A value that does not fit its column."""

    text: str
    """As the source spells it."""


Value: TypeAlias = float | int | str | datetime | Stray | None


def decode_row(raw: bytes, *, layout: RowLayout) -> dict[str, Value]:
    """The values of one canonical row.

    Bytes that `canonical_rows` would not have written are refused, so that nobody can show two
    different rows for one hash, or two hashes for one row.

    Args:
        raw: The row.
        layout: Its columns.

    Returns:
        By column, in the order of the layout.

    Raises:
        InputError: it is no row of this layout.
    """
    width = CELL_BYTES * len(layout.fixed)
    found: dict[str, Value] = {}
    strays: list[str] = []
    for place, column in enumerate(layout.fixed):
        cell = raw[place * CELL_BYTES : (place + 1) * CELL_BYTES]
        if len(cell) < CELL_BYTES:
            raise InputError(_wrong(column, "is cut off"))
        found[column.name] = None
        if cell[0] == UNFIT and not any(cell[1:]):
            strays.append(column.name)
        else:
            found[column.name] = _fixed(cell, column=column)
    rest = raw[width:]
    for column in layout.texts:
        if not rest or rest[0] not in (NULL, TEXT):
            raise InputError(_wrong(column, "is cut off or of another type"))
        found[column.name], rest = (
            _text(rest[1:], column=column.name) if rest[0] == TEXT else (None, rest[1:])
        )
    for name in strays:
        text, rest = _text(rest, column=name)
        found[name] = Stray(text)
    if rest:
        message = f"the row ends {len(rest)} bytes too late: it is not of this layout"
        raise InputError(message)
    return found


def _fixed(cell: bytes, *, column: RowColumn) -> Value:
    """A cell of nine bytes."""
    if cell[0] == NULL and not any(cell[1:]):
        return None
    if cell[0] != TAGS[column.type]:
        raise InputError(_wrong(column, "has the tag of another type"))
    if column.type == "number":
        (number,) = struct.unpack(">d", cell[1:])
        if (number == 0 and any(cell[1:])) or (math.isnan(number) and cell[1:] != _NAN):
            raise InputError(_wrong(column, "is a zero with a sign or a NaN of another form"))
        return float(number)
    whole = int.from_bytes(cell[1:], "big", signed=True)
    if column.type == "integer":
        return whole
    try:
        return _EPOCH + timedelta(microseconds=whole)
    except OverflowError as error:
        raise InputError(_wrong(column, "is beyond the years 1 to 9999")) from error


def _text(raw: bytes, *, column: str) -> tuple[str, bytes]:
    """A text, and what comes after it."""
    size = int.from_bytes(raw[:4], "big")
    body = raw[4 : 4 + size]
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        message = f"column {column!r} is not UTF-8: the row is not of this layout"
        raise InputError(message) from error
    if len(raw) < 4 or len(body) < size or composed(text) != text:
        message = f"column {column!r} is cut off or not in Unicode's composed form"
        raise InputError(message)
    return text, raw[4 + size :]


def _wrong(column: RowColumn, what: str) -> str:
    return f"column {column.name!r} ({column.type}) {what}: the row is not of this layout"
