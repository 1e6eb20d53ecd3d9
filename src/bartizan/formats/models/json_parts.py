"""JSON of any size: one long list inside it is decoded item by item, the rest at once."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import CHUNK_BYTES, Budget, Window
from bartizan.formats.models import json_text

_TOKEN = re.compile(
    rb'(?P<text>"(?:[^"\\]|\\.)*+")(?P<key>[ \t\r\n]*+:)?|(?P<sign>[{}\[\]])|(?P<open>")', re.DOTALL
)
_MAX_TEXT_BYTES = 4 << 20
"""Of a text in the file: feature names are short, a configuration inside takes some kilobytes."""
_MAX_ITEM_BYTES = 16 << 20
"""Of an item of the list: a tree of a hundred thousand nodes takes 12 MB."""
_MAX_REST_BYTES = 16 << 20
_MAX_DEPTH = 64
"""Files of XGBoost nest about ten deep."""
_MAX_ITEMS = 1_000_000
_CLOSING = {b"{": b"}", b"[": b"]"}
_PERIOD = 1 << 10
"""Tokens between two looks at the budget."""
_COST = 20
"""Instructions of a pickle that a token takes as long as: enough for fifty thousand trees."""


@dataclass(frozen=True)
class Items(Sequence[Any]):
    """A list that is decoded item by item, each time it is asked for one."""

    window: Window
    places: Sequence[tuple[int, int]]
    """Offset and size of each."""
    decode: Callable[[bytes], Any] = json_text.loads

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> "Items": ...
    def __getitem__(self, index: int | slice) -> Any:
        """Decode one, or cut the list."""
        if isinstance(index, slice):
            return Items(self.window, self.places[index], self.decode)
        offset, size = self.places[index]
        return self.decode(self.window.at(offset, size))


@dataclass
class _Split:
    """What is known while the file is read."""

    window: Window
    way: list[str]
    around: list[tuple[bytes, str]] = field(default_factory=list)
    """Opening sign and key of the objects and lists around the present place."""
    key: str = ""
    """The last one read."""
    depth: int = 0
    """How deep items of the list lie; 0 = it has not begun, or is over."""
    begin: int = -1
    """Offset after the bracket of the list; -1 = there is none yet."""
    end: int = -1
    item: int = -1
    """Offset of the present item."""
    last: int = -1
    """Offset after the item before it."""
    places: list[tuple[int, int]] = field(default_factory=list)

    def opened(self, sign: bytes, *, place: int) -> None:
        """An object or a list begins."""
        if self.depth and len(self.around) == self.depth:
            self.between(place, wanted=b"," if self.places else b"")
            self.item = place
        self.around.append((sign, self.key))
        self.key = ""
        if len(self.around) > _MAX_DEPTH:
            message = f"byte {place}: nested more than {_MAX_DEPTH} deep"
            raise LimitError(message)
        if sign == b"[" and [key for _, key in self.around[-len(self.way) :]] == self.way:
            if self.begin >= 0:
                message = f"byte {place}: the list {self.way[-1]!r} stands twice"
                raise InputError(message)
            self.depth, self.begin, self.last = len(self.around), place + 1, place + 1

    def closed(self, sign: bytes, *, place: int) -> None:
        """An object or a list ends."""
        if not self.around or _CLOSING[self.around.pop()[0]] != sign:
            message = f"byte {place}: expected JSON, got a bracket too many"
            raise InputError(message)
        if self.depth and len(self.around) == self.depth:
            self.last = place + 1
            self.places.append((self.item, self.last - self.item))
            if len(self.places) > _MAX_ITEMS or self.last - self.item > _MAX_ITEM_BYTES:
                message = f"byte {place}: the list is longer than any known, or an item of it"
                raise LimitError(message)
        elif self.depth and len(self.around) < self.depth:
            self.between(place, wanted=b"")
            self.depth, self.end = 0, place

    def between(self, place: int, *, wanted: bytes) -> None:
        """Require that nothing but a comma lies between two items."""
        found = self.window.at(self.last, min(place - self.last, CHUNK_BYTES))
        if place - self.last > CHUNK_BYTES or found.strip() != wanted:
            message = f"byte {place}: expected a list of objects, got {found[:20]!r}"
            raise InputError(message)


def load_parts(window: Window, *, way: tuple[str, ...], budget: Budget) -> tuple[Any, Items]:
    """Decode a file without a list of objects in it, and that list on its own.

    Args:
        window: The whole file.
        way: The last keys on the way to the list, such as ``("model", "trees")``.
        budget: What the walk may cost.

    Returns:
        The file with an empty list in its place, and the list.

    Raises:
        InputError: it is no JSON.
        LimitError: an item, a text or the rest is too long.

    Cost: one pass over the file; memory for its largest item.
    """
    split = _Split(window, list(way))
    for counted, (place, match) in enumerate(_tokens(window), 1):
        if not counted % _PERIOD:
            budget.spend("opcodes", _COST * _PERIOD)
        if match["key"]:
            split.key = match["text"][1:-1].decode(errors="replace")
        elif match["sign"] and match["sign"] in b"{[":
            split.opened(match["sign"], place=place)
        elif match["sign"]:
            split.closed(match["sign"], place=place)
    if split.around:
        message = "expected JSON, got something that is cut off"
        raise InputError(message)
    return json_text.loads(_rest(split)), Items(window, tuple(split.places))


def _rest(split: _Split) -> bytes:
    """The file without what lies in the list."""
    window, size = split.window, split.window.size
    begin, end = (split.begin, split.end) if split.begin >= 0 else (size, size)
    if begin + size - end > _MAX_REST_BYTES:
        message = f"more than {_MAX_REST_BYTES:,} bytes of JSON, its list left out"
        raise LimitError(message)
    return window.at(0, begin) + window.at(end, size - end)


def _tokens(window: Window) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Texts and brackets with their offsets, chunk by chunk."""
    position, size = 0, CHUNK_BYTES
    while position < window.size:
        chunk, used = window.at(position, size), 0
        last = position + len(chunk) >= window.size
        for match in _TOKEN.finditer(chunk):
            if match["open"] or (
                match["text"] and not match["key"] and match.end() > len(chunk) - 64
            ):
                used = match.start()
                if not last:
                    break  # it may go on, or be a key whose colon is missing yet
                if match["open"]:
                    message = f"byte {position + used}: a text has no end"
                    raise InputError(message)
            yield position + match.start(), match
            used = match.end()
        else:
            used = len(chunk)
        size = CHUNK_BYTES if used else 2 * size
        if size > _MAX_TEXT_BYTES:
            message = f"byte {position}: a text is longer than {_MAX_TEXT_BYTES:,} bytes"
            raise LimitError(message)
        position += used
