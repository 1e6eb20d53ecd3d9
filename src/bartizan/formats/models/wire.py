"""Messages of protocol buffers in files of any size: walked, never loaded.

A message says what lies in it only by numbers, so whoever walks one brings a grammar: which field
of which message is a message. Everything else is told as a place and a length.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.protobuf import BYTES, FIXED32, FIXED64, VARINT, varint

_BLOCK_BYTES = 1 << 16
"""Read at once: holds some thousand fields, and keeps the walk from asking for each."""
_HEAD_BYTES = 20
"""A tag and a length, at their longest."""
_MAX_DEPTH = 100
"""Messages within messages: the limit of protobuf's own readers."""
_MAX_NUMBER = (1 << 29) - 1
"""Of fields, by the specification."""
_GROUP, _END_GROUP = 3, 4
"""Wire types of what protocol buffers once had instead of messages in messages. Nobody writes
them, and all readers pass over those that they do not know."""
_GROUP_FIELDS = 10_000
"""In one group; whoever hides something behind more is told as a fault."""
_PERIOD = 1 << 10
"""Fields between two looks at the budget."""
_COST = 20
"""Instructions of a pickle that a field takes as long as: 2.5 million fields in five seconds,
where the largest public graphs have some hundred thousand."""

What: TypeAlias = Literal["field", "begin", "end"]


class Event(NamedTuple):
    """One step of a walk."""

    what: What
    """`begin` and `end` of a message that the grammar knows, or a `field` of one."""
    kind: str
    """Of the message that the field belongs to, or that begins or ends here."""
    number: int
    """Of the field; of a message, the field that holds it, and 0 for the outermost."""
    value: int
    """Of a number of variable length; -1 for everything else."""
    start: int
    """Offset of the content."""
    size: int
    """Bytes of the content."""


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """What lies in what."""

    root: str
    """Kind of the outermost message."""
    messages: Mapping[str, Mapping[int, str]]
    """``messages[kind][number]`` is the kind of message in that field. Kinds that hold none may
    be left out."""
    runs: Mapping[str, re.Pattern[bytes]] = field(default_factory=dict)
    """Fields of a kind that are passed over many at a time: numbers by the million."""


class Fields:
    """The fields of messages in a window, read block by block."""

    def __init__(self, window: Window) -> None:
        """Begin at nothing.

        Args:
            window: Where the messages lie.
        """
        self.window = window
        self._base = 0
        self._held = b""

    def at(self, position: int, end: int) -> tuple[int, int, int, int, int]:
        """The field at a place.

        Args:
            position: Offset of its tag.
            end: Offset after the message.

        Returns:
            Number, wire type, value (-1 unless it is a number of variable length), and offset
            and size of the content.

        Raises:
            InputError: there is no field.
        """
        begin = self._near(position)
        tag, place = varint(self._held, begin)
        number, wire = tag >> 3, tag & 7
        value, size = -1, 0
        if wire == VARINT:
            value, after = varint(self._held, place)
            size = after - place
        elif wire == BYTES:
            size, place = varint(self._held, place)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        elif wire == _GROUP and 0 < number <= _MAX_NUMBER:
            start = self._base + place
            return number, wire, value, start, self._group(number, start, end) - start
        else:
            message = f"byte {position}: expected a protobuf field, got wire type {wire}"
            raise InputError(message)
        start = self._base + place
        if not 0 < number <= _MAX_NUMBER or size > end - start:
            message = f"byte {position}: expected a protobuf field, got one that is too long"
            raise InputError(message)
        return number, wire, value, start, size

    def _group(self, number: int, position: int, end: int) -> int:
        """Where a group ends, groups in it included. Raises: InputError: it does not."""
        open_groups = [number]
        for _ in range(_GROUP_FIELDS):
            begin = self._near(position)
            tag, place = varint(self._held, begin)
            inner, wire = tag >> 3, tag & 7
            if wire == _END_GROUP and inner == open_groups[-1]:
                position = self._base + place
                open_groups.pop()
                if not open_groups and position <= end:
                    return position
            elif wire == _GROUP and 0 < inner <= _MAX_NUMBER and len(open_groups) < _MAX_DEPTH:
                open_groups.append(inner)
                position = self._base + place
            elif wire in (_GROUP, _END_GROUP) or position >= end:
                break
            else:
                *_, start, size = self.at(position, end)
                position = start + size
            if not open_groups:
                break
        message = f"byte {position}: expected the end of a protobuf group"
        raise InputError(message)

    def run(self, pattern: re.Pattern[bytes], *, position: int, end: int) -> int:
        """Where a run of fields that begins here ends; `position` if there is none."""
        begin = self._near(position)
        found = pattern.match(self._held, begin, min(len(self._held), end - self._base))
        return self._base + found.end() if found else position

    def _near(self, position: int) -> int:
        """Have a field's head in memory. Returns: where in `_held` it is."""
        begin, held = position - self._base, len(self._held)
        if begin < 0 or (begin + _HEAD_BYTES > held and self._base + held < self.window.size):
            self._base, begin = position, 0
            self._held = self.window.at(position, _BLOCK_BYTES)
        return begin


def walk(window: Window, grammar: Grammar, *, budget: Budget) -> Iterator[Event]:
    """Walk all messages that a grammar knows, in the order of the file.

    Args:
        window: The outermost message, whole.
        grammar: Which messages to enter.
        budget: Each field costs 20 of its `opcodes`.

    Raises:
        InputError: a field is damaged or cut off; what came before it has been told.
        LimitError: the budget is used up, or messages are nested deeper than any reader goes.

    Cost: about 2 us a field; the content of fields is not read.
    """
    fields, counted = Fields(window), 0
    stack = [(grammar.root, 0, 0, window.size)]
    yield Event("begin", grammar.root, 0, -1, 0, window.size)
    while stack:
        kind, number, position, end = stack.pop()
        inner, run = grammar.messages.get(kind, {}), grammar.runs.get(kind)
        while position < end:
            counted += 1
            if not counted % _PERIOD:
                budget.spend("opcodes", _COST * _PERIOD)
            if run and (after := fields.run(run, position=position, end=end)) > position:
                position = after
                continue
            found, wire, value, start, size = fields.at(position, end)
            position = start + size
            if wire == BYTES and found in inner:
                stack += [(kind, number, position, end), (inner[found], found, start, position)]
                _require_depth(stack)
                yield Event("begin", inner[found], found, -1, start, size)
                break
            yield Event("field", kind, found, value, start, size)
        else:
            yield Event("end", kind, number, -1, end, 0)


def _require_depth(stack: list[tuple[str, int, int, int]]) -> None:
    if len(stack) > _MAX_DEPTH:
        message = f"messages are nested more than {_MAX_DEPTH} deep; no reader opens such a file"
        raise LimitError(message)


def text(window: Window, event: Event, *, limit: int = 4096) -> str:
    """The text in a field, cut off at a limit in bytes; what is no UTF-8 is replaced."""
    return window.at(event.start, min(event.size, limit)).decode(errors="replace")
