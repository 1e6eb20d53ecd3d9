"""Reads the graph of an ONNX file, without the library: nodes, attributes and tensors.

Nothing is unpacked before it is asked for, so a file costs no more than its list of nodes.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from struct import unpack
from typing import TypeAlias

from bartizan.core.errors import InputError
from bartizan.formats.protobuf import fields, integers

_MAX_NODES = 20_000
"""Large language models have a few thousand."""
_CODES = {1: "f", 2: "B", 3: "b", 4: "H", 5: "h", 6: "i", 7: "q", 9: "B", 10: "H", 11: "d"}
"""Types of tensors that hold numbers (onnx.proto, TensorProto.DataType), and how `array` calls
them; half precision as its bits."""
_NUMBERS = {4: "f", 10: "d"}
_WHOLE = (5, 7, 11)
"""Fields of a tensor in which numbers are listed: with a fraction, and whole."""


@dataclass(frozen=True, kw_only=True)
class OnnxTensor:
    """Numbers of one type."""

    kind: int
    """Type of the numbers (onnx.proto, TensorProto.DataType)."""
    dims: tuple[int, ...]
    content: bytes
    """Little-endian, one after the other, row by row; as many as `dims` says."""


Value: TypeAlias = float | int | bytes | OnnxTensor | list[float] | list[int] | list[bytes]


@dataclass(frozen=True, kw_only=True)
class OnnxNode:
    """One step of a graph."""

    operator: str
    domain: str
    inputs: tuple[str, ...]
    """Names of values; empty where an optional one is left out."""
    outputs: tuple[str, ...]
    raw: tuple[bytes, ...] = ()
    """Its attributes, still packed."""

    def attributes(self) -> dict[str, Value]:
        """Attributes by name.

        Raises:
            InputError: one is damaged, or is a graph, or refers to a function's argument.
        """
        return dict(map(_attribute, self.raw))


@dataclass(frozen=True, kw_only=True)
class OnnxGraph:
    """What a file computes."""

    nodes: tuple[OnnxNode, ...]
    tensors: Mapping[str, bytes]
    """Values that stand in the file, still packed, by name."""
    opsets: Mapping[str, int]
    """Version of each set of operators; "" is ONNX's own."""
    functions: bool
    """Whether the file defines operators of its own."""


def read_graph(raw: bytes) -> OnnxGraph:
    """List the nodes and tensors of a file.

    Raises:
        InputError: it is damaged, or has more nodes than any real model.
    """
    graph = next(parts(raw, number=7), b"")
    packed = list(parts(graph, number=1))
    if len(packed) > _MAX_NODES:
        message = f"expected at most {_MAX_NODES} nodes, got {len(packed)}"
        raise InputError(message)
    return OnnxGraph(
        nodes=tuple(map(read_node, packed)),
        tensors={text(part, number=8): part for part in parts(graph, number=5)},
        opsets={
            _domain(part): next((v for n, v in fields(part) if n == 2 and isinstance(v, int)), 0)
            for part in parts(raw, number=8)
        },
        functions=any(True for _ in parts(raw, number=25)),
    )


def parts(raw: bytes, *, number: int) -> Iterator[bytes]:
    """The messages, or texts, in one field of a message."""
    for found, value in fields(raw):
        if found == number and isinstance(value, bytes):
            yield value


def text(raw: bytes, *, number: int) -> str:
    """The first text in one field; empty if there is none."""
    return next(parts(raw, number=number), b"").decode(errors="replace")


def _domain(raw: bytes, *, number: int = 1) -> str:
    found = text(raw, number=number)
    return "" if found == "ai.onnx" else found


def read_node(raw: bytes) -> OnnxNode:
    """One node."""
    return OnnxNode(
        operator=text(raw, number=4),
        domain=_domain(raw, number=7),
        inputs=tuple(part.decode(errors="replace") for part in parts(raw, number=1)),
        outputs=tuple(part.decode(errors="replace") for part in parts(raw, number=2)),
        raw=tuple(parts(raw, number=5)),
    )


def read_tensor(raw: bytes) -> OnnxTensor:
    """Numbers of one type, as many as the dimensions say.

    Raises:
        InputError: they are more, or fewer, of no known type, or in another file.
    """
    found = list(fields(raw))
    kind = next((value for number, value in found if number == 2), 0)
    dims = tuple(integers(value for number, value in found if number == 1))
    if any(n in (3, 13) or (n == 14 and v != 0) for n, v in found):  # a segment, another file
        message = "expected a tensor inside the file, got one that lies elsewhere"
        raise InputError(message)
    if not isinstance(kind, int) or kind not in _CODES:
        message = f"expected a tensor of numbers, got type {kind!r}"
        raise InputError(message)
    held = b"".join(v for n, v in found if n == 9 and isinstance(v, bytes))
    content = held or _listed(found, code=_CODES[kind])
    wanted = prod(dims) * array(_CODES[kind]).itemsize
    if min(dims, default=0) < 0 or len(content) != wanted:
        message = f"expected {wanted} bytes for a tensor of shape {dims}, got {len(content)}"
        raise InputError(message)
    return OnnxTensor(kind=kind, dims=dims, content=content)


def _listed(found: list[tuple[int, int | bytes]], *, code: str) -> bytes:
    """Numbers that are listed in a field of their own instead of as bytes."""
    listed = b"".join(
        value
        for number, value in found
        if _NUMBERS.get(number) == code and isinstance(value, bytes)
    )
    whole = list(integers(value for number, value in found if number in _WHOLE))
    try:
        return listed or array(code, whole).tobytes()
    except (OverflowError, TypeError) as error:
        message = "expected whole numbers of the tensor's type, got others"
        raise InputError(message) from error


def _attribute(raw: bytes) -> tuple[str, Value]:
    """Name and value of an attribute."""
    name, found = text(raw, number=1), list(fields(raw))
    kind = next((value for number, value in found if number == 20), 0)
    if kind not in _READERS or any(number == 21 for number, _ in found):
        message = f"expected attribute {name!r} to be numbers, text or a tensor"
        raise InputError(message)
    number, read = _READERS[kind]
    return name, read([value for at, value in found if at == number])


Read: TypeAlias = Callable[[list[int | bytes]], Value]


def _singles(found: list[int | bytes]) -> list[float]:
    """Numbers in single precision, one a field or packed."""
    packed = b"".join(value for value in found if isinstance(value, bytes))
    if len(packed) % 4:
        message = f"expected numbers of 4 bytes, got {len(packed)} bytes"
        raise InputError(message)
    return list(unpack(f"<{len(packed) // 4}f", packed))


def _texts(found: list[int | bytes]) -> list[bytes]:
    return [value for value in found if isinstance(value, bytes)]


def _tensor(found: list[int | bytes]) -> OnnxTensor:
    return read_tensor(b"".join(_texts(found)))


_READERS: dict[int | bytes, tuple[int, Read]] = {
    1: (2, lambda found: (_singles(found) or [0.0])[0]),
    2: (3, lambda found: next(integers(iter(found)), 0)),
    3: (4, lambda found: b"".join(_texts(found))),
    4: (5, _tensor),
    6: (7, _singles),
    7: (8, lambda found: list(integers(iter(found)))),
    8: (9, _texts),
}
"""Types of attributes (onnx.proto, AttributeProto.AttributeType): the field that holds the value,
and how it is read. Graphs within nodes are left out."""
