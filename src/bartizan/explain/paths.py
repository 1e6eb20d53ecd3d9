"""Paths to the leaves of trees: what each leaf asks of each feature, and which rows comply."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.trees import Trees


@dataclass(frozen=True, kw_only=True)
class Paths:
    """All tests on the way to some leaves, sorted by leaf and then by feature.

    A slot is one feature on the way to one leaf, however often it is tested there.
    """

    trees: Trees
    leaves: Ints
    """Nodes, shape (m,)."""
    node: Ints
    """Shape (tests,)."""
    want: Mask
    """Whether the way goes left there, shape (tests,)."""
    first: Ints
    """First test of each slot, shape (slots,)."""
    feature: Ints
    """Column of each slot, shape (slots,)."""
    owner: Ints
    """Position in `leaves` of the leaf that each slot belongs to, shape (slots,)."""

    @classmethod
    def of(cls, trees: Trees, leaves: Ints) -> Self:
        """Walk up from each leaf to its root."""
        parent, side = _parents(trees)
        here, place = leaves, np.arange(len(leaves))
        found: list[tuple[Ints, Ints, Mask]] = []
        while here.size:
            above = parent[here]
            inner = above >= 0
            found.append((place[inner], above[inner], side[here[inner]]))
            here, place = above[inner], place[inner]
        owner, node = (np.concatenate([part[i] for part in found]) for i in (0, 1))
        want = np.concatenate([part[2] for part in found])
        order = np.lexsort((trees.feature[node], owner))
        owner, node, want = owner[order], node[order], want[order]
        tested = trees.feature[node]
        new = np.ones(len(node), dtype=bool)
        new[1:] = (owner[1:] != owner[:-1]) | (tested[1:] != tested[:-1])
        first = np.flatnonzero(new)
        return cls(
            trees=trees, leaves=leaves, node=node, want=want, first=first,
            feature=tested[first], owner=owner[first],
        )  # fmt: skip

    @cached_property
    def width(self) -> Ints:
        """Slots of each leaf, shape (m,)."""
        return np.bincount(self.owner, minlength=len(self.leaves))

    def met(self, x: Array) -> Mask:
        """Whether each row meets all that a leaf asks of a feature; (n, d) -> (n, slots)."""
        if not len(self.first):
            return np.zeros((len(x), 0), dtype=bool)
        asked, place = np.unique(self.node, return_inverse=True)
        values = x[:, self.trees.feature[asked]]
        nodes = np.broadcast_to(asked, values.shape)
        left = self.trees.passes(values.ravel(), nodes.ravel()).reshape(values.shape)
        return np.logical_and.reduceat(left[:, place] == self.want, self.first, axis=1)


def _parents(trees: Trees) -> tuple[Ints, Mask]:
    """The node above each node, -1 at roots, and whether it is on the left side."""
    inner = np.flatnonzero(trees.left >= 0)
    parent = np.full(len(trees.feature), -1)
    side = np.zeros(len(trees.feature), dtype=bool)
    parent[trees.left[inner]] = inner
    parent[trees.right[inner]] = inner
    side[trees.left[inner]] = True
    return parent, side
