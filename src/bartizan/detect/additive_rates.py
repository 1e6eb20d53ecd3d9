"""Rates of labels by what columns say one by one: a model too plain to learn a trigger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.detect.rank_bins import rank_bins

_BINS = 8
"""Bins of a column. With 4, a slanting border between two classes was taken for a mark."""
_LEAST = 0.04
"""Share of the rows in a bin at least. A rare value of its own bin would explain its own trigger;
of a bin this large, a trigger of 1 % is a quarter."""
_COLUMNS = 60
"""Columns that are used, those that tell most; 480 unknowns are solved for in a second."""
_ROWS = 8192
"""Rows at a time: 30 MiB of indicators."""
_AT_ONCE = 64
"""Models without some columns that are asked at once."""
_RIDGE = 4.0
"""Rows of no opinion added to each bin."""
_STEPS = 60
"""Steps of the calibration."""
_NEEDED = 0.9
"""Share of what all columns tell that must be left without some of them: else these are needed, and
what only they tell would look like a mark."""


@dataclass(frozen=True)
class AdditiveRates:
    """How likely each label is for each row, by all columns or without some of them.

    A mark explains its own rows: where it lies, its label is frequent. Rates that are blind to its
    columns tell what the carriers would have been without it.
    """

    codes: Ints
    """Bins of all columns that are used, shape (n, c)."""
    columns: Ints
    """Which these are, ascending, shape (c,)."""
    sizes: Ints
    """Bins of each, shape (c,)."""
    told: Array
    """Labels as 0 and 1, shape (n, k)."""
    inverse: Array
    """Of the matrix of the normal equations, shape (p, p)."""
    weights: Array
    """What each bin adds, shape (p, k)."""
    own: Array
    """Share of each row's own label in its estimate, shape (n,)."""

    @classmethod
    def of(cls, x: Array, y: Ints, *, classes: int, nominal: Ints | None = None) -> Self:
        """Fit the model.

        Args:
            x: Shape (n, d), missing values as NaN.
            y: Labels, shape (n,), 0 <= y < classes.
            classes: How many there are, k.
            nominal: Positions of columns of codes without an order.

        Cost:
            O(n p^2), p <= 480: 0.5 s for 20,000 rows of 30 columns.

        Source:
            Ridge regression on indicators with the closed form of leave-one-out; Allen (1974),
            Technometrics 16. Calibrated by the shares of labels among rows of like estimates.
        """
        bins = rank_bins(x, most=_BINS, nominal=nominal, least=_LEAST)
        told = np.eye(classes)[y]
        columns = _telling(bins.codes, bins.sizes, told)
        codes, sizes = bins.codes[:, columns], bins.sizes[columns]
        width = int((sizes - 1).sum()) + 1
        gram, moment = np.eye(width) * _RIDGE, np.zeros((width, classes))
        gram[0, 0] = 1e-9
        for block in _blocks(len(y)):
            design = _indicators(codes[block], sizes)
            gram += design.T @ design
            moment += design.T @ told[block]
        root = np.linalg.inv(np.linalg.cholesky(gram))
        own = np.empty(len(y))
        for block in _blocks(len(y)):
            own[block] = ((_indicators(codes[block], sizes) @ root.T) ** 2).sum(axis=1)
        inverse = root.T @ root
        return cls(codes, columns, sizes, told, inverse, inverse @ moment, np.minimum(own, 0.99))

    def whole(self) -> Iterator[Array]:
        """Rates of each label by all columns, one label after another; see `of_label`.

        Yields:
            Shape (n,), for each label.
        """
        weights = self.weights.astype(np.float32)
        for start in range(0, weights.shape[1], _AT_ONCE):
            scores = self._scores(weights[:, start : start + _AT_ONCE])
            for score, told in zip(scores.T, self.told.T[start:], strict=False):
                yield _calibrated(self._left_out(score, told), told)

    def of_label(self, label: int, *, without: Sequence[Sequence[int]]) -> Iterator[Array]:
        """Rates of a label by models without some columns, one after another.

        Each row is left out of its own estimate, not of the shares that calibrate it. Leaving
        columns out is exact and takes no new fit. Where the other columns tell much less, the whole
        model answers.

        Args:
            label: Which, 0 <= label < k.
            without: Columns of the table, for each model; () = all columns are used.

        Yields:
            Shape (n,), each 0 < rate < 1, for each entry of `without`.

        Cost:
            O(n p) for each: 1 ms for 6,000 rows of 30 columns.

        Source:
            The inverse of a matrix without some rows and columns, by the Schur complement. What a
            row's own label weighs is that in the whole model, which is a little too much.
        """
        told = self.told[:, label]
        whole = self._left_out(self._scores(self._weights(label, ())[:, None])[:, 0], told)
        least = _NEEDED * _explained(whole, told)
        for start in range(0, len(without), _AT_ONCE):
            some = without[start : start + _AT_ONCE]
            weights = np.stack([self._weights(label, one) for one in some], axis=1)
            for column in self._scores(weights).T:
                blind = self._left_out(column, told)
                enough = _explained(blind, told) >= least
                yield _calibrated(blind if enough else whole, told)

    def _left_out(self, score: Array, told: Array) -> Array:
        """Each row's score by the model of all others, shape (n,)."""
        return (score - self.own * told) / (1 - self.own)

    def _weights(self, label: int, columns: Sequence[int]) -> AnyArray:
        """What each bin adds in the model without some columns, 0 for their bins."""
        weights = self.weights[:, label]
        gone = self._places(columns)
        if len(gone):
            part = self.inverse[:, gone]
            weights = weights - part @ np.linalg.solve(part[gone], weights[gone])
            weights[gone] = 0.0
        return weights.astype(np.float32)

    def _places(self, columns: Sequence[int]) -> Ints:
        """Unknowns of some columns."""
        starts = 1 + np.cumsum(self.sizes - 1) - (self.sizes - 1)
        used = np.flatnonzero(np.isin(self.columns, columns))
        spans = [np.arange(starts[at], starts[at] + self.sizes[at] - 1) for at in used]
        return np.concatenate([np.empty(0, dtype=np.int64), *spans])

    def _scores(self, weights: AnyArray) -> Array:
        """Shape (n, m) for m models."""
        made = np.empty((len(self.codes), weights.shape[1]))
        for block in _blocks(len(made)):
            design = _indicators(self.codes[block], self.sizes).astype(np.float32)
            made[block] = design @ weights
        return made


