"""Bins of about equal numbers of values, with bins of their own for values that many rows share."""

import numpy as np
from scipy.special import ndtri

from bartizan.core.arrays import Array, Ints

BINS = 20
"""Bins of a column with many values: with more, chi-square needs more rows for the same shift;
with fewer it cannot tell where two per cent of the rows were put."""
RARE = 10
"""Values that a bin or a shared value must have among those that choose the bins. What fewer rows
have is not told apart: it would point at them."""


def edges(numbers: Array) -> Array:
    """Inner edges of bins.

    A value that many rows share, such as 0, gets a bin of its own, empty ones around it where there
    is nothing; so do values that lie farther outside than the whole range is wide.

    Args:
        numbers: Shape (n,), ascending, without NaN; infinite ones are allowed.

    Returns:
        Shape (k - 1,), finite, ascending: bin i holds what is above edge i - 1 and at most edge i.

    Cost:
        One pass over sorted numbers.
    """
    k = min(BINS, len(numbers) // RARE)
    if k < 1:
        return np.empty(0)
    at = np.ceil(np.arange(1, k) * len(numbers) / k).astype(np.int64) - 1
    values, counts = np.unique(numbers, return_counts=True)
    shared = values[counts >= max(RARE, len(numbers) / (2 * BINS))]
    finite = numbers[np.isfinite(numbers)]
    outer = np.empty(0)
    if len(finite) and finite[0] < finite[-1]:
        with np.errstate(over="ignore"):
            reach = finite[-1] - finite[0]
            outer = np.array([finite[0] - reach, finite[-1] + reach])
    with np.errstate(over="ignore"):  # the number below the smallest of all is infinite
        below = np.nextafter(shared, -np.inf)
    found = np.concatenate([numbers[at], shared, below, outer])
    return np.unique(found[np.isfinite(found)])


def positions(numbers: Array, *, edges: Array) -> Ints:
    """The bin of each number; shape (n,), the number of bins where it is NaN."""
    found = np.searchsorted(edges, numbers, side="left").astype(np.int64, copy=False)
    found[np.isnan(numbers)] = len(edges) + 1
    return found


def scores(counts: Ints) -> Array:
    """Where bins lie on the scale of a normal distribution, with mean 0 over the counts.

    Args:
        counts: Shape (k,), of the values that chose the bins.

    Returns:
        Shape (k,), ascending: the normal quantile of the middle of each bin.

    Source:
        van der Waerden scores of mid-ranks; Hajek, Sidak and Sen (1999), Theory of Rank Tests.
    """
    total = int(counts.sum())
    if not total:
        return np.zeros(len(counts))
    middle = (np.cumsum(counts) - counts / 2) / total
    inside = RARE / 2 / (total + RARE)  # an empty bin at an end lies as far out as a rare one
    found = ndtri(np.clip(middle, inside, 1 - inside))
    return np.asarray(found - (found * counts).sum() / total)
