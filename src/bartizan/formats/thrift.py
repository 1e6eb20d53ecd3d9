"""Just enough of Thrift's compact protocol to see into a Parquet file before a reader opens it."""

from collections.abc import Callable
from typing import Any, TypeAlias

from bartizan.core.errors import InputError

Fields: TypeAlias = dict[int, Any]
"""Values of a structure by field number: int, bool, bytes, list or Fields."""
_MAX_VARINT = 10
"""Bytes of the longest 64-bit number."""
_MAX_DEPTH = 16
"""Structures within structures; Parquet's own stay below eight."""
_TRUE, _FALSE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 8, 9, 10, 11, 12
_INTS = (4, 5, 6)
_WIDTHS = {1: 1, 2: 1, 3: 1, 7: 8, 13: 16}
"""Bytes of truth values in lists, bytes, floats and UUIDs, which Parquet's own structures never use
where it matters: they are skipped."""
_LONG = 15
"""A list's size in its first byte that says that the size comes after it."""


def read_struct(raw: bytes, place: int = 0) -> tuple[Fields, int]:
    """Read one structure.

    Args:
        raw: Bytes that hold it.
        place: Where it begins.

    Returns:
        Its fields, and the place after it.

    Raises:
        InputError: there is none; the bytes are cut off, most often.

    Source:
        Apache Thrift, doc/specs/thrift-compact-protocol.md.
    """
    try:
        return _struct(raw, place, depth=0)
    except IndexError as error:
        message = f"a Thrift structure at byte {place} is cut off"
        raise InputError(message) from error


def _struct(raw: bytes, place: int, *, depth: int) -> tuple[Fields, int]:
    if depth > _MAX_DEPTH:
        message = f"Thrift structures are nested more than {_MAX_DEPTH} deep at byte {place}"
        raise InputError(message)
    found: Fields = {}
    number = 0
    while head := raw[place]:
        kind, step = head & 15, head >> 4
        place += 1
        if step:
            number += step
        else:
            number, place = _zigzag(raw, place)
        if kind in (_TRUE, _FALSE):
            found[number] = kind == _TRUE
        else:
            found[number], place = _value(raw, place, kind=kind, depth=depth)
    return found, place + 1


def _value(raw: bytes, place: int, *, kind: int, depth: int) -> tuple[Any, int]:
    if kind in _INTS:
        return _zigzag(raw, place)
    if kind == _STRUCT:
        return _struct(raw, place, depth=depth + 1)
    if kind == _BINARY:
        size, place = _varint(raw, place)
        return _bytes(raw, place, size)
    if kind in _COLLECTIONS:
        return _COLLECTIONS[kind](raw, place, depth + 1)
    if kind not in _WIDTHS:
        message = f"Thrift knows no type {kind}, which stands at byte {place}"
        raise InputError(message)
    return _bytes(raw, place, _WIDTHS[kind])


def _list(raw: bytes, place: int, depth: int) -> tuple[list[Any], int]:
    size, kind = raw[place] >> 4, raw[place] & 15
    place += 1
    if size == _LONG:
        size, place = _varint(raw, place)
    made: list[Any] = []
    for _ in range(_possible(raw, place, size)):
        value, place = _value(raw, place, kind=kind, depth=depth)
        made.append(value)
    return made, place


def _map(raw: bytes, place: int, depth: int) -> tuple[list[Any], int]:
    """Keys and values in turn; no map of Parquet is looked at."""
    size, place = _varint(raw, place)
    made: list[Any] = []
    if not size:
        return made, place
    kinds = raw[place] >> 4, raw[place] & 15
    place += 1
    for _ in range(_possible(raw, place, size)):
        for kind in kinds:
            value, place = _value(raw, place, kind=kind, depth=depth)
            made.append(value)
    return made, place


_COLLECTIONS: dict[int, Callable[[bytes, int, int], tuple[list[Any], int]]] = {
    _LIST: _list,
    _SET: _list,
    _MAP: _map,
}


def _possible(raw: bytes, place: int, size: int) -> int:
    """A number of elements, each of which takes a byte at least."""
    if size > len(raw) - place:
        message = f"a Thrift list at byte {place} is said to have {size} elements: it is cut off"
        raise InputError(message)
    return size


def _bytes(raw: bytes, place: int, size: int) -> tuple[bytes, int]:
    return raw[place : place + _possible(raw, place, size)], place + size


def _zigzag(raw: bytes, place: int) -> tuple[int, int]:
    value, place = _varint(raw, place)
    return (value >> 1) ^ -(value & 1), place


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = raw[place]
    if value < 128:  # most are one byte
        return value, place + 1
    value &= 127
    for shift in range(1, _MAX_VARINT):
        byte = raw[place + shift]
        value |= (byte & 127) << 7 * shift
        if byte < 128:
            return value, place + shift + 1
    message = f"a Thrift number at byte {place} is longer than 64 bits"
    raise InputError(message)
