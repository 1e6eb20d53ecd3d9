"""Newcombe's interval of two shares of the same rows."""

import numpy as np
import pytest

from bartizan.core.interval import gap_interval, paired_gap


def test_the_paired_interval_is_the_published_one() -> None:
    """Newcombe (1998), table II, row (a): e, f, g, h = 36, 12, 2, 0 of 50: 0.0569 to 0.3404.

    Their limits are Wilson's; those of Clopper and Pearson are wider.
    """
    first = np.repeat([True, True, False, False], [36, 12, 2, 0])
    second = np.repeat([True, False, True, False], [36, 12, 2, 0])
    gap, low, high = paired_gap(first, second)
    assert gap == pytest.approx(0.2)
    assert low == pytest.approx(0.0569, abs=0.02)
    assert high == pytest.approx(0.3404, abs=0.02)
    assert low < 0.0569
    assert high > 0.3404


def test_the_paired_interval_covers_the_difference_of_correlated_shares() -> None:
    draws, inside, n = np.random.default_rng(0), 0, 80
    for _ in range(1000):
        kind = draws.choice(4, size=n, p=[0.1, 0.5, 0.02, 0.38])
        _, low, high = paired_gap(kind <= 1, (kind == 0) | (kind == 2))
        inside += low <= 0.48 <= high
    assert inside >= 931  # 95 % of 1000, less 2.8 deviations of 6.9


def test_shares_that_have_nothing_to_do_with_each_other_have_the_unpaired_interval() -> None:
    first = np.repeat([True, False], [50, 50])
    second = np.tile([True, False], 50)
    assert paired_gap(first, second) == pytest.approx(gap_interval((50, 100), (50, 100)))


def wilson(hits: int, n: int) -> tuple[float, float]:
    z, p = 1.959964, hits / n
    middle, half = p + z * z / 2 / n, z * np.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return float((middle - half) / (1 + z * z / n)), float((middle + half) / (1 + z * z / n))


def test_with_the_limits_of_the_paper_the_interval_is_exactly_the_published_one() -> None:
    first = np.repeat([True, True, False, False], [36, 12, 2, 0])
    second = np.repeat([True, False, True, False], [36, 12, 2, 0])
    assert paired_gap(first, second, limits=wilson)[1:] == pytest.approx((0.0569, 0.3404), abs=5e-5)
    # where the shares go together, their limits are drawn in by phi less its correction
    first, second = (np.repeat(one, [20, 6, 2, 12]) for one in ([1, 1, 0, 0], [1, 0, 1, 0]))
    p, q = wilson(26, 40), wilson(22, 40)
    phi = (20 * 12 - 6 * 2 - 20) / np.sqrt(26 * 14 * 22 * 18)
    gap, down, up = 0.1, 0.65 - p[0], q[1] - 0.55
    low = gap - np.sqrt(down**2 - 2 * phi * down * up + up**2)
    assert paired_gap(first == 1, second == 1, limits=wilson)[1] == pytest.approx(low)


@pytest.mark.parametrize("both", [True, False])
def test_the_interval_stays_within_its_range_at_the_ends(both: bool) -> None:  # noqa: FBT001 (a parameter)
    gap, low, high = paired_gap(np.ones(5, dtype=bool), np.full(5, both))
    assert -1.0 <= low <= gap <= high <= 1.0
