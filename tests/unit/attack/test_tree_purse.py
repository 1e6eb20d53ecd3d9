from itertools import count

import numpy as np
import pytest

from bartizan.attack.tree_purse import Purse, easiest_first


class Clock:
    """Goes only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rows_that_take_their_share_get_the_mean() -> None:
    clock = Clock()
    purse = Purse(rows=4, mean_s=0.5, limit_s=10.0, clock=clock)
    for _ in range(4):
        share = purse.share()
        assert share == pytest.approx(0.5)
        clock.now += share


def test_what_quick_rows_leave_is_for_the_slow_ones() -> None:
    clock = Clock()
    purse = Purse(rows=3, mean_s=1.0, limit_s=10.0, clock=clock)
    shares = []
    for taken in (0.0, 0.5, 0.0):
        shares.append(purse.share())
        clock.now += taken
    assert shares == pytest.approx([1.0, 1.5, 2.5])


def test_a_row_never_gets_more_than_its_own_limit() -> None:
    assert Purse(rows=100, mean_s=50.0, limit_s=2.0, clock=Clock()).share() == 2.0


def test_nothing_is_left_once_the_block_has_taken_longer() -> None:
    clock = Clock()
    purse = Purse(rows=2, mean_s=1.0, limit_s=10.0, clock=clock)
    purse.share()
    clock.now += 5.0
    assert purse.share() <= 0


def test_the_sum_of_all_work_stays_within_the_block_whatever_rows_take() -> None:
    clock = Clock()
    draw = np.random.default_rng(0)
    purse = Purse(rows=256, mean_s=0.5, limit_s=10.0, clock=clock)
    for _ in range(256):
        clock.now += purse.share() * draw.choice([0.0, 0.1, 1.0])
    assert clock.now - 100.0 <= 128.0 + 1e-9


def test_no_rows_need_no_time() -> None:
    ticks = count()
    assert Purse(rows=0, mean_s=0.5, limit_s=10.0, clock=lambda: next(ticks)).share() <= 0.5


def test_rows_with_fewer_leaves_below_the_price_come_first() -> None:
    costs = np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, 0.1, 0.2], [0.0, 9.0, 9.0]])
    assert easiest_first(costs, np.array([1.5, 1.5, np.inf, 1.5])).tolist() == [1, 3, 0, 2]
