"""Protocol buffers in windows: the same fields as in memory, whatever their size."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.wire import Event, Grammar, walk
from bartizan.formats.protobuf import fields
from model_files import pb

NESTED = Grammar(root="a", messages={"a": {1: "a"}})


def events(raw: bytes, grammar: Grammar = NESTED, *, opcodes: int = 1 << 30) -> list[Event]:
    budget = Budget(expanded_bytes=0, opcodes=opcodes)
    return list(walk(Window.of(raw), grammar, budget=budget))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(2, 40), st.integers(0, 2**64 - 1) | st.binary(max_size=300)),
        max_size=30,
    )
)
def test_fields_are_those_that_a_reader_in_memory_finds(
    content: list[tuple[int, int | bytes]],
) -> None:
    raw = b"".join(pb(number, value) for number, value in content)
    found = [
        (e.number, raw[e.start : e.start + e.size] if e.value < 0 else e.value)
        for e in events(raw)
        if e.what == "field"
    ]
    assert found == list(fields(raw))


@pytest.mark.parametrize("size", [65_500, 65_536, 65_560, 300_000])
def test_large_contents_are_passed_over_at_any_place(size: int) -> None:
    raw = pb(1, pb(2, bytes(size)) + pb(3, 7)) + pb(4, 9)
    assert [(e.kind, e.number, e.value) for e in events(raw) if e.value >= 0] == [
        ("a", 3, 7),
        ("a", 4, 9),
    ]


def test_messages_begin_and_end_in_order() -> None:
    raw = pb(1, pb(1, b"") + pb(2, 5)) + pb(1, b"")
    assert [(e.what, e.number) for e in events(raw)] == [
        ("begin", 0),
        ("begin", 1),
        ("begin", 1),
        ("end", 1),
        ("field", 2),
        ("end", 1),
        ("begin", 1),
        ("end", 1),
        ("end", 0),
    ]


def test_runs_leave_out_their_fields_and_nothing_else() -> None:
    run = {"a": re.compile(rb"(?:\x3d.{4})++", re.DOTALL)}
    raw = pb(2, 1) + b"\x3d\x3d\x3d\x3d\x3d" * 50_000 + pb(2, 2) + b"\x3dabcd" + pb(2, 3)
    found = events(raw, Grammar(root="a", messages={}, runs=run))
    assert [e.value for e in found if e.what == "field" and e.number == 2] == [1, 2, 3]
    assert sum(e.number == 7 for e in found) <= 4


@pytest.mark.parametrize(
    "raw",
    [
        b"\x0a\x05ab",
        b"\x0b",
        b"\x0c",
        b"\x02\x00",
        b"\x80" * 11,
        b"\x09abc",
        b"\x12\xff\xff\xff\xff\x0f",
    ],
)
def test_damaged_fields_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        events(raw)


def test_a_field_ends_where_its_message_does() -> None:
    with pytest.raises(InputError):
        events(b"\x0a\x02\x12\x05" + b"12345")


def test_nesting_and_numbers_of_fields_are_bounded() -> None:
    raw = b""
    for _ in range(150):
        raw = pb(1, raw)
    with pytest.raises(LimitError, match="nested"):
        events(raw)
    with pytest.raises(LimitError, match="opcodes"):
        events(pb(2, 1) * 5000, opcodes=10_000)


def group(number: int, *content: bytes) -> bytes:
    """What protocol buffers had before messages in messages; numbers below 16."""
    return bytes([number << 3 | 3]) + b"".join(content) + bytes([number << 3 | 4])


def test_groups_are_passed_over_with_groups_in_them() -> None:
    inner = group(5, pb(1, b"in"), group(6, pb(2, 7)), pb(1, 8))
    found = events(pb(2, 1) + inner + pb(3, 9))
    assert [(e.number, e.value) for e in found if e.what == "field"] == [(2, 1), (5, -1), (3, 9)]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x2b",  # begins, and that is all
        b"\x2b\x08\x01",
        b"\x2b\x34",  # another one ends
        b"\x2c",
        group(5, b"\x33"),
        b"\x2b" * 200 + b"\x2c" * 200,  # deeper than any reader goes
        group(5, pb(1, 1) * 10_001),
    ],
)
def test_a_group_without_its_end_is_damage(raw: bytes) -> None:
    with pytest.raises(InputError):
        events(raw)
