"""Instructions that move values: stack, marks, memo, and how the stream is cut up."""

from collections.abc import Callable
from sys import maxsize

from bartizan.formats.pickles.attributes import GETATTR
from bartizan.formats.pickles.effects.numerals import refusal, whole
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import COMPUTED, Array, Value, Wrapper, met
from bartizan.formats.pickles.trace import Name

_NEWEST_PROTOCOL = 5
"""Of CPython 3.8 to 3.15."""


def mark(it: Unpickling) -> None:
    """MARK."""
    it.stack.mark()


def pop(it: Unpickling) -> None:
    """POP."""
    it.stack.drop()


def pop_mark(it: Unpickling) -> None:
    """POP_MARK."""
    it.stack.gather()


def dup(it: Unpickling) -> None:
    """DUP."""
    value = _fetched(it, it.stack.top())
    met(value)
    it.stack.settle()
    it.stack.push(it.stack.top())


def put(it: Unpickling) -> None:
    """PUT: the number is text."""
    line = it.tape.line()
    index = whole(line, base=10)
    if index is None or index < 0:
        raise refusal(line, "PUT without a number")
    it.memo.put(index, it.stack.top())


def get(it: Unpickling) -> None:
    """GET: the number is text."""
    line = it.tape.line()
    index = whole(line, base=10)
    if index is None:
        raise refusal(line, "GET without a number")
    it.stack.push(_fetched(it, it.memo.get(index)))


def binput(size: int) -> Callable[[Unpickling], None]:
    """BINPUT, LONG_BINPUT: the number takes so many bytes."""

    def effect(it: Unpickling) -> None:
        it.memo.put(it.tape.number(size), it.stack.top())

    return effect


def binget(size: int) -> Callable[[Unpickling], None]:
    """BINGET, LONG_BINGET: the number takes so many bytes."""

    def effect(it: Unpickling) -> None:
        it.stack.push(_fetched(it, it.memo.get(it.tape.number(size))))

    return effect


def memoize(it: Unpickling) -> None:
    """MEMOIZE."""
    it.memo.memoize(it.stack.top())


def proto(it: Unpickling) -> None:
    """PROTO: those in the middle count as well."""
    offset, protocol = it.offset, it.tape.number(1)
    if protocol > _NEWEST_PROTOCOL:
        message = f"protocol {protocol} does not exist"
        raise Broken(message)
    if offset != it.begun:
        it.odd("a PROTO in the middle", offset=offset)
    it.protocol = protocol


def frame(it: Unpickling) -> None:
    """FRAME: says how many bytes are read ahead, which changes nothing for the C unpickler."""
    offset, size = it.offset, it.tape.number(8)
    if size > maxsize:
        message = "a frame is longer than any memory"
        raise Broken(message)
    if it.tape.frame_end is not None and it.tape.frame_end > offset:
        it.odd("a frame inside of a frame", offset=offset)
    it.tape.frame_end = it.tape.offset + size
    it.tape.settle()


def stop(it: Unpickling) -> None:
    """STOP: of the pickle of an array of objects, or of all."""
    offset, value = it.offset, it.stack.pop()
    if it.tape.frame_end is not None and it.tape.frame_end > it.tape.offset:
        it.odd("a frame that goes on after STOP", offset=offset)
        if it.outer:
            message = "unpicklers disagree on what follows a pickle whose frame goes on after it"
            raise Broken(message)
    it.tape.frame_end = None
    it.tape.settle()
    if it.outer:
        it.leave()
        it.stack.items[-1] = value if isinstance(value, Array) else COMPUTED
    else:
        it.stopped = True
        it.tape.end = it.tape.place


def _fetched(it: Unpickling, value: Value) -> Value:
    """A value that is used once more."""
    if it.raw_arrays and isinstance(value, Wrapper):
        message = "what stands for an array of joblib is used twice"
        raise Broken(message)
    if type(value) is Name and value == GETATTR:
        it.lookups += 1
    return value
