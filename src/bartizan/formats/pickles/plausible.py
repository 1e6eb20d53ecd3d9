"""Whether some unpickler would run the beginning of a file."""

import re

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import walk
from bartizan.formats.pickles.memory.recording import Recording
from bartizan.formats.pickles.memory.tape import Tape
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.opcodes import effects

_PROTO = 0x80
"""First byte of pickles since protocol 2."""
_FIRST = 4
"""Instructions that must make sense after a PROTO or around a name, if the next one does not:
the length that begins a safetensors file may read as two, and a list of words as one."""
_STEADY = 8
"""Instructions that must make sense in the first 4 KiB of anything else: ordinary text fails
within three."""
PREFIX_BYTES = 4096
"""Less is a whole file, which is no pickle if it ends before STOP and runs nothing."""
_NAME = re.compile(r"\w+(\.\w+)*")
_TEXT = re.compile(rb"[\t\n\r -~]{5}")
"""A letter that says that four bytes of length follow, and text where they should be."""
_SHORT_BYTES = 255
_LONG_BYTES = 1 << 29
"""A payload that goes beyond what is at hand: between what one byte can say, and half a GiB."""


def plausible(head: bytes) -> bool:
    r"""Whether some unpickler would run the beginning of these bytes.

    Args:
        head: The first 4 KiB or more, or all there is.

    Returns:
        True for whole pickles, for those that break after a call, for those of which more is to
        come. False for what breaks at once, as text, tables and other formats do.

    Example:
        >>> plausible(b"cos\nsystem\n(S'id'\ntR"), plausible(b"Time,V1,V2\n0,1.5,2.5\n")
        (True, False)
    """
    tape = Tape(Window.of(head).open())
    it = Unpickling(tape=tape, record=Recording(), raw_arrays=True)
    ending, _ = walk(it, budget=Budget(expanded_bytes=0), table=effects())
    if ending == "stop" or it.record.calls:
        return True
    if it.ran >= _FIRST and _looks_up(it.record):
        return True
    if ending == "broken":
        return head[0] == _PROTO and it.ran > _FIRST
    return head[:1] == bytes([_PROTO]) or _goes_on(it, head)


def _looks_up(record: Recording) -> bool:
    """Whether names are looked up that can be names."""
    return any(
        _NAME.fullmatch(found.name.module) and _NAME.fullmatch(found.name.name)
        for found in record.imports
    )


def _goes_on(it: Unpickling, head: bytes) -> bool:
    """Whether what is cut off here looks like a pickle so far."""
    if _SHORT_BYTES < it.missing < _LONG_BYTES:
        return not _TEXT.match(head)
    return it.ran >= _STEADY and len(head) >= PREFIX_BYTES
