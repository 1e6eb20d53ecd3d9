"""What a pickle refers back to, by number."""

from collections import deque
from itertools import islice

from bartizan.formats.pickles.memory.endings import Broken, TooMuch
from bartizan.formats.pickles.memory.grades import grade_of
from bartizan.formats.pickles.memory.values import (
    COMPUTED,
    DICT,
    NESTED,
    TEXT,
    TUPLE,
    Array,
    Attributes,
    Container,
    Cut,
    Dtype,
    Fresh,
    Value,
    Wrapper,
    load,
    met,
)
from bartizan.formats.pickles.memory.watched import is_watched
from bartizan.formats.pickles.trace import Made, Name, Opaque

_DENSE = 4_000_000
"""Entries in a row, at 8 bytes each. Of further ones only names and the like are kept."""
_SCATTERED = 100_000
"""Entries out of the row, which no pickler makes."""
_ROOM_BYTES = 32 << 20
"""For texts and tuples: those of 400,000 entries. What has no room is forgotten, and counts as
computed where it is used as a name."""
_WEIGHED = frozenset((str, Cut, tuple, Dtype, Wrapper, Array))
"""Types of which each value is an object of its own."""
_WEIGHT_BYTES = 150
"""Of a dict, a type or what stands for an array."""
_RECENT = 8
"""Texts without room that are still at hand if a name is made of them at once."""
_RESCUED = 20_000
"""Of those; ten times the names of the largest models."""


_SHARED = frozenset((Opaque, Attributes, tuple, Dtype, Array))
"""Types of entries that may be containers, or that a state changes for all who hold them."""
_FOLLOWED = 1 << 16
"""Containers of which is known how much they hold: that many of the latest, at 150 bytes each, and
at times twice as many. Picklers share what they wrote, so that older ones matter less; whoever
wants to hide by this needs 200 KB of other containers for each doubling."""


class Memo:
    """Entries by their real number, few bytes for each."""

    __slots__ = (
        *("_beyond", "_containers", "_dense", "_precious", "_recent", "_rescued"),
        *("_room", "_scattered"),
    )

    def __init__(self) -> None:
        """Empty."""
        self._dense: list[Value] = []
        self._beyond = 0
        self._precious: dict[int, Value] = {}
        self._scattered: dict[int, Value] = {}
        self._containers: dict[int, Container | Attributes] = {}
        self._room = _ROOM_BYTES
        self._recent: deque[tuple[int, str]] = deque(maxlen=_RECENT)
        self._rescued = 0

    def memoize(self, value: Value) -> None:
        """Add an entry under the number of entries, which need not be free."""
        self.put(len(self._dense) + self._beyond + len(self._scattered), value)

    def put(self, index: int, value: Value) -> None:
        """Set an entry.

        Args:
            index: 0 or more.
            value: What to keep; a dict that is kept may change behind our back.

        Raises:
            Broken: too many are out of the row.
        """
        if type(value) is Fresh:
            value = value.settled
        elif type(value) is Container:
            self._follow(index, value)
            value = value.kind
        elif type(value) is Attributes:
            value = self._dict(index, value)
        elif type(value) in _WEIGHED:
            value = self._worth(index, value)
        row = len(self._dense)
        if index < row:
            self._dense[index] = value
        elif index < row + self._beyond:
            self._keep_precious(index, value)
        elif index == row + self._beyond:
            self._scattered.pop(index, None)
            if row < _DENSE:
                self._dense.append(value)
            else:
                self._beyond += 1
                self._keep_precious(index, value)
        else:
            if len(self._scattered) >= _SCATTERED:
                message = f"more than {_SCATTERED:,} entries of the memo are out of the row"
                raise TooMuch(message)
            self._scattered[index] = value

    def get(self, index: int) -> Value:
        """An entry.

        Raises:
            Broken: there is none.
        """
        row = len(self._dense)
        if 0 <= index < row:
            value = self._dense[index]
            return self._followed(index, value) if type(value) in _SHARED else value
        if row <= index < row + self._beyond:
            return self._precious.get(index, COMPUTED)
        if index not in self._scattered:
            message = f"entry {index} of the memo was never put there"
            raise Broken(message)
        return self._followed(index, self._scattered[index])

    def rescue(self, text: Value) -> None:
        """Keep a text that was used as a name, though there was no room for it."""
        for index, recent in self._recent:
            if recent is text and self._rescued < _RESCUED:
                self._rescued += 1
                if index < len(self._dense):
                    self._dense[index] = text
                elif index in self._scattered:
                    self._scattered[index] = text
                else:
                    self._precious[index] = text

    def forget(self, value: Attributes) -> None:
        """A dict turns out to be none that matters: its entry is any dict."""
        value.items = None
        if 0 <= value.index < len(self._dense) and self._dense[value.index] is value:
            self._dense[value.index] = DICT
            self._room += _WEIGHT_BYTES

    def _worth(self, index: int, value: Value) -> Value:
        """What is kept of a value while there is room."""
        match value:
            case str():
                self._room -= 60 + len(value)
                if self._room > 0:
                    return value
                self._recent.append((index, value))
                return self._watched(value)
            case tuple():
                return self._tuple(index, value)
            case Dtype() | Wrapper() | Array():
                self._room -= _WEIGHT_BYTES
                return value if self._room > 0 else COMPUTED
            case _:
                return value

    def _watched(self, text: str) -> Value:
        """A text for which there is no room: what is left is known to name nothing special."""
        if not is_watched(text):
            return TEXT
        self._rescued += 1
        return text if self._rescued < _RESCUED else COMPUTED

    def _tuple(self, index: int, value: tuple[Value, ...]) -> Value:
        """A tuple, or how much it holds."""
        each = 8 if NESTED.isdisjoint(map(type, value)) else _WEIGHT_BYTES
        self._room -= 60 + each * len(value)
        if self._room > 0:
            return value
        self._follow(index, Container(TUPLE, 1 + load(value), grade=grade_of(value)))
        return TUPLE

    def _dict(self, index: int, value: Attributes) -> Value:
        """A dict that may still become the state of an array."""
        value.index = index
        self._follow(index, value)
        if value.items is None:
            return DICT
        self._room -= _WEIGHT_BYTES
        if self._room > 0:
            return value
        value.items = None
        return DICT

    def _follow(self, index: int, value: Container | Attributes) -> None:
        """Know how much an entry holds."""
        self._containers[index] = value
        if len(self._containers) > 2 * _FOLLOWED:
            self._containers = dict(islice(self._containers.items(), _FOLLOWED, None))

    def _followed(self, index: int, value: Value) -> Value:
        """An entry with how much it holds, if that is known and it is still the same entry."""
        found = self._containers.get(index)
        if found is not None and found.kind is value:
            value = found
        elif isinstance(value, Dtype | Array):
            value.settled = True
        met(value)
        return value

    def _keep_precious(self, index: int, value: Value) -> None:
        """Beyond the row, forget what can be forgotten."""
        if isinstance(value, Name | Made | Dtype | Wrapper | Array | str) and self._room > 0:
            self._room -= _WEIGHT_BYTES
            self._precious[index] = value
        else:
            self._precious.pop(index, None)
            if isinstance(value, Attributes):
                value.items = None
