"""Whitening that a minority cannot bend: rows measured in spreads of what is honest."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ShapeError

Features: TypeAlias = NDArray[np.floating]

_RIDGE = 1e-2
"""Added to each variance, in units of their mean, so that pixels that never change do not rule."""
_SIZES = (2, 4, 8, 16, 32)
"""Directions kept: the grid that is scanned."""
_TRIMS = (0.05, 0.15, 0.3)
"""Shares of the rows left out of the covariance: the grid that is scanned."""
_ROUNDS = 10
"""Times that the farthest rows are dropped and the covariance is taken anew."""
_ALPHA = 4.0
"""Weight of the directions that stand out, as in the paper."""
_TINY = 1e-12


@dataclass(frozen=True)
class White:
    """Rows and classes in units of the spread within classes."""

    rows: Array
    """Shape (n, d): differences from the mean of the class."""
    middles: Array
    """Shape (k, d): the means of the classes, in ascending order."""


def whitened(x: Features, y: Ints) -> White:
    """Rows in units of the spread within classes, all classes taken together.

    A direction in which rows of all other classes hardly vary counts much, so that a mark of one
    class stands out, however weak it is. The marked class adds to the spread only by its share.

    Args:
        x: Shape (n, d), finite.
        y: Class of each row, shape (n,), >= 0.

    Returns:
        Rows as differences from the mean of their class, spread 1 in each direction, or less where
        there is hardly any; and the means of the classes.

    Raises:
        ShapeError: there is not one class for each row.

    Cost:
        O(n d^2 + d^3): 0.8 s for 5,000 rows of 784 pixels.
    """
    if x.ndim != 2 or y.shape != (len(x),):
        message = f"expected rows (n, d) and one class for each, got {x.shape} and {y.shape}"
        raise ShapeError(message)
    rest = x.astype(np.float64)
    known = np.unique(y)
    middles = np.zeros((len(known), x.shape[1]))
    for place, label in enumerate(known):
        middles[place] = rest[y == label].mean(axis=0)
        rest[y == label] -= middles[place]
    values, vectors = np.linalg.eigh(rest.T @ rest / max(len(rest), 1))
    values = np.maximum(values, 0.0)
    if not values.any():
        return White(rest, middles)
    made = vectors / np.sqrt(values + _RIDGE * values.mean())
    return White(rest @ made, middles @ made)


def odd_side(white: White, rows: Ints, upper: Mask, *, place: int) -> tuple[Mask, float]:
    """Which of two groups of a class is farther from what the other classes are.

    Along the line between the middles of both groups, honest rows lie where other classes do: a
    mark is what pictures do not have. So the larger group can be the odd one, and of two equal
    halves one is.

    Args:
        white: All rows and classes.
        rows: Positions of the rows of the class.
        upper: Shape (rows,), one of the groups, neither of them empty.
        place: Position of the class among `White.middles`.

    Returns:
        ``upper`` or its complement; and how far its middle is from the median of the other
        classes' middles, in units of their standard deviation, 0 with fewer than two of them.
    """
    above, below = (white.rows[rows[side]].mean(axis=0) for side in (upper, ~upper))
    line = above - below
    others = (np.delete(white.middles, place, axis=0) - white.middles[place]) @ line
    usual = float(np.median(others)) if len(others) else 0.0
    ways = abs(float(above @ line) - usual), abs(float(below @ line) - usual)
    spread = float(others.std()) if len(others) > 1 else 0.0
    return upper if ways[0] >= ways[1] else ~upper, max(ways) / spread if spread > 0 else 0.0


@dataclass(frozen=True)
class Outlying:
    """How odd the rows of one class are."""

    score: Array
    """Shape (n,); larger = more suspicious."""
    kept: int
    """Directions kept."""
    trimmed: float
    """Share left out of the covariance."""


def outlying(x: Features) -> Outlying:
    """Quantum-entropy scores of the rows of one class, without knowing how many are poison.

    The number of directions and the share that is trimmed are scanned; the pair is taken for which
    the most outlying rows stand apart most.

    Args:
        x: Hidden layer or other features of one class, shape (n, w), finite.

    Returns:
        Scores; all 0 where nothing varies or there are fewer than four rows.

    Cost:
        Fifteen small eigenproblems: 0.1 s for 1,000 rows of 64.

    Source:
        Hayase, Kong, Somani and Oh (2021), "SPECTRE", arXiv:2104.11315, algorithms 1 to 3.
        Deviations: no rate is given: the grid takes its place; the robust covariance is iterative
        trimming, and the mean is the median.
    """
    rest = x - np.median(x, axis=0) if len(x) else x
    best = Outlying(np.zeros(len(x)), 0, 0.0)
    if len(x) < 4 or not rest.any():
        return best
    most, (_, values, axes) = -np.inf, np.linalg.svd(rest, full_matrices=False)
    rank = int((values > values[0] * 1e-9).sum())
    for size in sorted({min(size, rank, len(x) // 2) for size in _SIZES}):
        flat = rest @ axes[:size].T
        for trim in _TRIMS:
            score = entropy_scores(_trimmed_white(flat, trim=trim))
            gap = _gap(score)
            if gap > most:
                most, best = gap, Outlying(score, size, trim)
    return best


def entropy_scores(z: Array) -> Array:
    """Squared lengths in which directions of much spread count exponentially more.

    Args:
        z: Whitened rows, shape (n, k).

    Returns:
        Shape (n,); larger = more outlying.
    """
    spread = z.T @ z / max(len(z), 1)
    values, vectors = np.linalg.eigh(spread)
    over = values[-1] - 1.0
    if over <= _TINY:
        return np.asarray((z**2).sum(axis=1))
    weights = np.exp(_ALPHA * (values - values[-1]) / over)
    return np.asarray(((z @ vectors) ** 2 * weights).sum(axis=1) / weights.sum())


def _trimmed_white(flat: Array, *, trim: float) -> Array:
    """Whiten by the covariance of the rows that are left when the farthest are dropped."""
    keep = np.arange(len(flat))
    most = max(int((1 - trim) * len(flat)), 2)
    for _ in range(_ROUNDS):
        middle = flat[keep].mean(axis=0)
        spread = np.atleast_2d(np.cov(flat[keep], rowvar=False))
        spread += (1e-6 * np.trace(spread) + _TINY) * np.eye(len(spread))
        white = np.linalg.solve(np.linalg.cholesky(spread), (flat - middle).T).T
        chosen = np.sort(np.argsort((white**2).sum(axis=1), kind="stable")[:most])
        if np.array_equal(chosen, keep):
            break
        keep = chosen
    return np.asarray(white)


def _gap(score: Array) -> float:
    """How far the upper rows stand apart: the best split in two, in units of the spread inside."""
    logs = np.sort(np.log(score + _TINY))
    n, sums = len(logs), np.cumsum(logs)
    count = np.arange(1, n)
    low, high = sums[:-1] / count, (sums[-1] - sums[:-1]) / (n - count)
    between = count * (n - count) / n**2 * (high - low) ** 2
    return float(between.max() / max(float(logs.var()), _TINY))
