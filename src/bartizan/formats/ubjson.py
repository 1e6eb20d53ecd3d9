"""Universal Binary JSON, as XGBoost writes it: checked before the library sees the bytes.

XGBoost trusts the lengths in such a file; a damaged one ends the process instead of raising.
"""

import struct
from typing import Any

from bartizan.core.errors import InputError

_NUMBERS = {
    b"i": ">b",
    b"U": ">B",
    b"I": ">h",
    b"l": ">i",
    b"L": ">q",
    b"d": ">f",
    b"D": ">d",
}
"""Type markers of numbers and how their bytes are laid out (ubjson.org, draft 12)."""
_CONSTANTS: dict[bytes, Any] = {b"T": True, b"F": False, b"Z": None}
_MAX_DEPTH = 64
"""XGBoost files nest about ten deep."""


class _Reader:
    """A place in the bytes that moves forward and never past the end."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.place = 0

    def take(self, size: int) -> bytes:
        """The next bytes."""
        if size < 0 or size > len(self.raw) - self.place:
            message = (
                f"byte {self.place}: expected {size} more bytes, the file has "
                f"{len(self.raw) - self.place}; it is damaged or cut off"
            )
            raise InputError(message)
        self.place += size
        return self.raw[self.place - size : self.place]

    def peek(self) -> bytes:
        """The next byte, left in place."""
        return self.raw[self.place : self.place + 1]

    def number(self, marker: bytes) -> Any:
        """One number of a marked type."""
        layout = _NUMBERS.get(marker)
        if layout is None:
            message = f"byte {self.place}: expected a number, got type {marker!r}"
            raise InputError(message)
        return _short(struct.unpack(layout, self.take(struct.calcsize(layout))), marker=marker)[0]

    def length(self) -> int:
        """A length: a marked whole number >= 0."""
        size = self.number(self.take(1))
        if not isinstance(size, int) or size < 0:
            message = f"byte {self.place}: expected a length, got {size}"
            raise InputError(message)
        return size

    def text(self) -> str:
        """A length and that many bytes of UTF-8."""
        raw = self.take(self.length())
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            message = f"byte {self.place}: expected UTF-8 text, got {raw[:20]!r}"
            raise InputError(message) from error


def _short(values: tuple[Any, ...], *, marker: bytes) -> list[Any]:
    """Single-precision numbers with the nine digits that they have, all others as they are."""
    return [float(f"{value:.9g}") for value in values] if marker == b"d" else list(values)


def loads(raw: bytes) -> Any:
    """Decode one value and require that nothing follows it.

    Raises:
        InputError: the bytes are damaged; the message names the place.
    """
    reader = _Reader(raw)
    value = _value(reader, marker=reader.take(1), depth=0)
    if reader.place != len(raw):
        message = f"byte {reader.place}: expected the end, got {len(raw) - reader.place} bytes more"
        raise InputError(message)
    return value


def _value(reader: _Reader, *, marker: bytes, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        message = f"byte {reader.place}: nested more than {_MAX_DEPTH} deep"
        raise InputError(message)
    if marker == b"{":
        return _object(reader, depth=depth + 1)
    if marker == b"[":
        return _array(reader, depth=depth + 1)
    if marker in (b"S", b"H"):
        return reader.text()
    if marker in _CONSTANTS:
        return _CONSTANTS[marker]
    return reader.number(marker)


def _object(reader: _Reader, *, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while reader.peek() != b"}":
        key = reader.text()
        if key in found:
            message = f"byte {reader.place}: the key {key[:40]!r} occurs twice"
            raise InputError(message)
        found[key] = _value(reader, marker=reader.take(1), depth=depth)
    reader.take(1)
    return found


def _array(reader: _Reader, *, depth: int) -> list[Any]:
    """An array with a length, with a type and a length, or with an end mark."""
    if reader.peek() == b"$":
        _, marker, hash_mark = reader.take(1), reader.take(1), reader.take(1)
        if hash_mark != b"#" or marker not in _NUMBERS:
            message = f"byte {reader.place}: expected a typed array, got {marker + hash_mark!r}"
            raise InputError(message)
        layout, size = _NUMBERS[marker], reader.length()
        raw = reader.take(size * struct.calcsize(layout))
        return _short(struct.unpack(f">{size}{layout[1]}", raw), marker=marker)
    if reader.peek() == b"#":
        reader.take(1)
        size = reader.length()
        if size > len(reader.raw) - reader.place:
            reader.take(size)
        return [_value(reader, marker=reader.take(1), depth=depth) for _ in range(size)]
    found = []
    while reader.peek() != b"]":
        found.append(_value(reader, marker=reader.take(1), depth=depth))
    reader.take(1)
    return found
