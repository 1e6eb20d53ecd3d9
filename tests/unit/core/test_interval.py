import numpy as np
import pytest
from scipy.stats import binom, binomtest

from bartizan.core.arrays import Mask
from bartizan.core.interval import (
    gap_interval,
    mean_interval,
    paired_gap,
    score_gap,
    share_interval,
)
from bartizan.core.streams import rng

TABLE = {  # Clopper-Pearson, 95 %: exact limits as printed in statistical tables, in percent
    (0, 10): (0.00, 30.85),
    (1, 10): (0.25, 44.50),
    (5, 10): (18.71, 81.29),
    (10, 10): (69.15, 100.0),
    (0, 20): (0.00, 16.84),
    (2, 20): (1.23, 31.70),
    (10, 100): (4.90, 17.62),
    (50, 100): (39.83, 60.17),
}


@pytest.mark.parametrize(("hits", "n"), TABLE)
def test_limits_are_those_of_the_tables(hits: int, n: int) -> None:
    low, high = share_interval(hits, n)
    assert (100 * low, 100 * high) == pytest.approx(TABLE[hits, n], abs=0.006)


@pytest.mark.parametrize("n", [1, 2, 7, 100, 640])
def test_limits_are_those_of_an_exact_test(n: int) -> None:
    for hits in {0, 1, n // 3, n - 1, n}:
        wanted = binomtest(hits, n).proportion_ci(method="exact")
        assert share_interval(hits, n) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 5, 12, 30])
def test_at_least_95_in_100_samples_cover_the_true_share(n: int) -> None:
    limits = np.array([share_interval(hits, n) for hits in range(n + 1)])
    for share in np.linspace(0.001, 0.999, 333):
        covers = (limits[:, 0] <= share) & (share <= limits[:, 1])
        assert binom.pmf(np.arange(n + 1), n, share)[covers].sum() >= 0.95


def test_failures_mirror_successes() -> None:
    low, high = share_interval(3, 17)
    assert share_interval(14, 17) == pytest.approx((1 - high, 1 - low))


def test_more_rows_settle_more() -> None:
    widths = [np.diff(share_interval(n // 5, n))[0] for n in (10, 50, 100, 500)]
    assert widths == sorted(widths, reverse=True)


def test_the_interval_of_one_share_is_that_share() -> None:
    assert mean_interval([(7, 9)]) == pytest.approx((7 / 9, *share_interval(7, 9)))


def test_a_mean_weighs_every_share_alike() -> None:
    mean, low, high = mean_interval([(1, 2), (90, 100)])
    assert mean == pytest.approx(0.7)
    assert 0 <= low < mean < high <= 1


def test_a_mean_is_known_better_than_its_parts() -> None:
    _, low, high = mean_interval([(50, 100), (50, 100)])
    one_low, one_high = share_interval(50, 100)
    assert high - low == pytest.approx((one_high - one_low) / np.sqrt(2))


def test_a_mean_stays_between_nothing_and_everything() -> None:
    assert mean_interval([(0, 1), (0, 1)])[:2] == (0.0, 0.0)
    assert mean_interval([(1, 1), (1, 1)])[::2] == (1.0, 1.0)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.1, 0.9), (0.02, 0.98), (0.9, 0.95)])
def test_the_mean_of_two_shares_is_covered_95_times_in_100(shares: tuple[float, float]) -> None:
    n = 40
    limits = np.array(
        [[mean_interval([(i, n), (j, n)])[1:] for j in range(n + 1)] for i in range(n + 1)]
    )
    true = np.mean(shares)
    covers = (limits[:, :, 0] <= true) & (true <= limits[:, :, 1])
    chance = np.outer(*(binom.pmf(np.arange(n + 1), n, share) for share in shares))
    assert chance[covers].sum() >= 0.95


@pytest.mark.parametrize(("first", "second"), [((90, 100), (60, 100)), ((5, 50), (9, 40))])
def test_the_interval_of_a_gap_holds_it_and_turns_round_with_it(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    gap, low, high = gap_interval(first, second)
    assert gap == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert low < gap < high
    np.testing.assert_allclose(gap_interval(second, first), (-gap, -high, -low))


def test_the_interval_of_a_gap_covers_the_truth() -> None:
    stream = rng(0, "gap")
    draws = [(stream.binomial(60, 0.9), stream.binomial(60, 0.7)) for _ in range(400)]
    found = [gap_interval((a, 60), (b, 60)) for a, b in draws]
    assert sum(low <= 0.2 <= high for _, low, high in found) >= 365  # see the bound in test_roc


def test_limits_of_many_are_wider_so_that_all_hold_at_once() -> None:
    for hits in (0, 3, 20):
        wanted = binomtest(hits, 20).proportion_ci(confidence_level=1 - 0.05 / 4, method="exact")
        found = share_interval(hits, 20, tests=4)
        assert found == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def two(one: int, other: int, n: int) -> tuple[Mask, Mask]:
    """Answers of two models, of which one alone is right on so many rows."""
    rows = np.arange(n)
    return (rows < one) | (rows >= one + other), rows >= one


@pytest.mark.parametrize(
    ("one", "other", "n"), [(7, 0, 230), (9, 2, 230), (0, 4, 44), (35, 5, 900)]
)
def test_the_score_interval_ends_where_the_score_test_rejects(one: int, other: int, n: int) -> None:
    value, low, high = score_gap(*two(one, other, n))
    assert value == pytest.approx((one - other) / n)
    for limit, sign in ((low, 1), (high, -1)):
        free = np.linspace(max(-limit, 0), (1 - limit) / 2, 2_000_001)[1:-1]  # share of `other`
        with np.errstate(divide="ignore"):
            told = other * np.log(free) if other else np.zeros_like(free)
            told = told + (one * np.log(free + limit) if one else 0.0)
            told += (n - one - other) * np.log(1 - 2 * free - limit)
        best = free[told.argmax()]  # most likely, were the difference the limit
        score = (one - other - n * limit) / np.sqrt(n * (2 * best + limit - limit**2))
        assert score == pytest.approx(sign * 1.959964, abs=1e-3)


def test_a_few_rows_that_all_went_one_way_settle_a_difference() -> None:
    _, low, _ = score_gap(*two(7, 0, 230))
    assert low > 0.01
    assert paired_gap(*two(7, 0, 230))[1] < 0.01


def test_models_that_never_differ_may_differ_as_much_either_way() -> None:
    value, low, high = score_gap(*two(0, 0, 230))
    assert value == 0.0
    assert -low == pytest.approx(high) == pytest.approx(1.959964**2 / (230 + 1.959964**2))


def test_a_difference_that_is_not_there_is_seldom_seen_in_a_score() -> None:
    draws, n = rng(0, "score"), 230
    for shared in (0.0, 0.01, 0.04):
        counts = draws.multinomial(n, [shared + 0.01, shared, 0.99 - 2 * shared], size=2000)
        kinds, times = np.unique(counts[:, :2], axis=0, return_counts=True)
        above = [score_gap(*two(int(b), int(c), n))[1] > 0.01 for b, c in kinds]
        assert times[above].sum() / 2000 < 0.04
