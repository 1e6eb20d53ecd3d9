"""Instructions that put down numbers and constants."""

import re
from collections.abc import Callable

from bartizan.formats.pickles.effects.numerals import is_real, refusal, whole
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.tape import LINE_BYTES
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import FLOAT, INT, Container, Run, Value

_FLOATS = re.compile(rb"(?:G.{8}){16,}+", re.DOTALL)
_INTEGERS = re.compile(rb"(?:K.|M..|J....){16,}+", re.DOTALL)
_INTEGER = re.compile(rb"K.|M..|J....", re.DOTALL)
_APPENDED = re.compile(
    rb"(?:(?:F-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|I-?\d+|L-?\d+L)\na){8,}+",
)
"""Runs of instructions that are taken at once, 50 times as fast as one by one. Possessive, so
that nothing is remembered on the way."""
_KEPT_BYTES = 8
"""Of whole numbers: those of 64 bits are known, as shapes of arrays are made of them."""


def constant(value: Value) -> Callable[[Unpickling], None]:
    """NONE, NEWTRUE, NEWFALSE, EMPTY_TUPLE."""

    def effect(it: Unpickling) -> None:
        it.stack.push(value)

    return effect


def binint(size: int, *, signed: bool = False) -> Callable[[Unpickling], None]:
    """BININT1, BININT2, BININT: so many bytes, and all the others that follow."""

    def effect(it: Unpickling) -> None:
        tape = it.tape
        begin = tape.place - 1
        if tape.buffer[begin + 1 + size : begin + 2 + size] in (b"K", b"M", b"J"):
            found = _INTEGERS.match(tape.buffer, begin, tape.end)
            if found:
                _run(it, found.end(), value=INT, count=len(_INTEGER.findall(found[0])))
                return
        it.stack.push(int.from_bytes(tape.take(size), "little", signed=signed))

    return effect


def binfloat(it: Unpickling) -> None:
    """BINFLOAT, and all the others that follow."""
    tape = it.tape
    begin = tape.place - 1
    if tape.buffer[begin + 9 : begin + 10] == b"G":
        found = _FLOATS.match(tape.buffer, begin, tape.end)
        if found:
            _run(it, found.end(), value=FLOAT, count=(found.end() - begin) // 9)
            return
    tape.take(8)
    it.stack.push(FLOAT)


def integer(it: Unpickling) -> None:
    """INT: text; ``00`` and ``01`` are truths."""
    if _appended(it):
        return
    line = it.tape.line()
    value = whole(line, base=0)
    if line in (b"00", b"01"):
        it.stack.push(line == b"01")
    elif line[:1] == b"\0":
        it.stack.push(0)  # to the C unpickler, nothing at all is zero
    elif value is None and not _is_long(line):
        raise refusal(line, "INT without a number")
    else:
        it.stack.push(_known(value))


def long(it: Unpickling) -> None:
    """LONG: text, with an L at its end."""
    if _appended(it):
        return
    line = it.tape.line()
    value = whole(line.removesuffix(b"L"), base=0)
    if value is None and not _is_long(line):
        raise refusal(line, "LONG without a number")
    it.stack.push(_known(value))


def real(it: Unpickling) -> None:
    """FLOAT: text."""
    if _appended(it):
        return
    line = it.tape.line()
    if not is_real(line):
        raise refusal(line, "FLOAT without a number")
    it.stack.push(FLOAT)


def counted_long(size: int) -> Callable[[Unpickling], None]:
    """LONG1, LONG4: the length takes so many bytes, in four with a sign."""

    def effect(it: Unpickling) -> None:
        length = it.tape.number(size)
        if length >> 31:
            message = "LONG4 with a negative length"
            raise Broken(message)
        if length > _KEPT_BYTES:
            it.tape.skip(length)
            it.stack.push(INT)
        else:
            it.stack.push(int.from_bytes(it.tape.take(length), "little", signed=True))

    return effect


def _run(it: Unpickling, end: int, *, value: Value, count: int) -> None:
    """Put down many at once."""
    it.tape.place = end
    it.ran += count - 1
    it.stack.push(Run(value, count))


def _appended(it: Unpickling) -> bool:
    """Take many numbers at once that are appended to a list, as protocol 0 does."""
    stack, tape = it.stack, it.tape
    if len(stack.items) <= stack.fence or type(stack.items[-1]) is not Container:
        return False
    found = _APPENDED.match(tape.buffer, tape.place - 1, tape.end)
    if found is None:
        return False
    tape.place = found.end()
    count = found[0].count(b"\n")
    it.ran += 2 * count - 1
    stack.items[-1].unfolds += count
    it.record.unfolds = max(it.record.unfolds, stack.items[-1].unfolds)
    return True


def _known(value: int | None) -> Value:
    """A number of 64 bits; any other is just a number."""
    return INT if value is None or value.bit_length() > 8 * _KEPT_BYTES else value


def _is_long(line: bytes) -> bool:
    """Whether a line too long to be read begins like a number."""
    return len(line) > LINE_BYTES and re.match(rb"[-+ ]?[0-9a-fA-FxX_]{64}", line) is not None
