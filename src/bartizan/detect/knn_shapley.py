"""What each row is worth to a nearest-neighbour classifier."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import ShapeError

NEIGHBOURS = 5
"""Neighbours that decide, as in the paper's experiments."""
_BLOCK = 2_000_000
"""Distances at a time: 16 MB, and as much for their order."""


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What rows are worth; entry i of every array belongs to row i."""

    value: Array
    """Shape (n,): mean over the test rows; larger = more useful."""
    error: Array
    """Shape (n,): standard error of that mean, the test rows being a sample."""
    tests: int

    @property
    def harm_p(self) -> Array:
        """Chance that a row that does no harm seems to do as much, by Student's test; (n,).

        1 where all test rows say the same, so that there is no error to measure it by.
        """
        steps = self.value / np.where(self.error > 0, self.error, 1.0)
        p = stdtr(max(self.tests - 1, 1), steps)
        return np.asarray(np.where(self.error > 0, p, 1.0))


def knn_shapley(
    x: Array, y: Ints, *, test_x: Array, test_y: Ints, neighbours: int = NEIGHBOURS
) -> Worth:
    """Shapley values of rows in the accuracy of a nearest-neighbour classifier.

    The sum of all values is the mean share of right votes among the nearest neighbours of the test
    rows. A row whose label leads its neighbourhood astray has a negative value.

    Args:
        x: Rows that teach, shape (n, p), finite, all columns on one scale.
        y: Their labels, shape (n,).
        test_x: Rows that are judged, shape (t, p).
        test_y: Their labels, shape (t,).
        neighbours: That decide.

    Returns:
        The values, and how well these test rows tell them.

    Raises:
        ShapeError: no rows, or not one label for each.

    Cost:
        O(t n (p + log n)), exact: 1.5 s for 1,000 test rows and 10,000 others.

    Source:
        Jia et al. (2019), PVLDB 12, theorem 1. Equal distances are taken in the order of rows.
    """
    n = len(x)
    if not n or not len(test_x) or n != len(y) or len(test_x) != len(test_y):
        message = (
            f"one label for each row, and a row of each kind, are needed; got {n} rows with "
            f"{len(y)} labels and {len(test_x)} with {len(test_y)}"
        )
        raise ShapeError(message)
    places = np.arange(1, n)
    steps = np.minimum(neighbours, places) / places / neighbours
    last = min(neighbours, n) / n / neighbours
    squares = (x * x).sum(axis=1)
    sums, squared = np.zeros(n), np.zeros(n)
    size = max(_BLOCK // n, 1)
    for start in range(0, len(test_x), size):
        ask, label = test_x[start : start + size], test_y[start : start + size]
        order = np.argsort(squares - 2 * ask @ x.T, axis=1, kind="stable")
        right = (y[order] == label[:, None]).astype(np.float64)
        rise = (right[:, :-1] - right[:, 1:]) * steps
        worth = np.empty_like(right)
        worth[:, -1] = right[:, -1] * last
        worth[:, :-1] = worth[:, -1:] + np.cumsum(rise[:, ::-1], axis=1)[:, ::-1]
        sums += np.bincount(order.ravel(), weights=worth.ravel(), minlength=n)
        squared += np.bincount(order.ravel(), weights=worth.ravel() ** 2, minlength=n)
    count = len(test_x)
    value = sums / count
    variance = np.maximum(squared / count - value**2, 0.0) / max(count - 1, 1)
    variance[variance <= 1e-24 * squared] = 0.0  # what is left of equal numbers is rounding
    return Worth(value=value, error=np.sqrt(variance), tests=count)
