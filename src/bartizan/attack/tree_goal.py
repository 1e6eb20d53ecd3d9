"""When sums of leaves give the answer that an attacker wants."""

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.oracle import Oracle
from bartizan.core.trees import Trees

_ROUNDING = 2.0**-22
"""Sums that differ by less, as a share of all trees' largest leaves, are equal to a model that adds
in single precision."""


class Goal:
    """Margins of score sums: above zero is reached. Models of two classes have one sum."""

    def __init__(self, oracle: Oracle, trees: Trees) -> None:
        self._y, self._target = oracle.y, oracle.target
        self._k = trees.k
        self.value = _columns(trees.value)
        """What each node adds to the sums, shape (nodes, c)."""
        self.base = _columns(trees.base[None])[0]
        """Sums before the first tree, shape (c,)."""
        owner = _owners(trees)
        largest = np.zeros(len(trees.roots))
        leaves = trees.leaves
        np.maximum.at(largest, owner[leaves], np.abs(self.value[leaves]).max(axis=1))
        self.slack = float(_ROUNDING * (largest.sum() + np.abs(self.base).max()))
        """Half the width of the band around zero where rounding decides."""

    def pairs(self, row: int) -> list[tuple[int, int]]:
        """Which classes must beat which: (winner, loser). See `every`."""
        if self._target is not None:
            others = [other for other in range(self._k) if other != self._target]
            return [(self._target, other) for other in others]
        own = int(self._y[row])
        return [(other, own) for other in range(self._k) if other != own]

    @property
    def every(self) -> bool:
        """Whether all pairs must be won, or one is enough."""
        return self._target is not None

    def gain(self, winner: int, loser: int) -> Array:
        """What each node adds to the lead of one class over another, shape (nodes,)."""
        return self._lead(self.value, winner, loser)

    def start(self, winner: int, loser: int) -> float:
        """The lead before the first tree."""
        return float(self._lead(self.base[None], winner, loser)[0])

    def _lead(self, sums: Array, winner: int, loser: int) -> Array:
        if self._k == 2:
            return sums[:, 0] if winner == 1 else -sums[:, 0]
        return np.asarray(sums[:, winner] - sums[:, loser])

    def margin(self, sums: Array, rows: Ints) -> Array:
        """How far sums are past what is wanted: (m, ..., c) -> (m, ...)."""
        shape = (len(rows), *([1] * (sums.ndim - 1)))
        wanted = self._y[rows] if self._target is None else np.full(len(rows), self._target)
        sign = 1.0 if self._target is not None else -1.0
        if self._k == 2:
            sign = np.where(wanted == 1, sign, -sign).reshape(shape[:-1])  # type: ignore[assignment]
            return np.asarray(sign * sums[..., 0])
        own = np.take_along_axis(sums, wanted.reshape(shape), axis=-1)
        rivals = np.where(np.arange(self._k) == wanted.reshape(shape), -np.inf, sums)
        return np.asarray(sign * (own[..., 0] - rivals.max(axis=-1)))

    def line(self, rows: Ints) -> Array:
        """Margins from which the answer is the wanted one, shape (m,).

        A tie goes to the first of equals: it is enough for whoever wants the first class, or to
        leave the last one.
        """
        if self._target is not None:
            return np.full(len(rows), -self.slack if self._target == 0 else self.slack)
        return np.where(self._y[rows] == self._k - 1, -self.slack, self.slack)


def _columns(values: Array) -> Array:
    """Sums that matter: the lead of the second class where there are two."""
    return values[:, 1:] - values[:, :1] if values.shape[1] == 2 else values


def _owners(trees: Trees) -> Ints:
    """Tree of each node, shape (nodes,)."""
    owner = np.zeros(len(trees.feature), dtype=np.int64)
    level, tree = trees.roots, np.arange(len(trees.roots))
    while level.size:
        owner[level] = tree
        inner = trees.left[level] >= 0
        below = level[inner]
        level = np.concatenate([trees.left[below], trees.right[below]])
        tree = np.concatenate([tree[inner], tree[inner]])
    return owner


def reached(margin: Array, line: Array) -> Mask:
    """Whether margins (m, ...) reach their rows' lines (m,)."""
    return np.asarray(margin >= line.reshape(-1, *([1] * (margin.ndim - 1))))
