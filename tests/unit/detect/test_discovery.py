import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import false_discovery_control

from bartizan.core.arrays import Array
from bartizan.core.errors import InputError
from bartizan.core.streams import rng
from bartizan.detect.discovery import adjusted


@pytest.mark.parametrize("size", [1, 2, 7, 500])
@pytest.mark.parametrize("dependent", [True, False])
def test_adjusted_p_values_are_those_of_scipy(size: int, *, dependent: bool) -> None:
    p = rng(size).random(size) ** 3
    expected = false_discovery_control(p, method="by" if dependent else "bh")
    assert adjusted(p, dependent=dependent) == pytest.approx(expected)


def test_the_order_of_tests_does_not_matter() -> None:
    p = rng(0).random(50)
    order = rng(1).permutation(50)
    assert np.array_equal(adjusted(p[order]), adjusted(p)[order])


def test_ties_stay_ties() -> None:
    found = adjusted(np.array([0.01, 0.2, 0.01, 0.2]))
    assert found[0] == found[2]
    assert found[1] == found[3]


def test_nothing_stays_nothing() -> None:
    assert adjusted(np.empty(0)).shape == (0,)


def test_the_rate_holds_where_tests_depend_on_each_other_in_both_directions() -> None:
    draws = rng(2).standard_normal(4000)
    from_left = np.array([_normal_tail(draws), _normal_tail(-draws)]).T
    believed = np.array([adjusted(p).min() <= 0.1 for p in from_left])
    assert believed.mean() <= 0.1


def _normal_tail(z: Array) -> Array:
    return np.asarray(ndtr(-z))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        adjusted(np.array([0.5, wrong]))
