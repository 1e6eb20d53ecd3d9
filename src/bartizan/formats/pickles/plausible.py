"""Whether some unpickler would run the beginning of a file."""

import re

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import walk
from bartizan.formats.pickles.memory.recording import Recording
from bartizan.formats.pickles.memory.tape import Tape
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.names import UNKNOWN
from bartizan.formats.pickles.opcodes import effects
from bartizan.formats.pickles.trace import Imported

_PROTO = 0x80
"""First byte of pickles since protocol 2."""
_FIRST = 4
"""Instructions that must make sense after a PROTO or around a name, if the next one does not:
the length that begins a safetensors file may read as two, and a list of words as one."""
PREFIX_BYTES = 4096
"""Less is a whole file, which is no pickle if it ends before STOP and runs nothing."""
_NAME = re.compile(r"\w+(\.\w+)*")
_TEXT = re.compile(rb"[\t\n\r -~]{5}")
"""A letter that says that four bytes of length follow, and text where they should be."""
_NO_ID = re.compile(rb"P[^\n]*[\x80-\xff]")
"""A persistent id that is no ASCII, at which every unpickler ends at once (CPython 3.11,
``load_persid``). Zip files begin so, and their first line is often longer than a head."""
_PROSE = re.compile(rb"[\t\n\r -~]*")
"""What ends with STOP by chance, as ``Gender`` and ``1,2.5`` in two lines does: a number, a copy
of it, and a stop. The next one decides."""
_ROW = 16
"""Pickles one after the other, which are no chance."""
_SHORT_BYTES = 255
_LONG_BYTES = 1 << 29
"""A payload that goes beyond what is at hand: between what one byte can say, and half a GiB."""


def plausible(head: bytes, *, size_bytes: int | None = None) -> bool:
    r"""Whether some unpickler would run the beginning of these bytes.

    Args:
        head: The first 4 KiB or more, or all there is.
        size_bytes: Of the whole content, or more than that; none = it is told by the length of
            the head whether there is more, and text is no pickle of which half a GiB is to come.

    Returns:
        True for whole pickles, for those that break after a call, for those of which more is to
        come: so is a text of which the first line goes on after the head and begins with the
        letter of an instruction. Who reads on must see whether anything comes of it
        (`judged.Judged.began`). False for what breaks at once, as text, tables and other formats
        do.

    Example:
        >>> plausible(b"cos\nsystem\n(S'id'\ntR"), plausible(b"Time,V1,V2\n0,1.5,2.5\n")
        (True, False)
    """
    if _NO_ID.match(head):
        return False
    more = len(head) >= PREFIX_BYTES if size_bytes is None else size_bytes > len(head)
    for _ in range(_ROW):
        if not head:
            return False
        found, head = _first(head, more=more, size_bytes=size_bytes)
        if found is not None:
            return found
    return True


def _first(head: bytes, *, more: bool, size_bytes: int | None) -> tuple[bool | None, bytes]:
    """Whether the first pickle is one; none if only what follows it can tell, and that."""
    tape = Tape(Window.of(head).open())
    it = Unpickling(tape=tape, record=Recording(), raw_arrays=True)
    ending, _ = walk(it, budget=Budget(expanded_bytes=0), table=effects())
    if it.record.calls or (it.ran >= _FIRST and any(map(could_be, it.record.imports))):
        return True, b""
    if ending == "stop":
        rest = head[tape.offset :]
        by_chance = rest and not it.record.imports and _PROSE.fullmatch(head, 0, tape.offset)
        return None if by_chance else True, rest
    proto = head[0] == _PROTO
    if ending == "broken":
        return it.record.limited or (proto and it.ran > _FIRST), b""
    return proto or _goes_on(it, head, more=more, size_bytes=size_bytes), b""


def could_be(found: Imported) -> bool:
    """Whether what is looked up can be a name; the second line of a table is none."""
    parts = (found.name.module, found.name.name)
    return all(part == UNKNOWN or _NAME.fullmatch(part) for part in parts)


def _goes_on(it: Unpickling, head: bytes, *, more: bool, size_bytes: int | None) -> bool:
    """Whether what is cut off here looks like a pickle so far.

    Nothing of it was wrong. A single instruction may be longer than any head.
    """
    if size_bytes is not None:
        return more and it.missing <= size_bytes
    if it.missing > _SHORT_BYTES:
        return it.missing < _LONG_BYTES and not _TEXT.match(head)
    return more
