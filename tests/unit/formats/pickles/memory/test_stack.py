"""Marks fence values off, runs count as many, and a pile is pressed together."""

import pytest

from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.stack import Stack
from bartizan.formats.pickles.memory.values import COMPUTED, FLOAT, INT, Run, each
from bartizan.formats.pickles.trace import Name


def test_nothing_below_a_mark_can_be_reached() -> None:
    stack = Stack()
    stack.push(1)
    stack.mark()
    for reach in (stack.top, stack.pop, lambda: stack.last(1)):
        with pytest.raises(Broken, match="empty"):
            reach()
    stack.push(2)
    assert stack.gather() == [2]
    assert stack.pop() == 1


def test_dropping_takes_a_mark_where_nothing_lies_above_it() -> None:
    stack = Stack()
    stack.push(1)
    stack.mark()
    stack.drop()
    assert stack.pop() == 1
    with pytest.raises(Broken):
        stack.drop()
    with pytest.raises(Broken, match="no mark"):
        stack.gather()


def test_a_run_counts_as_many() -> None:
    stack = Stack()
    stack.push(Run(FLOAT, 3))
    stack.push(INT)
    assert stack.last(2) == [FLOAT, INT]
    assert stack.top() is FLOAT
    assert [stack.pop(), stack.pop()] == [FLOAT, FLOAT]
    with pytest.raises(Broken):
        stack.pop()


def test_a_pile_is_pressed_together_and_keeps_its_count() -> None:
    stack = Stack()
    stack.mark()
    for _ in range(60_000):
        stack.push(Name("os", "system"))
    stack.press()
    assert len(stack.items) < 20_000
    found = list(each(stack.gather()))
    assert len(found) == 60_000
    assert (found[0], found[-1]) == (COMPUTED, Name("os", "system"))


def test_what_waits_below_many_marks_is_limited() -> None:
    stack = Stack()

    def pile() -> None:
        for _ in range(1_000):
            for _ in range(1_000):
                stack.push(1)
            stack.mark()
            stack.press()

    with pytest.raises(Broken, match="values wait"):
        pile()