def _blocks(rows: int) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, rows, _ROWS)]


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
    """Shape (n, p): ones, and one 0/1 column for each bin but the first."""
    design = np.ones((len(codes), int((sizes - 1).sum()) + 1))
    start = 1
    for place, size in enumerate(sizes):
        design[:, start : start + size - 1] = codes[:, place, None] == np.arange(1, size)
        start += size - 1
    return design


def _explained(score: Array, told: Array) -> float:
    """Share of the variance of labels that scores explain; 0 where they explain nothing."""
    left = float(((told - score) ** 2).mean())
    return max(1 - left / max(float(told.var()), 1e-12), 0.0)


def _calibrated(score: Array, told: Array) -> Array:
    """Scores as shares: that of the label among the rows of like score."""
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 (slow to import)

    low, high = float(score.min()), float(score.max())
    at = (score - low) * (_STEPS / max(high - low, 1e-12))
    slot = np.minimum(at.astype(np.int64), _STEPS - 1)
    rows, hits = np.bincount(slot), np.bincount(slot, told)
    there = np.flatnonzero(rows)
    middle = np.bincount(slot, at)[there] / rows[there]
    base = told.mean()
    shares = isotonic_regression((hits[there] + base) / (rows[there] + 1), weights=rows[there]).x
    limit = 1 / (len(score) + 2)
    grid = np.clip(np.interp(np.arange(_STEPS + 1), middle, shares), limit, 1 - limit)
    return np.asarray(grid[slot] + (at - slot) * (grid[slot + 1] - grid[slot]))
