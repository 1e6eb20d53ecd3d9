"""Finds the tree ensemble in an ONNX file and reads its attributes, without the library."""

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, cast

from bartizan.core.errors import InputError
from bartizan.formats.onnx_graph import OnnxNode, parts, read_node, text
from bartizan.formats.protobuf import field_at, fields, integers

Value: TypeAlias = bytes | int | list[int] | list[float] | list[bytes]

_TREES = ("TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble")
_INTS = re.compile(rb"(?:\x40[\x80-\xff]{0,9}[\x00-\x7f])+")
"""Whole numbers of an attribute, one a field (number 8): tag and seven bits a byte. Scanning
them as one run is some twenty times faster than field by field."""
_INT = re.compile(rb"\x40([\x80-\xff]{0,9}[\x00-\x7f])")
_FLOATS = re.compile(rb"(?:\x3d[\s\S]{4})+")
"""Single-precision numbers, one a field (number 7)."""
_FLOAT, _DOUBLE = 1, 11
"""Types of tensors (onnx.proto, TensorProto.DataType)."""
_CASTS = ("Cast", "Identity")


@dataclass(frozen=True, kw_only=True)
class OnnxTrees:
    """The only tree ensemble of a graph."""

    operator: str
    attributes: Mapping[str, Value]
    direct: bool
    """Whether its input is the graph's, at most in another precision."""
    single: bool
    """Whether its input was cast to single precision on the way."""
    operators: frozenset[str]
    """All operators of the graph."""


def find_trees(raw: bytes) -> OnnxTrees | None:
    """Look for a tree ensemble; none if there is none, or several.

    Raises:
        InputError: the file is damaged.
    """
    if b"TreeEnsemble" not in raw:
        return None
    graph = next((part for part in parts(raw, number=7)), b"")
    nodes = [read_node(part) for part in parts(graph, number=1)]
    found = [node for node in nodes if node.operator in _TREES]
    if len(found) != 1 or not found[0].inputs:
        return None
    entries = {text(part, number=1) for part in parts(graph, number=11)}
    path = _path(found[0].inputs[0], nodes)
    casts = [_target(node) for node in path[1:] if isinstance(node, OnnxNode)]
    return OnnxTrees(
        operator=found[0].operator,
        attributes=dict(map(_attribute, found[0].raw)),
        direct=path[0] in entries and all(kind in (0, _FLOAT) for kind in casts),
        single=_FLOAT in casts,
        operators=frozenset(node.operator for node in nodes),
    )


def _path(name: str, nodes: list[OnnxNode]) -> list[str | OnnxNode]:
    """The value from which a name comes through casts alone, then these casts."""
    makers = {output: node for node in nodes for output in node.outputs}
    casts: list[str | OnnxNode] = []
    while name in makers and makers[name].operator in _CASTS and len(casts) < len(nodes):
        casts.append(makers[name])
        name = makers[name].inputs[0]
    return [name, *casts]


def _target(node: OnnxNode) -> int:
    """The type that a node casts to; 0 = none."""
    found = dict(map(_attribute, node.raw)).get("to", 0)
    return found if isinstance(found, int) else 0


def _attribute(raw: bytes) -> tuple[str, Value]:
    """Name and value of an attribute: a number, a text, or a list of either."""
    name: Value = b""
    found: Value = []
    lists: dict[int, list[int | float | bytes]] = {7: [], 8: [], 9: []}
    for number, value in _pieces(raw):
        if number == 1:
            name = value
        elif number in (3, 4):
            found = value
        elif number == 5 and isinstance(value, bytes):
            found = _tensor(value)
        elif number in lists and isinstance(value, list):
            lists[number].extend(value)
    listed = next((part for part in lists.values() if part), [])
    title = name.decode(errors="replace") if isinstance(name, bytes) else ""
    return title, cast("Value", listed) if listed else found


def _pieces(raw: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of an attribute; those of a list together, as far as they stand in a row."""
    place = 0
    while place < len(raw):
        whole = raw[place] == 0x40
        run = (_INTS if whole else _FLOATS).match(raw, place)
        if run is not None:
            place, found = run.end(), run.group()
            yield (8, list(map(_whole, _INT.findall(found)))) if whole else (7, _singles(found))
            continue
        number, value, place = field_at(raw, place)
        if number == 7 and isinstance(value, bytes):
            yield number, _numbers(value, kind="f")
        elif number == 8:
            yield number, list(integers(iter([value])))
        elif number == 9 and isinstance(value, bytes):
            yield number, [value]
        else:
            yield number, value


@cache
def _whole(digits: bytes) -> int:
    """One number of seven bits a byte."""
    return next(integers(iter([digits])))


def _singles(run: bytes) -> list[float]:
    """Numbers behind a tag each."""
    packed = bytearray(run)
    del packed[::5]
    return _numbers(bytes(packed), kind="f")


def _numbers(raw: bytes, *, kind: str) -> list[float]:
    found: array[float] = array(kind)
    if len(raw) % found.itemsize:
        message = f"expected numbers of {found.itemsize} bytes, got {len(raw)} bytes"
        raise InputError(message)
    found.frombytes(raw)  # files are little-endian, and so is every machine this runs on
    return found.tolist()


def _tensor(raw: bytes) -> list[float]:
    """A tensor of numbers in single or double precision, as one list."""
    kind = next((value for number, value in fields(raw) if number == 2), 0)
    if kind not in (_FLOAT, _DOUBLE):
        message = f"expected a tensor of numbers with a fraction, got type {kind!r}"
        raise InputError(message)
    single = kind == _FLOAT
    places = (9, 4 if single else 10)
    found = [v for n, v in fields(raw) if n in places and isinstance(v, bytes)]
    return _numbers(b"".join(found), kind="f" if single else "d")
