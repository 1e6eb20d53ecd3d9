"""Entries of the memo are found by their real number, and many of them take little memory."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.machine import trace_of
from bartizan.formats.pickles.memory import memo as room
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.grades import argument
from bartizan.formats.pickles.memory.memo import Memo
from bartizan.formats.pickles.memory.values import (
    COMPUTED,
    LIST,
    TEXT,
    TUPLE,
    Attributes,
)
from bartizan.formats.pickles.trace import Name
from unpicklers import plain_unpicklers, ran_by

CHANGES = st.lists(st.tuples(st.none() | st.integers(0, 12), st.text(max_size=3)))


@given(CHANGES)
def test_entries_are_those_of_the_unpickler(changes: list[tuple[int | None, str]]) -> None:
    memo, known = Memo(), dict[int, str]()
    for index, value in changes:
        if index is None:
            memo.memoize(value)
            known[len(known)] = value
        else:
            memo.put(index, value)
            known[index] = value
    for index in range(-1, 40):
        if index in known:
            assert memo.get(index) == known[index]
        else:
            with pytest.raises(Broken, match="never put"):
                memo.get(index)


def test_what_has_no_room_is_forgotten_and_never_taken_for_something_else() -> None:
    memo = Memo()
    for _ in range(200_000):
        memo.memoize("x" * 200)
    assert memo.get(0) == "x" * 200
    assert memo.get(199_999) is TEXT
    memo.put(0, (1, 2))
    assert argument(memo.get(0)) == TUPLE
    dictionary = Attributes()
    memo.put(1, dictionary)
    assert dictionary.items is None


def test_a_text_without_room_that_names_something_is_kept_nevertheless() -> None:
    memo, text = Memo(), "sklearn" + ".svm"
    for _ in range(200_000):
        memo.memoize("x" * 200)
    memo.memoize(text)
    memo.rescue(text)
    assert memo.get(200_000) is text


def test_beyond_the_row_only_what_matters_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_DENSE", 3)
    memo, name = Memo(), Name("os", "system")
    for value in (LIST, LIST, LIST, name, LIST):
        memo.memoize(value)
    assert [memo.get(index) for index in range(5)] == [LIST, LIST, LIST, name, COMPUTED]
    memo.put(3, LIST)
    assert memo.get(3) is COMPUTED
    with pytest.raises(Broken):
        memo.get(5)


def test_a_long_list_of_texts_keeps_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_ROOM_BYTES", 100)
    words = [f"word {number}" for number in range(100)]
    raw = pickle.dumps([words, Name, Memo, Name("a", "b"), Broken, Memo], 4)
    trace = trace_of(Window.of(raw).open(), budget=Budget.for_file(len(raw)))
    names = [(found.spelled.module, found.spelled.name) for found in trace.imports]
    assert names == ran_by(plain_unpicklers()[0], raw).found
