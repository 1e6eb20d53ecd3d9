"""One planned item on its way."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.block import Block, BlockResult
from bartizan.assess.plan import Planned
from bartizan.assess.slot import Slot
from bartizan.attack import coordinate
from bartizan.core.entry import CheckResult, ControlResult
from bartizan.core.finding import Measure


def result(n: int, price: float, **more: Any) -> BlockResult:
    """A block whose rows were all broken at one price."""
    blank = BlockResult(
        points=np.full((n, 2), price), success=np.ones(n, dtype=bool),
        claimed=np.ones(n, dtype=bool), price=np.full(n, price),
        decided=np.ones(n, dtype=np.int64), queries=np.full(n, 7), needed=np.full(n, 3),
        lower=None, vanished=None,
    )  # fmt: skip
    return replace(blank, **more)


def block(rows: list[int]) -> tuple[np.ndarray[Any, Any], Block]:
    """Rows by place; a slot looks at nothing else of a block."""
    return np.array(rows), Block.__new__(Block)


@pytest.fixture
def slot() -> Slot:
    """Five rows in two blocks, none of them done."""
    item = Planned(entry=coordinate.ENTRY, constraint=None, rows=np.arange(5), queries=10)
    made = Slot(item)
    made.blocks = [block([4, 0, 2]), block([1, 3])]
    return made


SOUND = ControlResult(passed=True, detail="found")


def test_before_anything_is_done_nothing_is_said(slot: Slot) -> None:
    done = slot.done()
    assert (done.attacked, done.check, done.errors, done.results) == (None, None, (), ())
    assert not done.late
    assert done.control == ControlResult(passed=True, detail="not run")


def test_blocks_are_put_together_by_number_whichever_came_first(slot: Slot) -> None:
    slot.control = SOUND
    slot.results[1], slot.digests[1] = result(2, 0.5), "b"
    slot.results[0], slot.digests[0] = result(3, 0.2), "a"
    done = slot.done()
    assert done.attacked is not None
    assert done.attacked.rows.tolist() == [4, 0, 2, 1, 3]
    assert done.attacked.price.tolist() == [0.2, 0.2, 0.2, 0.5, 0.5]
    assert done.results == ("a", "b")
    assert done.control == SOUND


def test_a_part_of_the_blocks_is_a_part_of_the_rows(slot: Slot) -> None:
    slot.results[1] = result(2, 0.5)
    done = slot.done()
    assert done.attacked is not None
    assert done.attacked.rows.tolist() == [1, 3]
    assert done.results == ()  # nothing of it is in the store


def test_errors_are_told_once_each_and_in_order(slot: Slot) -> None:
    slot.results = {0: result(3, 0.2, error="b"), 1: result(2, 0.2, error="b")}
    slot.error = "a"
    done = slot.done()
    assert done.errors == ("a", "b")
    assert done.attacked is not None
    assert not done.attacked.rows.size  # a crashed block has no rows


def test_a_crash_before_the_control_is_no_passed_control(slot: Slot) -> None:
    slot.error = "ValueError: no"
    assert not slot.done().control.passed


def test_one_late_block_makes_the_item_late(slot: Slot) -> None:
    slot.results = {0: result(3, 0.2), 1: result(2, 0.2, late=True)}
    assert slot.done().late


def test_a_check_is_handed_on(slot: Slot) -> None:
    slot.check = CheckResult(measures=(Measure(name="m", value=1.0),), severity="low")
    assert slot.done().check is slot.check
