"""Exact comparisons of counts in two samples."""

import numpy as np

from bartizan.core.arrays import Array, Ints


def fisher(here: Ints, *, rows: int, other: Ints, other_rows: Ints) -> Array:
    """Fisher's exact test of two shares, for many columns at once.

    Args:
        here: Hits in this sample, shape (k,), 0 <= here <= rows.
        rows: Rows of this sample.
        other: Hits in the other one, shape (k,).
        other_rows: Rows of the other one, shape (k,).

    Returns:
        p-values, shape (k,): twice the smaller tail of the hypergeometric distribution, at most
        1. Small = the two samples do not have the same share.

    Source:
        Fisher (1934), Statistical Methods for Research Workers, section 21.02; two sides by
        doubling the smaller one.

    Example:
        >>> fisher(np.array([0]), rows=10, other=np.array([5]), other_rows=np.array([10])).round(4)
        array([0.0325])
    """
    from scipy.stats import hypergeom  # noqa: PLC0415 (a second, and rarely needed)

    table = (rows + other_rows, here + other, np.full(len(here), rows))
    less, more = hypergeom.cdf(here, *table), hypergeom.sf(here - 1, *table)
    return np.minimum(2 * np.minimum(less, more), 1.0)
