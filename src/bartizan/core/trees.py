"""The tree IR: every tree of an ensemble in flat arrays, with one exact kind of comparison."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask

_LEAF = -1


@dataclass(frozen=True, kw_only=True)
class Trees:
    """Decision trees over the columns of a data set.

    A row goes left at a node where its value is <= the threshold, compared in float64. Libraries
    that compare in single precision, or with <, are translated exactly: for every such test
    there is one largest double that passes it, and that is the threshold here.
    Nodes of all trees share the arrays; a leaf has feature -1.
    """

    feature: Ints
    """Column that a node tests, shape (nodes,); -1 = leaf."""
    threshold: Array
    """Shape (nodes,); NaN at leaves and at tests of categories."""
    left: Ints
    """Node where the test passes, shape (nodes,); -1 at leaves."""
    right: Ints
    """Node where it fails."""
    missing_left: Mask
    """Where missing values go, shape (nodes,)."""
    members: Ints
    """Row of `sets` that a test of categories uses, shape (nodes,); -1 = a test of numbers."""
    sets: Mask = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    """Which category codes go left, shape (tests, codes). Codes beyond it go right."""
    value: Array
    """What a leaf adds to the scores, shape (nodes, k); 0 elsewhere. Averages are sums of
    shares here."""
    roots: Ints
    """Shape (trees,)."""
    base: Array
    """Scores before the first tree, shape (k,)."""
    kind: Literal["logit", "probability"]
    """What the sums are. The decision is the largest, the first of equals."""

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.base)

    @cached_property
    def leaves(self) -> Ints:
        """Nodes that are leaves, ascending."""
        return np.flatnonzero(self.feature == _LEAF)

    def reached(self, x: Array) -> Ints:
        """The leaf that each row reaches in each tree.

        Args:
            x: Rows, shape (n, d); missing values are NaN.

        Returns:
            Nodes, shape (n, trees).
        """
        node = np.repeat(self.roots[None], len(x), axis=0)
        rows = np.broadcast_to(np.arange(len(x))[:, None], node.shape)
        inner = self.feature[node] != _LEAF
        while inner.any():
            here = node[inner]
            node[inner] = np.where(
                self.passes(x[rows[inner], self.feature[here]], here),
                self.left[here],
                self.right[here],
            )
            inner = self.feature[node] != _LEAF
        return node

    def passes(self, values: Array, nodes: Ints) -> Mask:
        """Whether values go left at inner nodes; both of shape (m,)."""
        with np.errstate(invalid="ignore"):
            left = values <= self.threshold[nodes]
        chosen = np.flatnonzero(self.members[nodes] >= 0)
        if chosen.size:
            left[chosen] = self._chosen(values[chosen], self.members[nodes[chosen]])
        return np.where(np.isnan(values), self.missing_left[nodes], left)

    def _chosen(self, values: Array, tests: Ints) -> Mask:
        """Whether category codes go left."""
        codes = np.where(np.isnan(values), -1, values).astype(np.int64)
        known = (codes >= 0) & (codes < self.sets.shape[1])
        return np.asarray(known & self.sets[tests, np.where(known, codes, 0)])

    def scores(self, x: Array) -> Array:
        """Sum the leaves: (n, d) -> (n, k)."""
        return np.asarray(self.base + self.value[self.reached(x)].sum(axis=1))
