"""Just enough of protocol buffers to see into an ONNX file before a runtime opens it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.core.errors import InputError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types: how a field's content is laid out."""
_MAX_VARINT = 10
"""Bytes of the longest 64-bit number."""
_MAX_DEPTH = 64
"""Graphs within graphs; real models stay below ten."""

_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse",
        23: "sparse",
    },
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Which field of which message holds which message (onnx.proto, IR version 13)."""
_TENSOR_EXTERNAL_DATA = 13
_ATTRIBUTE_NAME, _ATTRIBUTE_INTS, _ATTRIBUTE_STRINGS = 1, 8, 9
_LABELS = (b"classlabels_strings", b"classlabels_int64s", b"classlabels_ints")
"""Attributes in which classifier operators of `ai.onnx.ml` keep their labels."""


@dataclass(frozen=True, kw_only=True)
class OnnxFacts:
    """What a model file says before it is opened."""

    external: bool
    """Whether weights lie in other files, which a session would read from disk."""
    labels: tuple[str | int, ...] | None
    """Class labels of the only classifier in the graph; none if there is none, or several."""


def fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Split one message into (field number, value).

    Raises:
        InputError: the bytes are no such message; cut off, most often.
    """
    place = 0
    while place < len(raw):
        number, value, place = field_at(raw, place)
        yield number, value


def field_at(raw: bytes, place: int) -> tuple[int, int | bytes, int]:
    """The number and value of the field at a place, and the place after it.

    Raises:
        InputError: there is no such field; the message is cut off, most often.
    """
    tag, place = varint(raw, place)
    number, wire = tag >> 3, tag & 7
    if wire == VARINT:
        value, place = varint(raw, place)
        return number, value, place
    if wire not in (BYTES, FIXED64, FIXED32) or not number:
        message = f"expected a protobuf message, got wire type {wire} at byte {place}"
        raise InputError(message)
    size, place = (8 if wire == FIXED64 else 4, place) if wire != BYTES else varint(raw, place)
    if size > len(raw) - place:
        message = (
            f"expected {size} more bytes at byte {place}, the file ends after {len(raw) - place}"
        )
        raise InputError(message)
    return number, raw[place : place + size], place + size


def varint(raw: bytes, place: int) -> tuple[int, int]:
    """A number of 7 bits a byte, and the place after it."""
    value = 0
    for shift in range(_MAX_VARINT):
        if place + shift >= len(raw):
            message = f"the file ends inside a number at byte {place}"
            raise InputError(message)
        byte = raw[place + shift]
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, place + shift + 1
    message = f"a number at byte {place} has no end"
    raise InputError(message)


def is_onnx(raw: bytes) -> bool:
    """Whether these bytes are one whole model: a version, a graph and its operator sets."""
    try:
        found = {number: value for number, value in fields(raw) if number in (1, 7, 8)}
    except InputError:
        return False
    return isinstance(found.get(1), int) and isinstance(found.get(7), bytes) and 8 in found


def inspect_onnx(raw: bytes) -> OnnxFacts:
    """Look for weights outside the file and for class labels.

    Both are searched only where their keyword occurs, so that tree ensembles with millions of
    numbers cost nothing.

    Raises:
        InputError: the file is damaged.
    """
    external = False
    if b"location" in raw:  # the key without which a runtime cannot find the other file
        tensors = _messages(raw, kind="model", wanted="tensor", keyword=b"location")
        external = any(
            number == _TENSOR_EXTERNAL_DATA for tensor in tensors for number, _ in fields(tensor)
        )
    labels = [
        _labels(attribute)
        for attribute in _messages(raw, kind="model", wanted="attribute", keyword=b"classlabels_")
    ]
    distinct = {found for found in labels if found}
    return OnnxFacts(external=external, labels=distinct.pop() if len(distinct) == 1 else None)


def _messages(
    raw: bytes, *, kind: str, wanted: str, keyword: bytes, depth: int = 0
) -> Iterator[bytes]:
    """All messages of one kind that contain the keyword."""
    if depth > _MAX_DEPTH:
        message = f"graphs are nested more than {_MAX_DEPTH} deep; such a file is not opened"
        raise InputError(message)
    if keyword not in raw:
        return
    if kind == wanted:
        yield raw
    children = _CHILDREN.get(kind, {})
    if kind == "attribute" and wanted == "attribute" and raw.startswith(b"\x0a", 0, 1):
        children = {6: "graph", 11: "graph"}
    for number, value in fields(raw):
        if number in children and isinstance(value, bytes):
            yield from _messages(
                value, kind=children[number], wanted=wanted, keyword=keyword, depth=depth + 1
            )


def _labels(attribute: bytes) -> tuple[str | int, ...]:
    """The labels in one attribute; empty if it holds something else."""
    parts = list(fields(attribute))
    if not any(number == _ATTRIBUTE_NAME and value in _LABELS for number, value in parts):
        return ()
    texts = [
        v.decode(errors="replace")
        for n, v in parts
        if n == _ATTRIBUTE_STRINGS and isinstance(v, bytes)
    ]
    return tuple(texts) or tuple(integers(v for n, v in parts if n == _ATTRIBUTE_INTS))


def integers(values: Iterator[int | bytes]) -> Iterator[int]:
    """Signed 64-bit numbers, one a field or packed into one."""
    for value in values:
        place = 0
        if isinstance(value, int):
            yield value - (1 << 64) if value >> 63 else value
            continue
        while place < len(value):
            number, place = varint(value, place)
            yield number - (1 << 64) if number >> 63 else number
