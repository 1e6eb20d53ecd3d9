import numpy as np
import pytest

from bartizan.assess.fidelity import above_floor, agreement, best_of, lost
from bartizan.core.streams import rng


def test_a_constant_copy_is_at_zero_and_a_perfect_one_at_one() -> None:
    usual = np.arange(1000) >= 160
    constant = above_floor(usual, usual, rng=rng(0))
    assert constant.value == pytest.approx(0)
    perfect = above_floor(np.ones(1000, dtype=bool), usual, rng=rng(0))
    assert perfect.value == perfect.high == 1
    assert perfect.low is not None
    assert 0.96 < perfect.low < 0.99


def test_the_number_is_fidelity_above_the_floor() -> None:
    usual = np.arange(1000) >= 200
    agree = np.arange(1000) % 20 != 0
    assert above_floor(agree, usual, rng=rng(0)).value == pytest.approx((0.95 - 0.8) / 0.2)


def test_a_model_that_decides_all_rows_alike_tells_nothing() -> None:
    measure = above_floor(np.ones(9, dtype=bool), np.ones(9, dtype=bool), rng=rng(0))
    assert measure.value is None
    assert "alike" in measure.why


@pytest.mark.parametrize(("rare", "wrong"), [(0.16, 0.03), (0.05, 0.01)])
def test_intervals_cover_the_truth_nineteen_times_in_twenty(rare: float, wrong: float) -> None:
    truth = 1 - wrong / rare
    covered = 0
    for seed in range(200):
        draw = rng(seed, "cover")
        odd = draw.random(600) < rare
        agree = draw.random(600) >= np.where(odd, wrong / rare * 0.7, wrong * 0.3 / (1 - rare))
        measure = above_floor(agree, ~odd, rng=draw)
        assert measure.low is not None
        assert measure.high is not None
        covered += measure.low <= truth <= measure.high
    assert 179 <= covered <= 200  # 190 expected; below 179 has a chance of 0.1 %


def test_what_is_lost_is_the_difference_of_shares_on_the_same_rows() -> None:
    full, less = np.arange(100) >= 3, np.arange(100) >= 10
    measure = lost("lost", full, less, rng=rng(0))
    assert measure.value == pytest.approx(0.07)
    assert measure.low is not None
    assert measure.high is not None
    assert 0.02 < measure.low < 0.07 < measure.high < 0.14
    same = lost("lost", full, full, rng=rng(0))
    assert same.value == 0
    assert same.low is not None
    assert same.high is not None
    assert same.low < 0 < same.high


def test_the_luck_of_the_best_is_not_counted() -> None:
    agree = rng(0, "luck").random((50, 2000)) < 0.5  # fifty copies that guess
    assert agree.mean(axis=1).max() > 0.52
    assert abs(best_of(agree).mean() - 0.5) < 0.035  # 3 standard errors


def test_the_best_of_one_is_that_one() -> None:
    agree = rng(0, "one").random((1, 20)) < 0.5
    assert np.array_equal(best_of(agree), agree[0])
    assert best_of(agree[:, :1]).shape == (1,)


def test_no_rows_are_said_to_be_none() -> None:
    assert agreement("near", np.zeros(0, dtype=bool)).value is None
