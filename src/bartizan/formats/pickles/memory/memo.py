"""What a pickle refers back to, by number."""

from collections import deque

from bartizan.formats.pickles.memory.endings import Broken, TooMuch
from bartizan.formats.pickles.memory.values import (
    COMPUTED,
    DICT,
    TEXT,
    TUPLE,
    Attributes,
    Cut,
    Dtype,
    Value,
    Wrapper,
)
from bartizan.formats.pickles.trace import Made, Name

_DENSE = 4_000_000
"""Entries in a row, at 8 bytes each. Of further ones only names and the like are kept."""
_SCATTERED = 100_000
"""Entries out of the row, which no pickler makes."""
_ROOM_BYTES = 32 << 20
"""For texts and tuples: those of 400,000 entries. What has no room is forgotten, and counts as
computed where it is used as a name."""
_WEIGHED = frozenset((str, Cut, tuple, Attributes, Dtype, Wrapper))
"""Types of which each value is an object of its own."""
_WEIGHT_BYTES = 150
"""Of a dict, a type or what stands for an array."""
_RECENT = 8
"""Texts without room that are still at hand if a name is made of them at once."""
_RESCUED = 20_000
"""Of those; ten times the names of the largest models."""


class Memo:
    """Entries by their real number, few bytes for each."""

    __slots__ = ("_beyond", "_dense", "_precious", "_recent", "_rescued", "_room", "_scattered")

    def __init__(self) -> None:
        """Empty."""
        self._dense: list[Value] = []
        self._beyond = 0
        self._precious: dict[int, Value] = {}
        self._scattered: dict[int, Value] = {}
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
        if type(value) in _WEIGHED:
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
            return self._dense[index]
        if row <= index < row + self._beyond:
            return self._precious.get(index, COMPUTED)
        if index not in self._scattered:
            message = f"entry {index} of the memo was never put there"
            raise Broken(message)
        return self._scattered[index]

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
                return TEXT
            case tuple():
                self._room -= 60 + 8 * len(value)
                return value if self._room > 0 else TUPLE
            case Attributes():
                return self._dict(index, value)
            case Dtype() | Wrapper():
                self._room -= _WEIGHT_BYTES
                return value if self._room > 0 else COMPUTED
            case _:
                return value

    def _dict(self, index: int, value: Attributes) -> Value:
        """A dict that may still become the state of an array."""
        value.index = index
        if value.items is None:
            return DICT
        self._room -= _WEIGHT_BYTES
        if self._room > 0:
            return value
        value.items = None
        return DICT

    def _keep_precious(self, index: int, value: Value) -> None:
        """Beyond the row, forget what can be forgotten."""
        if isinstance(value, Name | Made | Dtype | Wrapper | str) and self._room > 0:
            self._room -= _WEIGHT_BYTES
            self._precious[index] = value
        else:
            self._precious.pop(index, None)
            if isinstance(value, Attributes):
                value.items = None
