"""What a file of NumPy says of the array in it."""

import re
from dataclasses import dataclass
from math import prod

from bartizan.core.errors import InputError
from bartizan.formats.content import Stream
from bartizan.formats.literal import Literal, read_literal

MAGIC = b"\x93NUMPY"
_HEADER_BYTES = 64 << 10
"""Longest header that is read: a table of some thousand columns."""
_TYPE = re.compile(r"[<>=|]?([?biufcmMOSUVaBhHlLqQefdgFDGpP])(\d{0,9})(\[[0-9a-zA-Z/ ]{1,20}\])?")
_WIDTHS = {"U": 4}
_FIXED = {
    "?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "e": 2, "f": 4, "d": 8, "F": 8, "D": 16,
    "m": 8, "M": 8, "q": 8, "Q": 8, "l": 8, "L": 8, "p": 8, "P": 8,
}  # fmt: skip
_LARGE = 1 << 62
"""More bytes than any array has; NumPy refuses more numbers than 63 bits count."""


@dataclass(frozen=True, kw_only=True)
class NpyHeader:
    """The header of one array."""

    size_bytes: int
    """Of the header, from the magic number to the first byte of the array."""
    shape: tuple[int, ...]
    item_bytes: int
    """Of one element; 0 where `objects`, or where the type is not understood."""
    objects: bool
    """Whether its elements are objects of Python, so that a pickle follows."""
    known: bool
    """Whether the type of the elements is understood."""

    @property
    def array_bytes(self) -> int:
        """Of all elements."""
        return min(prod(self.shape) * self.item_bytes, _LARGE)


def npy_header(stream: Stream) -> NpyHeader:
    """Read the header of an array; nothing is allocated that it claims.

    Args:
        stream: From the magic number.

    Raises:
        InputError: it is none, or too long, or not what NumPy writes.

    Source:
        NumPy 2.4, numpy.lib.format, versions 1.0 to 3.0 of the format.
    """
    lead = stream.read(8)
    version = lead[6:8]
    if lead[:6] != MAGIC or version not in {b"\1\0", b"\2\0", b"\3\0"}:
        message = "expected an array of NumPy of version 1 to 3"
        raise InputError(message)
    width = 2 if version == b"\1\0" else 4
    length = int.from_bytes(stream.read(width), "little")
    if length > _HEADER_BYTES:
        message = f"the header of an array has {length:,} bytes, more than {_HEADER_BYTES:,}"
        raise InputError(message)
    raw = stream.read(length)
    if len(raw) < length:
        message = "the header of an array is cut off"
        raise InputError(message)
    fields = read_literal(raw.decode("utf-8" if version == b"\3\0" else "latin-1", "replace"))
    return _header(fields, size_bytes=8 + width + length)


def _header(fields: Literal, *, size_bytes: int) -> NpyHeader:
    names = {"descr", "fortran_order", "shape"}
    if not isinstance(fields, dict) or set(fields) != names:
        message = "the header of an array has other keys than NumPy writes"
        raise InputError(message)
    shape = fields["shape"]
    lengths = tuple(n for n in shape if _is_length(n)) if isinstance(shape, tuple) else ()
    if not isinstance(shape, tuple) or len(lengths) != len(shape):
        message = "the shape in the header of an array is none"
        raise InputError(message)
    item_bytes, objects, known = _type(fields["descr"])
    return NpyHeader(
        size_bytes=size_bytes,
        shape=tuple(int(n) for n in lengths if isinstance(n, int)),
        item_bytes=0 if objects or not known else item_bytes,
        objects=objects,
        known=known,
    )


def _is_length(value: Literal) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _type(descr: Literal) -> tuple[int, bool, bool]:
    """Bytes of an element, whether it is or holds an object, and whether that is certain."""
    if isinstance(descr, str):
        return _plain_type(descr)
    if isinstance(descr, tuple) and len(descr) == 2:
        size, objects, known = _type(descr[0])
        shape = descr[1] if isinstance(descr[1], tuple) else (descr[1],)
        count = prod(n if isinstance(n, int) and n >= 0 else 0 for n in shape)
        return size * count, objects, known and all(_is_length(n) for n in shape)
    if isinstance(descr, list):
        parts = [_field(field) for field in descr]
        return (
            sum(size for size, _, _ in parts),
            any(objects for _, objects, _ in parts),
            all(known for _, _, known in parts),
        )
    return 0, False, False


def _field(field: Literal) -> tuple[int, bool, bool]:
    """``(name, type)`` or ``(name, type, shape)``."""
    if not isinstance(field, tuple) or len(field) not in {2, 3}:
        return 0, False, False
    return _type(field[1]) if len(field) == 2 else _type((field[1], field[2]))


def _plain_type(descr: str) -> tuple[int, bool, bool]:
    """A type such as ``<f8``. Whatever else NumPy takes may mean objects."""
    match = _TYPE.fullmatch(descr)
    if match is None:
        return 0, "O" in descr or "object" in descr, False
    kind, digits, _ = match.groups()
    if kind == "O":
        return 0, True, True
    if not digits:
        size = _FIXED.get(kind, 0)
        return size, False, bool(size) or kind in "SUVa"
    return int(digits) * _WIDTHS.get(kind, 1), False, True
