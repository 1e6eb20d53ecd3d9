import numpy as np
import pytest
from scipy.stats import binom

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect.joint import Apart, Axis, Moments, apart, features_for, moments, spread

AXES = tuple(
    Axis(name=f"c{i}", cells=20, scores=np.linspace(-1.9, 1.9, 20) if i < 4 else None)
    for i in range(5)
)
"""Four columns in order and one of categories."""


def codes(draws: np.random.Generator, n: int, *, correlation: float = 0.0) -> AnyArray:
    """Rows whose columns are each spread evenly over 20 cells, whatever the correlation."""
    normal = draws.standard_normal((n, 5))
    normal[:, 1] = correlation * normal[:, 0] + np.sqrt(1 - correlation**2) * normal[:, 1]
    ranks = np.argsort(np.argsort(normal, axis=0), axis=0)
    return (ranks * 20 // n).astype(np.int16)


def of(rows: AnyArray, *, features: int = 64, seed: int = 0) -> Moments:
    return moments(rows, axes=AXES, seed=seed, width=4.0, features=features)


def compared(left: AnyArray, right: AnyArray, features: int = 64) -> Apart:
    return apart(of(left, features=features), of(right, features=features))


def test_a_change_of_correlation_that_leaves_every_column_as_it_was_is_found() -> None:
    draws = rng(0)
    left, right = codes(draws, 3000), codes(draws, 3000, correlation=0.4)
    for column in range(5):
        assert np.array_equal(np.bincount(left[:, column]), np.bincount(right[:, column]))
    assert compared(left, right).p < 1e-6


def test_a_shift_of_one_column_is_found() -> None:
    draws = rng(0)
    left, right = codes(draws, 3000), codes(draws, 3000)
    right[:, 2] = np.minimum(right[:, 2] + 2, 19)
    assert compared(left, right).p < 1e-6


def test_a_change_of_categories_and_one_of_missing_values_are_found() -> None:
    draws = rng(0)
    for column, cell in ((4, 3), (0, 20)):
        left, right = codes(draws, 3000), codes(draws, 3000)
        right[:300, column] = cell
        assert compared(left, right).p < 1e-6, column


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (1500, 200), (100, 100), (400, 60)])
def test_p_values_are_not_smaller_than_they_should_be(n: int, m: int) -> None:
    runs = 300
    found = np.empty(runs)
    features = min(features_for(n), 64)
    for seed in range(runs):
        draws = rng(seed, n, m)
        left, right = draws.integers(0, 20, (n, 5)), draws.integers(0, 20, (m, 5))
        found[seed] = compared(left, right, features).p
    for level in (0.5, 0.1, 0.05, 0.01):
        assert (found <= level).sum() <= binom.ppf(0.9999, runs, level), level


def test_the_share_is_at_most_the_total_variation_and_not_far_from_it() -> None:
    draws = rng(1)
    for planted in (0.05, 0.2, 0.6):
        shares = []
        for _ in range(10):
            left, right = draws.integers(0, 20, (2000, 5)), draws.integers(0, 20, (2000, 5))
            right[: int(planted * 2000)] = 7  # rows that hardly occur otherwise
            shares.append(compared(left, right).share)
        assert planted / 6 < np.mean(shares) < planted * 1.02


def test_the_share_of_nothing_is_about_nothing() -> None:
    draws = rng(2)
    shares = [
        compared(draws.integers(0, 20, (2000, 5)), draws.integers(0, 20, (2000, 5))).share
        for _ in range(20)
    ]
    assert np.mean(shares) < 0.003


def test_the_order_of_columns_and_of_rows_does_not_matter() -> None:
    rows = codes(rng(0), 500, correlation=0.5)
    order = rng(1).permutation(5)
    shuffled = rng(2).permutation(rows)[:, order]
    axes = [AXES[i] for i in order]
    found = moments(shuffled, axes=axes, seed=0, width=4.0, features=32)
    whole = of(rows, features=32)
    assert found.mean == pytest.approx(whole.mean)
    assert found.covariance == pytest.approx(whole.covariance, abs=1e-12)


def test_moments_are_the_mean_and_covariance_of_bounded_features() -> None:
    rows = codes(rng(0), 9000)
    found = of(rows, features=16)
    assert found.rows == 9000
    assert (np.abs(found.mean) <= 1).all()
    parts = [of(rows[:4000], features=16), of(rows[4000:], features=16)]
    mean = sum(part.rows * part.mean for part in parts) / 9000
    assert found.mean == pytest.approx(mean)
    second = sum(
        (part.rows - 1) * part.covariance + part.rows * np.outer(part.mean, part.mean)
        for part in parts
    )
    expected = (second - 9000 * np.outer(mean, mean)) / 8999
    assert found.covariance == pytest.approx(expected, abs=1e-12)


def test_constant_rows_are_not_apart() -> None:
    rows = np.zeros((100, 5), dtype=np.int16)
    assert compared(rows, rows, 16) == Apart(p=1.0, share=0.0)
    assert spread(rows, axes=AXES) == 0


def test_the_spread_is_the_sum_of_variances() -> None:
    rows = codes(rng(0), 2000)
    scores = np.linspace(-1.9, 1.9, 20)
    assert spread(rows, axes=AXES) == pytest.approx(4 * scores.var() + 0.95)


def test_too_few_rows_for_the_features_are_refused() -> None:
    rows = codes(rng(0), 20)
    with pytest.raises(ShapeError, match="too few for 64 features"):
        compared(rows, rows)


def test_codes_of_other_columns_are_refused() -> None:
    with pytest.raises(ShapeError):
        of(np.zeros((10, 4), dtype=np.int16))


def test_there_are_ten_rows_for_each_feature_and_an_even_number() -> None:
    assert [features_for(n) for n in (2, 159, 330, 1000, 10**6)] == [16, 16, 32, 100, 256]
