"""Everything that an unpickler holds while it runs."""

from dataclasses import dataclass, field

from bartizan.formats.pickles.memory.memo import Memo
from bartizan.formats.pickles.memory.recording import Recording
from bartizan.formats.pickles.memory.stack import Stack
from bartizan.formats.pickles.memory.tape import Tape


@dataclass(slots=True)
class Unpickling:
    """One pickle on its way, and those around it."""

    tape: Tape
    record: Recording
    raw_arrays: bool
    """Whether the bytes of arrays follow where joblib writes them."""
    stack: Stack = field(default_factory=Stack)
    memo: Memo = field(default_factory=Memo)
    protocol: int = 0
    """As said by the last PROTO."""
    begun: int = 0
    """Offset of the first instruction."""
    stopped: bool = False
    ran: int = 0
    """Instructions, the last one included even if it failed."""
    foreign: int = 0
    """Calls, and whatever else runs code that may change values behind our back."""
    stirred: bool = False
    """Whether something was put into a container that lay elsewhere already, so that nobody can
    tell any more what containers in containers hold."""
    lookups: int = 0
    """How often `getattr` was put onto the stack and not called yet."""
    missing: int = 0
    """Bytes that an instruction asked for when there were too few."""
    outer: list[tuple[Stack, Memo, int, bool]] = field(default_factory=list)
    """What waits until the pickle of an array of objects is read."""

    @property
    def offset(self) -> int:
        """Of the instruction whose first byte was just read."""
        return self.tape.offset - 1

    def odd(self, what: str, *, offset: int) -> None:
        """Something that no pickler writes."""
        self.record.odd(what, offset=offset)

    def enter(self) -> None:
        """Begin a pickle inside of this one, which has a stack and a memo of its own."""
        self.outer.append((self.stack, self.memo, self.protocol, self.raw_arrays))
        self.stack, self.memo, self.raw_arrays = Stack(), Memo(), False
        self.protocol, self.begun = 0, self.tape.offset

    def leave(self) -> None:
        """Go on with the pickle around this one."""
        self.stack, self.memo, self.protocol, self.raw_arrays = self.outer.pop()
