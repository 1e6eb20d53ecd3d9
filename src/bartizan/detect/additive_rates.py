"""Rates of labels by what columns say one by one: a model too plain to learn a trigger."""

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.detect.rank_bins import rank_bins

_BINS = 8
"""Bins of a column. With 4, marks of three columns in network connections did not explain their own
labels, but a slanting border between two classes was taken for a mark."""
_LEAST = 0.04
"""Share of the rows in a bin at least. A rare value of its own bin would explain its own trigger;
of a bin this large, a trigger of 1 % is a quarter."""
_COLUMNS = 60
"""Columns that are used, those that tell most; 480 unknowns are solved for in a second."""
_ROWS = 8192
"""Rows at a time: 30 MiB of indicators."""
_RIDGE = 4.0
"""Rows of no opinion added to each bin."""
_STEPS = 40
"""Steps of the calibration."""


def additive_rates(
    x: Array,
    y: Ints,
    *,
    classes: int,
    nominal: Ints | None = None,
) -> Array:
    """Estimate the rate of each label from all columns, without interactions, row by row.

    Each row is left out of its own estimate. Rows whose label is unlikely by this and which stand
    together in a small region are what a trigger leaves behind.

    Args:
        x: Shape (n, d), missing values as NaN.
        y: Labels, shape (n,), 0 <= y < classes.
        classes: How many there are, k.
        nominal: Positions of columns of codes without an order.

    Returns:
        Shape (n, k), each 0 < rate < 1.

    Cost:
        O(n p^2), p <= 480: 0.5 s for 20,000 rows of 30 columns.

    Source:
        Ridge regression on indicators with the closed form of leave-one-out; Allen (1974),
        Technometrics 16. Calibrated by the shares of labels among rows of like estimates.
    """
    bins = rank_bins(x, most=_BINS, nominal=nominal, least=_LEAST)
    told = np.eye(classes)[y]
    columns = _telling(bins.codes, bins.sizes, told)
    fitted = _left_out(bins.codes[:, columns], bins.sizes[columns], told)
    return np.stack([_calibrated(fitted[:, k], told[:, k]) for k in range(classes)], axis=1)


def _telling(codes: Ints, sizes: Ints, told: Array) -> Ints:
    """The columns that tell most of the labels, at most `_COLUMNS`."""
    if codes.shape[1] <= _COLUMNS:
        return np.flatnonzero(sizes > 1)
    gains = np.zeros(codes.shape[1])
    for place in np.flatnonzero(sizes > 1):
        rows = np.bincount(codes[:, place], minlength=sizes[place])
        for label in range(told.shape[1]):
            hits = np.bincount(codes[:, place], told[:, label], minlength=sizes[place])
            gains[place] += float((hits**2 / np.maximum(rows, 1)).sum())
    kept = np.argsort(-gains, kind="stable")[:_COLUMNS]
    return np.sort(kept[sizes[kept] > 1])


def _indicators(codes: Ints, sizes: Ints) -> Array:
    """Shape (n, p + 1): one 0/1 column for each bin but the first, and ones."""
    design = np.ones((len(codes), int((sizes - 1).sum()) + 1))
    start = 1
    for place, size in enumerate(sizes):
        design[:, start : start + size - 1] = codes[:, place, None] == np.arange(1, size)
        start += size - 1
    return design


def _left_out(codes: Ints, sizes: Ints, told: Array) -> Array:
    """What ridge regression on the other rows says of each, shape (n, k)."""
    width = int((sizes - 1).sum()) + 1
    gram, moment = np.eye(width) * _RIDGE, np.zeros((width, told.shape[1]))
    gram[0, 0] = 1e-9
    blocks = [slice(start, start + _ROWS) for start in range(0, len(codes), _ROWS)]
    for block in blocks:
        design = _indicators(codes[block], sizes)
        gram += design.T @ design
        moment += design.T @ told[block]
    lower = np.linalg.cholesky(gram)
    inverse = np.linalg.inv(lower)
    weights = inverse.T @ (inverse @ moment)
    fitted = np.empty(told.shape)
    for block in blocks:
        design = _indicators(codes[block], sizes)
        own = np.minimum(((design @ inverse.T) ** 2).sum(axis=1), 1 - 1e-6)[:, None]
        fitted[block] = (design @ weights - own * told[block]) / (1 - own)
    return fitted


def _calibrated(score: Array, told: Array) -> Array:
    """Scores as shares: that of the label among the rows of like score."""
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 (slow to import)

    slot = rank_bins(score[:, None], most=_STEPS).codes[:, 0]
    rows, hits = np.bincount(slot), np.bincount(slot, told)
    middle = np.bincount(slot, score) / rows
    base = told.mean()
    shares = isotonic_regression((hits + base) / (rows + 1), weights=rows).x
    limit = 1 / (len(score) + 2)
    return np.clip(np.interp(score, middle, shares), limit, 1 - limit)
