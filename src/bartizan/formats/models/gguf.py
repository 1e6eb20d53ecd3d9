"""What a GGUF file says of itself: its values are walked, its tensors are only located."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.cursor import Cursor

MAGICS = (b"GGUF", b"FUGG")
"""Little-endian; and big-endian, which is told and not read."""
_VERSIONS = (2, 3)
"""Version 1 counted in 32 bits and is refused by today's readers."""
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value of each plain type (gguf.md, gguf_metadata_value_type)."""
_MAX_VALUES = 1 << 16
"""Real files have fewer than a hundred values. The readers' own limit is far above."""
_MAX_TENSORS = 1 << 20
"""The largest models have some thousands."""
_MAX_NAME_BYTES = 65_535
"""The longest key that the description allows."""
_MAX_TEMPLATE_BYTES = 1 << 20
"""Templates of chats have some kilobytes."""
_MAX_DIMS = 4
_MAX_INT = (1 << 63) - 1
_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    30: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    29: (256, 56),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}
"""Numbers in a block and bytes of a block, of each type of tensor (ggml.h, ggml_type)."""
_ALIGNMENT_KEY = "general.alignment"
_ALIGNMENT = 32
_COST = 5
"""Instructions of a pickle that a text takes as long as."""


@dataclass(frozen=True, kw_only=True)
class Gguf:
    """What the file says."""

    version: int
    values: int
    tensors: int
    templates: tuple[tuple[str, str], ...]
    """Key and text of every template that a reader may run."""
    faults: tuple[str, ...]
    """What cannot be true of the tensors."""
    unknown_types: tuple[int, ...]
    """Types of tensors whose size nobody knows here."""
    end: int
    """Offset after the last tensor, or after the header if there are none."""


@dataclass(frozen=True, kw_only=True)
class _Tensor:
    name: str
    kind: int
    dims: tuple[int, ...]
    offset: int


