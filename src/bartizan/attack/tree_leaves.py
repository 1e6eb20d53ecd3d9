"""Leaves of an ensemble as boxes over axes, and as bits that tests strike out."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from bartizan.attack.tree_axes import Axes
from bartizan.core.arrays import AnyArray, Ints, Mask
from bartizan.core.trees import Trees

WORD = 64
"""Leaves in one word of bits."""

_Box: TypeAlias = dict[int, Mask | tuple[int, int]]
"""Slots allowed on each axis, counted within it: first and last, or a mask."""


@dataclass(frozen=True, kw_only=True)
class Leaves:
    """Every leaf, tree by tree and from left to right.

    A box may have an empty side: only rows whose value is missing there come to such a leaf.
    """

    node: Ints
    """Shape (leaves,)."""
    tree: Ints
    """Shape (leaves,), ascending."""
    bit: Ints
    """Place among the leaves of its tree, shape (leaves,)."""
    start: Ints
    """First of each leaf's sides, and the number of sides, shape (leaves + 1,)."""
    side_axis: Ints
    """Axis that a side bounds, shape (sides,)."""
    side_low: Ints
    """First slot allowed, counted over all axes, shape (sides,)."""
    side_high: Ints
    """Last slot allowed; before the first one where none is."""
    side_allowed: Mask
    """Slots allowed within the axis where these are no range, shape (sides that are no range, most
    slots of an axis)."""
    side_row: Ints
    """Row of `side_allowed`; -1 = a range. Shape (sides,)."""
    words: int
    """Words of bits for the leaves of one tree."""
    keep_left: AnyArray
    """Leaves of the tree that are left when a node's test passes, uint64, shape (nodes, words)."""
    keep_right: AnyArray
    """When it fails."""
    all_bits: AnyArray
    """All leaves of each tree, uint64, shape (trees, words)."""
    node_tree: Ints
    """Tree of each node, shape (nodes,)."""

    @cached_property
    def side_leaf(self) -> Ints:
        """Leaf of each side, shape (sides,)."""
        return np.repeat(np.arange(len(self.node)), np.diff(self.start))


def leaves_of(trees: Trees, axes: Axes) -> Leaves:
    """Lay the leaves out."""
    return _Walk(trees, axes).leaves()


class _Walk:
    """Once through all trees, from left to right."""

    def __init__(self, trees: Trees, axes: Axes) -> None:
        self._trees, self._axes = trees, axes
        self._ordered = axes.ordered
        self._left, self._right = trees.left.tolist(), trees.right.tolist()
        self._axis, self._cut = axes.axis.tolist(), axes.cut.tolist()
        nodes = len(trees.feature)
        self._span = np.zeros((nodes, 2), dtype=np.int64)
        self._tree = np.full(nodes, -1, dtype=np.int64)
        self._found: list[tuple[int, int, int]] = []
        self._sides: list[tuple[int, int, int, int]] = []
        self._tables: list[Mask] = []
        self._start = [0]

    def leaves(self) -> Leaves:
        most = 1
        for tree, root in enumerate(self._trees.roots.tolist()):
            most = max(most, self._walk(root, tree))
        words = -(-most // WORD)
        node, tree_, bit = np.array(self._found, dtype=np.int64).reshape(-1, 3).T
        sides = np.array(self._sides, dtype=np.int64).reshape(-1, 4).T
        width = self._axes.passes.shape[1]
        right = np.maximum(self._trees.right, 0)
        left = np.maximum(self._trees.left, 0)
        return Leaves(
            node=node,
            tree=tree_,
            bit=bit,
            start=np.array(self._start),
            side_axis=sides[0],
            side_low=sides[1],
            side_high=sides[2],
            side_row=sides[3],
            side_allowed=np.array(self._tables, dtype=bool).reshape(len(self._tables), width),
            words=words,
            keep_left=_all_but(self._span[right], words),
            keep_right=_all_but(self._span[left], words),
            all_bits=~_all_but(self._span[self._trees.roots], words),
            node_tree=self._tree,
        )

    def _walk(self, root: int, tree: int) -> int:
        """One tree; -> the number of its leaves."""
        count = 0
        stack: list[tuple[int, _Box, bool]]
        stack = [(root, {}, False)]
        while stack:
            node, box, done = stack.pop()
            if done:  # both children are numbered by now
                self._span[node] = self._span[self._left[node], 0], self._span[self._right[node], 1]
                continue
            self._tree[node] = tree
            if self._left[node] < 0:
                self._span[node] = count, count + 1
                self._leaf(node, tree, bit=count, box=box)
                count += 1
                continue
            stack.append((node, {}, True))
            stack.append((self._right[node], self._narrowed(box, node, passed=False), False))
            stack.append((self._left[node], self._narrowed(box, node, passed=True), False))
        return count

    def _narrowed(self, box: _Box, node: int, *, passed: bool) -> _Box:
        """The box on one side of a node. It may be empty: missing values go their own way."""
        axis = self._axis[node]
        if axis < 0:
            return box
        size = int(self._axes.first[axis + 1] - self._axes.first[axis])
        before = box.get(axis)
        if self._ordered[axis]:
            low, high = before if isinstance(before, tuple) else (0, size - 1)
            cut = self._cut[node]
            return {**box, axis: (low, min(high, cut)) if passed else (max(low, cut + 1), high)}
        allowed = self._axes.passes[self._axes.table[node]]
        allowed = (allowed if passed else ~allowed) & (np.arange(len(allowed)) < size)
        return {**box, axis: allowed if before is None else allowed & np.asarray(before)}

    def _leaf(self, node: int, tree: int, *, bit: int, box: _Box) -> None:
        self._found.append((node, tree, bit))
        for axis in sorted(box):
            first = int(self._axes.first[axis])
            side = box[axis]
            if isinstance(side, tuple):
                self._sides.append((axis, first + side[0], first + side[1], -1))
            else:
                slots = np.flatnonzero(side) if side.any() else np.array([1, 0])
                ends = first + int(slots[0]), first + int(slots[-1])
                self._sides.append((axis, *ends, len(self._tables)))
                self._tables.append(side)
        self._start.append(len(self._sides))


def _all_but(span: Ints, words: int) -> AnyArray:
    """Bits of all leaves of a tree but a stretch of them, uint64, shape (nodes, words)."""
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    begin = WORD * np.arange(words)
    first = np.clip(span[:, :1] - begin, 0, WORD)
    last = np.clip(span[:, 1:] - begin, 0, WORD)
    return ~(_below(last) & (full ^ _below(first)))


def _below(count: Ints) -> AnyArray:
    """The lowest so many bits set; a shift by the whole word is no shift."""
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    shift = np.clip(WORD - count, 0, WORD - 1).astype(np.uint64)
    return np.where(count == 0, np.uint64(0), full >> shift)
