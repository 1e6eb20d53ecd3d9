from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy.stats import binom, chi2_contingency, mannwhitneyu

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import InputError
from bartizan.core.streams import rng
from bartizan.detect.drift import Cells, p_value


def cells(reference: list[int], current: list[int], ordered: int = 0) -> Cells:
    return Cells(np.array(reference), np.array(current), ordered=ordered)


def p(reference: list[int], current: list[int], ordered: int = 0) -> float:
    return p_value(cells(reference, current, ordered), rng=rng(0))


def test_without_order_the_p_value_is_that_of_the_chi_square_test() -> None:
    table = np.array([[120, 300, 80, 90], [200, 410, 190, 160]])
    expected = chi2_contingency(table, correction=False).pvalue
    assert p(table[0].tolist(), table[1].tolist()) == pytest.approx(expected)


def test_a_shift_is_found_by_ranks_as_by_mann_and_whitney() -> None:
    before, now = np.array([200] * 10), np.array([170, 180, 185, 190, 200, 205, 210, 215, 220, 225])
    at = np.arange(10)
    expected = mannwhitneyu(
        np.repeat(at, before), np.repeat(at, now), use_continuity=False, method="asymptotic"
    ).pvalue
    found = p(before.tolist(), now.tolist(), 10)
    assert found == pytest.approx(2 * expected)
    assert found < p(before.tolist(), now.tolist())


def test_few_rows_are_shuffled_as_all_ways_to_deal_them_would_be() -> None:
    reference, current = [6, 1, 0], [1, 3, 3]
    values = np.repeat(np.arange(3), np.array(reference) + np.array(current))
    seen = _statistic(np.array(current), total=np.array(reference) + np.array(current))
    dealt = [
        _statistic(np.bincount(values[list(rows)], minlength=3), total=np.bincount(values))
        for rows in combinations(range(14), 7)
    ]
    exact = sum(one >= seen - 1e-9 for one in dealt) / comb(14, 7)
    assert p(reference, current) == pytest.approx(exact, rel=0.15)


def _statistic(current: Ints, *, total: Ints) -> float:
    expected = total * (current.sum() / total.sum())
    return float(((current - expected) ** 2 / expected).sum())


@pytest.mark.parametrize(
    ("reference", "current"),
    [([50, 0], [70, 0]), ([0, 0], [3, 4]), ([3, 4], [0, 0]), ([0], [0]), ([7], [9])],
)
def test_what_cannot_be_compared_is_no_drift(reference: list[int], current: list[int]) -> None:
    assert p(reference, current) == 1.0


def test_a_new_category_is_found() -> None:
    assert p([500, 500, 0], [475, 475, 50]) < 1e-10


def test_missing_values_are_a_cell_beside_the_order() -> None:
    assert p([250] * 4 + [0], [240] * 4 + [40], 4) < 1e-6


def test_a_value_that_two_rows_in_a_hundred_share_is_found_though_ranks_do_not_move() -> None:
    spike = [1000] * 9 + [1000 + 400] + [1000] * 9
    assert p([1000] * 19, spike, 19) < 0.001


def test_one_row_is_never_drift_unless_it_is_unheard_of() -> None:
    assert p([5000, 5000], [0, 1]) > 0.5
    assert p([9999, 1], [0, 1]) < 0.01


WORLDS = {
    "even": (np.ones(20), 1500, 1500, 20),
    "small reference": (np.ones(20), 300, 5000, 20),
    "skewed": (1 / np.arange(1, 60.0) ** 1.5, 1000, 3000, 0),
    "skewed in order": (1 / np.arange(1, 60.0) ** 1.5, 150, 30_000, 59),
    "one row in a thousand": (np.array([999.0, 1.0]), 5000, 5000, 2),
    "few rows": (np.ones(6), 40, 400, 6),
}


@pytest.mark.parametrize("world", WORLDS)
def test_p_values_are_not_smaller_than_they_should_be(world: str) -> None:
    weights, n, m, ordered = WORLDS[world]
    runs = 4000 if n >= 100 else 1000
    found = _clean(weights / weights.sum(), n=n, m=m, ordered=ordered, runs=runs)
    for level in (0.5, 0.1, 0.01, 0.001):
        allowed = binom.ppf(0.9999, runs, level)  # one such bound in 10,000 fails by chance
        assert (found <= level).sum() <= allowed, level


def _clean(shares: Array, *, n: int, m: int, ordered: int, runs: int) -> Array:
    draws = rng(7, n, m, ordered)
    return np.array(
        [
            p_value(
                Cells(draws.multinomial(n, shares), draws.multinomial(m, shares), ordered=ordered),
                rng=draws,
            )
            for _ in range(runs)
        ]
    )


def test_the_cells_in_which_nothing_is_do_not_matter() -> None:
    assert p([90, 0, 110, 0], [60, 0, 150, 0], 4) == p([90, 110], [60, 150], 2)


@pytest.mark.parametrize("few", [[3, 5, 2], [300, 500, 200]])
def test_the_same_seed_gives_the_same_p_value(few: list[int]) -> None:
    assert p(few, [5, 5, 5], 3) == p(few, [5, 5, 5], 3)


@pytest.mark.parametrize(
    ("reference", "current", "ordered"),
    [([1, -1], [1, 1], 0), ([1, 1], [1, 1, 1], 0), ([1, 1], [1, 1], 3)],
)
def test_counts_that_are_none_are_refused(
    reference: list[int], current: list[int], ordered: int
) -> None:
    with pytest.raises(InputError):
        cells(reference, current, ordered)
