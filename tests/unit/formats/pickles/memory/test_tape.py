"""The bytes of a tape are the same, in whatever pieces its stream gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.formats.content import Stream, Window
from bartizan.formats.pickles.memory.endings import Exhausted
from bartizan.formats.pickles.memory.tape import LINE_BYTES, Tape

RAW = b"".join(b"line %d\n" % number for number in range(60))


class Dripping:
    """A stream that gives a few bytes at a time."""

    position = 0

    def __init__(self, raw: bytes, drop: int) -> None:
        self.stream: Stream = Window.of(raw).open()
        self.drop = drop

    def read(self, size: int) -> bytes:
        return self.stream.read(min(size, self.drop))

    def skip(self, size: int) -> int:
        return self.stream.skip(size)


STEPS = st.lists(st.tuples(st.sampled_from(["take", "skip", "line", "peek"]), st.integers(0, 30)))


@given(STEPS, st.integers(1, 40))
def test_every_byte_comes_in_its_turn(steps: list[tuple[str, int]], drop: int) -> None:
    tape, place = Tape(Dripping(RAW, drop)), 0
    for step, size in steps:
        if place + max(size, 30) > len(RAW):
            break
        if step == "take":
            assert tape.take(size) == RAW[place : place + size]
            place += size
        elif step == "skip":
            tape.skip(size)
            place += size
        elif step == "peek":
            assert tape.peek(size) == RAW[place : place + size]
        else:
            end = RAW.index(b"\n", place)
            assert tape.line() == RAW[place:end]
            place = end + 1
        assert tape.offset == place


def test_what_is_missing_is_told() -> None:
    tape = Tape(Window.of(b"abc").open())
    with pytest.raises(Exhausted) as error:
        tape.take(4)
    assert error.value.wanted == 4
    with pytest.raises(Exhausted):
        Tape(Window.of(b"abc").open()).skip(1 << 60)


@pytest.mark.parametrize("drop", [1, 1_000, 100_000])
def test_a_long_line_is_passed_over_and_its_beginning_kept(drop: int) -> None:
    tape = Tape(Dripping(b"x" * 20_000 + b"\nnext\n", drop))
    assert tape.line() == b"x" * (LINE_BYTES + 1)
    assert tape.line() == b"next"
    assert not tape.torn


def test_a_torn_line_loses_its_last_byte() -> None:
    tape = Tape(Window.of(b"systemX").open())
    assert tape.line() == b"system"
    assert tape.torn
