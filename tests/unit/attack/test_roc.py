import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from bartizan.attack.roc import Roc, area
from bartizan.core.arrays import Array
from bartizan.core.streams import rng


def drawn(seed: int, *, n: int = 300, m: int = 400, steps: int | None = None) -> tuple[Array, ...]:
    """Scores of members and others; with `steps` rounded, so that many are equal."""
    stream = rng(seed, "roc")
    members, others = stream.normal(0.5, 1, n), stream.normal(0, 1, m)
    if steps is None:
        return members, others
    return np.round(members * steps) / steps, np.round(others * steps) / steps


def truth(members: Array, others: Array) -> tuple[Array, Array]:
    return np.repeat([1, 0], [len(members), len(others)]), np.concatenate([members, others])


@pytest.mark.parametrize("steps", [None, 1, 3])
def test_curve_and_area_are_those_of_scikit_learn(steps: int | None) -> None:
    members, others = drawn(0, steps=steps)
    label, score = truth(members, others)
    false, true, _ = roc_curve(label, score, drop_intermediate=False)
    found = Roc.of(members, others)
    np.testing.assert_allclose(found.false, false)
    np.testing.assert_allclose(found.true, true)
    assert found.advantage == pytest.approx((true - false).max())
    assert area(members, others).value == pytest.approx(roc_auc_score(label, score), abs=1e-12)


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.05, 0.5, 1.0])
def test_at_a_rate_that_a_threshold_hits_the_step_up_is_taken_whole(rate: float) -> None:
    members, others = drawn(1)
    false, true, _ = roc_curve(*truth(members, others), drop_intermediate=False)
    assert Roc.of(members, others).at(rate) == pytest.approx(true[false <= rate + 1e-12].max())


def test_ties_are_claimed_by_lot() -> None:
    found = Roc.of(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert found.at(0.25) == 0.5
    assert found.at(0.05) == pytest.approx(0.1)


def test_scores_without_a_difference_find_as_many_members_as_others() -> None:
    found = Roc.of(np.zeros(50), np.zeros(70))
    np.testing.assert_allclose(found.at(np.array([0.01, 0.3])), [0.01, 0.3])
    assert found.advantage == 0.0
    even = area(np.zeros(50), np.zeros(70))
    assert (even.value, even.low, even.high) == (0.5, 0.5, 0.5)


def test_the_variance_of_the_area_is_that_of_its_pairs() -> None:
    members, others = drawn(2, n=40, m=60, steps=2)
    pairs = (members[:, None] > others).astype(float) + 0.5 * (members[:, None] == others)
    variance = pairs.mean(axis=1).var(ddof=1) / 40 + pairs.mean(axis=0).var(ddof=1) / 60
    found, value = area(members, others), pairs.mean()
    odds = norm.ppf(0.975) * np.sqrt(variance) / (value * (1 - value))
    assert found.value == pytest.approx(value)
    assert np.log(found.high / (1 - found.high)) - np.log(value / (1 - value)) == pytest.approx(
        odds
    )
    assert np.log(value / (1 - value)) - np.log(found.low / (1 - found.low)) == pytest.approx(odds)


def test_the_interval_of_the_area_covers_the_truth_as_often_as_it_says() -> None:
    true = norm.cdf(0.5 / np.sqrt(2))
    found = [area(*drawn(seed, n=60, m=60)) for seed in range(400)]
    covered = sum(one.low <= true <= one.high for one in found)
    assert covered >= 365  # of 400 at 95 %: fewer come once in a thousand (binomial)


def test_an_area_without_an_error_still_has_an_interval() -> None:
    members, others = np.arange(10, 30.0), np.arange(10.0)
    best, worst = area(members, others), area(others, members)
    assert (best.value, best.high) == (1.0, 1.0)
    assert best.low == pytest.approx(0.025 ** (1 / 10))
    assert (worst.value, worst.low) == (0.0, 0.0)
    assert worst.high == pytest.approx(1 - best.low)


def test_one_row_on_a_side_is_enough_to_compute() -> None:
    found = area(np.array([1.0]), np.array([0.0, 2.0]))
    assert found.value == 0.5
