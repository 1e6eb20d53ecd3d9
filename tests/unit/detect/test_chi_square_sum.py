import numpy as np
import pytest
from scipy.stats import chi2

from bartizan.core.arrays import Array
from bartizan.core.streams import rng
from bartizan.detect.chi_square_sum import tail


@pytest.mark.parametrize("freedom", [1, 2, 8, 100])
def test_equal_weights_give_the_chi_square_tail(freedom: int) -> None:
    for level in (0.9, 0.5, 0.1, 0.01, 1e-6, 1e-12):
        value = float(chi2.isf(level, freedom))
        found = tail(3 * value, weights=np.full(freedom, 3.0))
        assert found == pytest.approx(level, rel=0.12)


@pytest.mark.parametrize(
    "weights", [1 / np.arange(1, 60.0), np.linspace(0.2, 1, 100), np.array([1.0, 0.5, 0.1])]
)
def test_the_tail_is_that_of_simulated_sums(weights: Array) -> None:
    draws = rng(0)
    drawn = np.concatenate(
        [draws.standard_normal((20_000, len(weights))) ** 2 @ weights for _ in range(20)]
    )
    for level in (0.9, 0.5, 0.1, 0.01, 0.001):
        value = float(np.quantile(drawn, 1 - level))
        assert tail(value, weights=weights) == pytest.approx(level, rel=0.12)


def test_the_tail_falls_without_a_step_where_the_formula_changes() -> None:
    weights = np.linspace(0.1, 1, 50)
    values = np.linspace(0.8, 1.2, 2001) * weights.sum()
    found = np.array([tail(float(value), weights=weights) for value in values])
    assert (np.diff(found) <= 0).all()
    assert np.abs(np.diff(found)).max() < 0.003


def test_weights_of_zero_do_not_matter() -> None:
    assert tail(5.0, weights=np.array([1.0, 0.0])) == tail(5.0, weights=np.array([1.0]))


def test_nothing_is_certain_to_be_exceeded_and_much_never() -> None:
    assert tail(0.0, weights=np.ones(3)) == 1
    assert tail(1e6, weights=np.ones(3)) < 1e-300
    assert tail(1e-9, weights=np.ones(3)) > 0.999