def read_gguf(window: Window, *, budget: Budget) -> Gguf:
    """Walk a file.

    Args:
        window: The whole file.
        budget: What the walk may cost.

    Raises:
        InputError: it is no such file, damaged or cut off, or a count cannot be true.
        LimitError: it costs too much.

    Source: docs/gguf.md of the ggml repository, versions 2 and 3.
    """
    cursor = Cursor(window)
    magic, version = cursor.take(4), cursor.number("<I")
    if magic != MAGICS[0] or version not in _VERSIONS:
        message = f"expected GGUF of version 2 or 3 in little-endian, got {magic!r}, {version}"
        raise InputError(message)
    tensors, values = cursor.number("<Q"), cursor.number("<Q")
    if tensors > _MAX_TENSORS or values > _MAX_VALUES:
        message = f"expected some thousand tensors and values, it says {tensors:,} and {values:,}"
        raise InputError(message)
    templates, alignment = _values(cursor, count=values, budget=budget)
    infos = _tensors(cursor, count=tensors, budget=budget)
    begin = -(-cursor.position // alignment) * alignment
    room = max(window.size - begin, 0)
    faults = tuple(_faults(infos, room=room, alignment=alignment))
    ends = [begin + info.offset + _bytes_of(info) for info in infos]
    return Gguf(
        version=version,
        values=values,
        tensors=tensors,
        templates=templates,
        faults=faults[:100],
        unknown_types=tuple(sorted({info.kind for info in infos} - set(_BLOCKS))),
        end=max(ends, default=cursor.position),
    )


def _values(
    cursor: Cursor, *, count: int, budget: Budget
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Pass over all values. Returns: templates, and how tensors are aligned."""
    templates: list[tuple[str, str]] = []
    seen: set[str] = set()
    alignment = _ALIGNMENT
    for _ in range(count):
        budget.spend("opcodes", 1)
        key, kind = _text(cursor, limit=_MAX_NAME_BYTES), cursor.number("<I")
        if key in seen:
            message = f"the key {key[:60]!r} stands twice"
            raise InputError(message)
        seen.add(key)
        if kind == _STRING and _is_template(key):
            templates.append((key, _text(cursor, limit=_MAX_TEMPLATE_BYTES)))
        elif kind == _ARRAY and _is_template(key):
            templates += [(key, text) for text in _texts(cursor, budget=budget)]
        elif key == _ALIGNMENT_KEY:
            alignment = _aligned(cursor, kind=kind)
        else:
            _pass_over(cursor, kind=kind, budget=budget)
    return tuple(templates), alignment


def _is_template(key: str) -> bool:
    """Models may bring several: ``tokenizer.chat_template.tool_use``."""
    return "template" in key.lower()


def _aligned(cursor: Cursor, *, kind: int) -> int:
    alignment = cursor.number("<I") if kind == 4 else 0
    if alignment < 8 or alignment % 8 or alignment > 1 << 20:
        message = f"expected an alignment that is a multiple of 8, got {alignment}"
        raise InputError(message)
    return alignment


def _text(cursor: Cursor, *, limit: int) -> str:
    """A text; bytes that are no UTF-8 are replaced, as readers do."""
    return cursor.take(cursor.number("<Q"), limit=limit).decode(errors="replace")


def _texts(cursor: Cursor, *, budget: Budget) -> Iterator[str]:
    """The texts of a list of texts; other lists are passed over."""
    kind, count = cursor.number("<I"), cursor.number("<Q")
    if kind != _STRING:
        _pass_list(cursor, kind=kind, count=count, budget=budget)
        return
    cursor.require(8 * min(count, _MAX_INT))
    for _ in range(count):
        budget.spend("opcodes", _COST)
        yield _text(cursor, limit=_MAX_TEMPLATE_BYTES)


def _pass_over(cursor: Cursor, *, kind: int, budget: Budget) -> None:
    if kind == _ARRAY:
        inner, count = cursor.number("<I"), cursor.number("<Q")
        _pass_list(cursor, kind=inner, count=count, budget=budget)
    else:
        _pass_list(cursor, kind=kind, count=1, budget=budget)


def _pass_list(cursor: Cursor, *, kind: int, count: int, budget: Budget) -> None:
    """Pass over values of one type; lists of lists are not read by any reader either."""
    if kind in _SIZES:
        cursor.skip(_SIZES[kind] * count)
        return
    if kind != _STRING:
        message = f"byte {cursor.position}: expected a type of value, got {kind}"
        raise InputError(message)
    cursor.require(8 * count)
    budget.spend("opcodes", _COST * count)
    for _ in range(count):
        cursor.skip(cursor.number("<Q"))


def _tensors(cursor: Cursor, *, count: int, budget: Budget) -> list[_Tensor]:
    cursor.require(24 * count)  # a name's length, dimensions, type and offset take that much
    budget.spend("opcodes", 4 * _COST * count)
    found = []
    for _ in range(count):
        name, dims = _text(cursor, limit=_MAX_NAME_BYTES), cursor.number("<I")
        if dims > _MAX_DIMS:
            message = f"tensor {name[:60]!r}: expected at most {_MAX_DIMS} dimensions, got {dims}"
            raise InputError(message)
        shape = cursor.unpack(f"<{dims}Q")
        kind, offset = cursor.number("<I"), cursor.number("<Q")
        found.append(_Tensor(name=name[:80], kind=kind, dims=shape, offset=offset))
    return found


def _bytes_of(tensor: _Tensor) -> int:
    numbers, size = _BLOCKS.get(tensor.kind, (1, 0))
    return prod(tensor.dims) // numbers * size


def _faults(tensors: list[_Tensor], *, room: int, alignment: int) -> Iterator[str]:
    """What makes a reader compute a wrong size, or read past the end."""
    for tensor in tensors:
        numbers, _ = _BLOCKS.get(tensor.kind, (1, 0))
        if prod(tensor.dims) > _MAX_INT or _bytes_of(tensor) > _MAX_INT:
            yield f"tensor {tensor.name!r} has more numbers than 64 bits count"
        elif tensor.dims and tensor.dims[0] % numbers:
            yield f"tensor {tensor.name!r} has rows that are no whole blocks"
        elif tensor.offset % alignment:
            yield f"tensor {tensor.name!r} begins between two aligned places"
        elif tensor.offset + _bytes_of(tensor) > room:
            yield f"tensor {tensor.name!r} ends after the file does"
