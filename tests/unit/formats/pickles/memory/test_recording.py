"""Facts are kept in order, and a bounded number of them."""

import pytest

from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.recording import Recording
from bartizan.formats.pickles.trace import Argument, Made, Name, Opaque


def test_of_one_callee_a_thousand_are_kept_and_those_that_are_judged_otherwise() -> None:
    record = Recording()
    callee = record.imported(Name("m", "f"), spelled=Name("m", "f"), offset=0)
    for offset in range(3_000):
        record.called(callee, how="call", arguments=(offset, "text"), offset=offset)
    assert len(record.calls) == 1_010
    other = record.imported(Name("m", "g"), spelled=Name("m", "g"), offset=0)
    differing: tuple[Argument, ...] = (
        (other,),
        Made(callee),
        Made(callee, grade=0),
        Opaque("list"),
        Opaque("list", grade=2),
        Opaque("dict", keys="hook"),
        1 << 40,
        None,
        "latin1",
    )
    for one in differing:
        record.called(callee, how="call", arguments=(0, one), offset=9_000)
        assert record.calls[-1].arguments == (0, one)
    record.called(callee, how="call", arguments=(0, "text"), offset=0, again=True)
    assert record.calls[-1].again
    assert record.calls[0].arguments == (0, "text")


def test_one_name_is_one_object() -> None:
    record = Recording()
    one = record.imported(Name("m", "f"), spelled=Name("m", "f"), offset=0)
    assert record.imported(Name("m", "f"), spelled=Name("m", "f"), offset=9) is one
    assert record.made(Name("m", "f")).by is one
    assert len(record.imports) == 2


def test_calls_that_all_differ_come_to_an_end() -> None:
    record = Recording()
    names = [record.made(Name("m", str(number))).by for number in range(1_000)]

    def call_all() -> None:
        for first in names:
            for second in names:
                record.called(first, how="call", arguments=(second, "x" * 200), offset=0)

    with pytest.raises(Broken, match="different calls"):
        call_all()
    assert len(record.calls) > 50_000


def test_an_odd_thing_is_told_once() -> None:
    record = Recording()
    record.odd("a PROTO in the middle", offset=1_234)
    record.odd("a PROTO in the middle", offset=5_678)
    record.extended(7)
    record.extended(7)
    trace = record.trace("stop", why="", size_bytes=0)
    assert trace.odd == ("a PROTO in the middle, at byte 1,234",)
    assert trace.extensions == (7,)
