"""How far two lists of counts are apart."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from bartizan.core.arrays import Ints
from bartizan.core.interval import gap_interval

_LEVEL = 0.05
"""Of the interval: it misses at most this often."""
_SMALL = 5
"""Expected count below which the chi-square distribution is no good approximation."""
_DRAWS = 2_000
"""Tables drawn for the exact test: p-values of 0.05 are met to within 0.01."""

_MOST = 10**9
"""Rows that numpy's generator can draw from; so many are no small sample."""


@dataclass(frozen=True)
class Shift:
    """Total variation distance of two samples, with a 95 % interval of that of their sources."""

    value: float
    low: float
    high: float
    rows: int


def shift_of(here: Ints, there: Ints) -> Shift:
    """Half the sum of the differences of shares.

    Of two classes it is the difference of one share, which has an exact interval. Of more, the
    distance of two samples changes by at most 1/n when one of n rows does, so it stays within
    t of its mean; and its mean is above the distance of the sources by at most the second term,
    never below it.

    Args:
        here: Rows of each class, shape (k,), at least one row in all.
        there: The same of the other sample.

    Returns:
        The distance, 0..1, and an interval that covers that of the sources in 95 % of samples,
        however few rows or many classes there are. Of more than two classes it is wider than
        it has to be.

    Source:
        Two classes: `interval.gap_interval`. More: McDiarmid (1989), On the
        method of bounded differences; the mean by Jensen's and Cauchy's inequalities.

    Example:
        >>> shift_of(np.array([500, 500]), np.array([900, 100])).value
        0.4
    """
    n, m = int(here.sum()), int(there.sum())
    value = float(np.abs(here / n - there / m).sum() / 2)
    if len(here) == 2:
        _, down, up = gap_interval((int(here[0]), n), (int(there[0]), m))
        least = max(down, -up, 0.0)
        return Shift(value=value, low=min(least, value), high=max(up, -down), rows=n)
    away = float(np.sqrt(np.log(2 / _LEVEL) / 2 * (1 / n + 1 / m)))
    excess = float(np.sqrt((len(here) - 1) * (1 / n + 1 / m)) / 2)
    low, high = max(value - away - excess, 0.0), min(value + away, 1.0)
    return Shift(value=value, low=low, high=high, rows=n)


def likely(here: Ints, there: Ints, *, rng: np.random.Generator) -> float:
    """Chance that two samples of one source differ in their shares this much or more.

    Args:
        here: Rows of each class, shape (k,), at least one row in all.
        there: The same of the other sample.
        rng: Draws tables where a class is rare.

    Returns:
        p-value of Pearson's chi-square: from its distribution where every expected count is at
        least 5, else from 2,000 tables drawn with the same margins, which is exact but for their
        number.
    """
    both = here + there
    here, both = here[both > 0], both[both > 0]
    n, total = int(here.sum()), int(both.sum())
    expected = both * (n / total)
    other = both - expected
    if len(both) < 2 or n == total:
        return 1.0
    weight = 1 / expected + 1 / other
    value = float(((here - expected) ** 2 * weight).sum())
    if min(expected.min(), other.min()) >= _SMALL or total >= _MOST:
        return float(chdtrc(len(both) - 1, value))
    drawn = rng.multivariate_hypergeometric(both, n, size=_DRAWS, method="marginals")
    values = ((drawn - expected) ** 2 * weight).sum(axis=1)
    return float(((values >= value * (1 - 1e-9)).sum() + 1) / (_DRAWS + 1))
