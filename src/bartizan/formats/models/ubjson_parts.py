"""Universal binary JSON of any size: one long list inside it is decoded item by item."""

from dataclasses import dataclass, field
from typing import Any

from bartizan.core.errors import InputError, LimitError
from bartizan.formats import ubjson
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.cursor import Cursor
from bartizan.formats.models.json_parts import Items

_SIZES = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"L": 8, b"d": 4, b"D": 8}
_LENGTHS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q"}
_CONSTANTS = (b"T", b"F", b"Z")
"""Markers of values (ubjson.org, draft 12), as far as XGBoost writes them."""
_MEMORY_BYTES = 128 << 20
"""What one item, or the rest, may take when it is decoded: a tree of 100,000 nodes does."""
_PLAIN_COST, _NESTED_COST = 24, 90
"""Bytes of memory for each byte of a file, and for each that may begin a list or an object: a
list of numbers of two bytes is held twice while it is unpacked."""
_MAX_BYTES = _MEMORY_BYTES // _PLAIN_COST
"""Of an item, or the rest: more is not even read."""
_MAX_DEPTH = 64
"""Files of XGBoost nest about ten deep."""
_COST = 30
"""Instructions of a pickle that a value takes as long as: enough for a hundred thousand trees."""
_PERIOD = 1 << 10
"""Values between two looks at the budget."""


@dataclass
class _Inside:
    """An object or a list that has begun."""

    closing: bytes
    key: str
    begin: int
    """Offset of its first byte."""
    left: int | None = None
    """Values that follow; none = it ends with a mark."""


@dataclass
class _Walk:
    """What is known while the file is read."""

    cursor: Cursor
    way: list[str]
    around: list[_Inside] = field(default_factory=list)
    depth: int = 0
    """How deep items of the list lie; 0 = it has not begun, or is over."""
    list_begin: int = -1
    list_end: int = -1
    places: list[tuple[int, int]] = field(default_factory=list)

    def step(self) -> None:
        """One value, or the end of what is open."""
        inside = self.around[-1]
        if self._ends(inside):
            self._closed()
            return
        key = self._text() if inside.closing == b"}" else ""
        self.value(key)

    def value(self, key: str) -> None:
        """A value and its marker."""
        cursor, begin = self.cursor, self.cursor.position
        marker = cursor.take(1)
        if marker == b"{":
            self._opened(_Inside(b"}", key, begin))
        elif marker == b"[":
            self._list(key, begin)
        elif marker in (b"S", b"H"):
            cursor.skip(self._length())
        elif marker in _SIZES:
            cursor.skip(_SIZES[marker])
        elif marker not in _CONSTANTS:
            message = f"byte {begin}: expected a value, got type {marker!r}"
            raise InputError(message)

    def _list(self, key: str, begin: int) -> None:
        """With a type and a length it is passed over; else its values follow."""
        cursor = self.cursor
        following = cursor.window.at(cursor.position, 1)
        if following == b"$":
            _, kind, sign = cursor.take(1), cursor.take(1), cursor.take(1)
            if kind not in _SIZES or sign != b"#":
                message = f"byte {begin}: expected a list of numbers, got {kind + sign!r}"
                raise InputError(message)
            cursor.skip(_SIZES[kind] * self._length())
            return
        left = None
        if following == b"#":
            cursor.skip(1)
            left = self._length()
            cursor.require(left)
        self._opened(_Inside(b"]", key, begin, left))
        if [inside.key for inside in self.around[-len(self.way) :]] == self.way:
            if self.list_begin >= 0:
                message = f"byte {begin}: the list {key!r} stands twice"
                raise InputError(message)
            self.depth, self.list_begin = len(self.around), begin

    def _opened(self, inside: _Inside) -> None:
        self.around.append(inside)
        if len(self.around) > _MAX_DEPTH:
            message = f"byte {inside.begin}: nested more than {_MAX_DEPTH} deep"
            raise LimitError(message)

    def _ends(self, inside: _Inside) -> bool:
        """Whether what is open ends here; its mark is passed over."""
        if inside.left is not None:
            inside.left -= 1
            return inside.left < 0
        ends = self.cursor.window.at(self.cursor.position, 1) == inside.closing
        self.cursor.skip(1 if ends else 0)
        return ends

    def _closed(self) -> None:
        inside, end = self.around.pop(), self.cursor.position
        if self.depth and len(self.around) == self.depth:
            _require_small(end - inside.begin)
            self.places.append((inside.begin, end - inside.begin))
        elif self.depth and len(self.around) < self.depth:
            self.depth, self.list_end = 0, end

    def _length(self) -> int:
        marker = self.cursor.take(1)
        size = self.cursor.number(_LENGTHS[marker]) if marker in _LENGTHS else -1
        if size < 0:
            message = f"byte {self.cursor.position}: expected a length, got {marker!r}, {size}"
            raise InputError(message)
        return size

    def _text(self) -> str:
        return self.cursor.take(self._length()).decode(errors="replace")


def load_parts(window: Window, *, way: tuple[str, ...], budget: Budget) -> tuple[Any, Items]:
    """Decode a file without a list of objects in it, and that list on its own.

    Args:
        window: The whole file.
        way: The last keys on the way to the list, such as ``("model", "trees")``.
        budget: What the walk may cost.

    Returns:
        The file with an empty list in its place, and the list.

    Raises:
        InputError: the bytes are damaged.
        LimitError: an item or the rest takes too much memory.

    Cost: one pass over the file; memory for its largest item.
    """
    walk, counted = _Walk(Cursor(window), list(way)), 0
    walk.value("")
    while walk.around:
        counted += 1
        if not counted % _PERIOD:
            budget.spend("opcodes", _COST * _PERIOD)
        walk.step()
    size, items = window.size, Items(window, tuple(walk.places), _decoded)
    if walk.list_begin < 0:
        _require_small(size)
        return _decoded(window.at(0, size)), items
    _require_small(walk.list_begin + size - walk.list_end)
    before, after = window.at(0, walk.list_begin), window.at(walk.list_end, size - walk.list_end)
    return _decoded(before + b"[]" + after), items


def _decoded(raw: bytes) -> Any:
    """A value that is small enough."""
    nested = raw.count(b"[") + raw.count(b"{")
    _require_small(len(raw) + nested * _NESTED_COST // _PLAIN_COST)
    return ubjson.loads(raw)


def _require_small(size: int) -> None:
    if size > _MAX_BYTES:
        message = f"an item, or what lies around them, takes more than {_MEMORY_BYTES >> 20} MiB"
        raise LimitError(message)
