"""Score sums after every move of a single axis, from bits of leaves."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.tree_axes import Axes
from bartizan.attack.tree_cells import Cells
from bartizan.attack.tree_goal import Goal
from bartizan.attack.tree_leaves import WORD, Leaves
from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.trees import Trees

_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
"""Its 64 windows of six bits all differ, so that a shift tells which single bit was set."""
_PLACE = np.zeros(WORD, dtype=np.int64)
_PLACE[[((int(_DE_BRUIJN) << bit) & 0xFFFFFFFFFFFFFFFF) >> 58 for bit in range(WORD)]] = np.arange(
    WORD
)


@dataclass(frozen=True)
class _Events:
    """Stretches of slots of one axis in which one tree tells nothing apart."""

    pair: Ints
    """Pair of axis and tree, shape (events,); a pair's events lie side by side."""
    mask: AnyArray
    """Leaves left by the tests of this axis, shape (events, words)."""
    later: Ints
    """Events that do not begin at the first slot, by slot, shape (later,)."""
    slot: Ints
    """Slots where such events begin, ascending, shape (slots with events,)."""
    begin: Ints
    """First place in `later` of each of these slots."""


class Moves:
    """Which sums each move leads to. Costs about a microsecond for twenty nodes and a state.

    A tree's leaf is where the leaves left by the tests of each axis meet. What all axes but one
    leave is an AND of prefixes and suffixes; with what each stretch of the axis leaves, it names
    the leaf for every position of the axis at once.

    Source:
        Bits of leaves as in Lucchese et al. (2015), "QuickScorer", SIGIR.
    """

    def __init__(self, trees: Trees, axes: Axes, leaves: Leaves, goal: Goal) -> None:
        self._trees, self._axes, self._leaves = trees, axes, leaves
        self._goal = goal
        movable = np.flatnonzero((axes.axis >= 0) & (leaves.node_tree >= 0))
        order = np.lexsort((axes.cut[movable], leaves.node_tree[movable], axes.axis[movable]))
        self._nodes = movable[order]
        key = axes.axis[self._nodes] * len(trees.roots) + leaves.node_tree[self._nodes]
        pairs, self._begin = np.unique(key, return_index=True)
        self._pair_axis, self._pair_tree = np.divmod(pairs, len(trees.roots))
        self._left = leaves.keep_left[self._nodes]
        self._right = leaves.keep_right[self._nodes]
        self._node_axis, self._cut = axes.axis[self._nodes], axes.cut[self._nodes]
        self._odd = np.flatnonzero(axes.table[self._nodes] >= 0)
        self._events = self._stretches()
        span = WORD * leaves.words
        self._value = np.zeros((len(trees.roots) * span, goal.value.shape[1]))
        self._value[leaves.tree * span + leaves.bit] = goal.value[leaves.node]
        self._offset = np.arange(len(trees.roots)) * span

    def _stretches(self) -> _Events:
        pair_of_node = np.repeat(
            np.arange(len(self._begin)), np.diff([*self._begin, len(self._nodes)])
        )
        sizes = np.diff(self._axes.first)
        table = np.zeros(self._axes.count, dtype=bool)
        table[self._node_axis[self._odd]] = True
        plain = ~table[self._node_axis]
        parts = [np.stack([np.arange(len(self._begin)), np.zeros(len(self._begin), dtype=int)])]
        parts.append(np.stack([pair_of_node[plain], self._cut[plain] + 1]))
        odd = np.flatnonzero(table[self._pair_axis])
        size = sizes[self._pair_axis[odd]]
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        parts.append(np.stack([np.repeat(odd, size), within]))
        both = np.concatenate(parts, axis=1)
        most = int(sizes.max(initial=1))
        pair, start = np.divmod(np.unique(both[0] * most + both[1]), most)
        counts = np.diff([*self._begin, len(self._nodes)])[pair]
        event = np.repeat(np.arange(len(pair)), counts)
        first = np.cumsum(counts) - counts
        node = self._begin[pair][event] + np.arange(len(event)) - first[event]
        passed = self._passed(start[event], node)[:, None]
        words = np.where(passed, self._left[node], self._right[node])
        mask = np.bitwise_and.reduceat(words, first, axis=0) if len(first) else words
        slot = self._axes.first[self._pair_axis[pair]] + start
        later = np.flatnonzero(start > 0)
        later = later[np.argsort(slot[later], kind="stable")]
        at, begin = np.unique(slot[later], return_index=True)
        return _Events(pair, mask, later, at, begin)

    def _passed(self, slot: Ints, node: Ints) -> Mask:
        """Whether slots, counted within the axis, pass nodes (places in `_nodes`); same shape."""
        passed = slot <= self._cut[node]
        table = self._axes.table[self._nodes[node]]
        odd = table >= 0
        passed[odd] = self._axes.passes[table[odd], slot[odd]]
        return passed

    def rest(self, cells: Cells) -> AnyArray:
        """Leaves left by what stays as it is in each row, uint64, shape (n, trees, words)."""
        x0, trees = cells.x0, self._trees
        inner = np.flatnonzero((trees.left >= 0) & (self._leaves.node_tree >= 0))
        inner = inner[np.argsort(self._leaves.node_tree[inner], kind="stable")]
        rest = np.repeat(self._leaves.all_bits[None], len(x0), axis=0)
        owner, begin = np.unique(self._leaves.node_tree[inner], return_index=True)
        axis = self._axes.axis[inner]
        for row in range(len(x0)) if inner.size else ():
            passed = trees.passes(x0[row, trees.feature[inner]], inner)[:, None]
            word = np.where(passed, self._leaves.keep_left[inner], self._leaves.keep_right[inner])
            stays = np.append(cells.frozen[row], True)[axis]
            word[~stays] = _FULL
            rest[row, owner] &= np.bitwise_and.reduceat(word, begin, axis=0)
        return rest

    def sums(self, slots: Ints, *, rest: AnyArray, frozen: Mask) -> Array:
        """Score sums after moving one axis to any slot and leaving the others.

        Args:
            slots: Where each axis is, shape (m, axes).
            rest: What `rest` says of these rows, shape (m, trees, words).
            frozen: Axes that tell nothing, shape (m, axes).

        Returns:
            Shape (m, slots, c).
        """
        before, after = self._around(slots, rest=rest, frozen=frozen)
        axis, tree = self._pair_axis, self._pair_tree
        others = (before[axis, :, tree] & after[axis, :, tree]).swapaxes(0, 1)
        events = self._events
        leaf = self._bit(np.take(others, events.pair, axis=1) & events.mask)
        leaf += self._offset[tree[events.pair]]
        now = self._value[self._bit(before[-1]) + self._offset].sum(axis=1) + self._goal.base
        totals = [self._along(self._value[:, c][leaf], slots) for c in range(now.shape[1])]
        return np.stack(totals, axis=2) + now[:, None, :]

    def _along(self, value: Array, slots: Ints) -> Array:
        """Change of one sum for every slot, from the values of events, shape (m, slots)."""
        events, axes = self._events, self._axes
        total = np.zeros((len(value), axes.slots))
        if events.later.size:
            step = np.take(value, events.later, axis=1) - np.take(value, events.later - 1, axis=1)
            total[:, events.slot] = np.add.reduceat(step, events.begin, axis=1)
            np.cumsum(total, axis=1, out=total)
        now = np.take_along_axis(total, slots, axis=1)
        return total - now[:, axes.owner]

    def _around(self, slots: Ints, *, rest: AnyArray, frozen: Mask) -> tuple[AnyArray, AnyArray]:
        """What axes before and after each one leave, each (axes + 1, m, trees, words).

        The last place holds what all axes leave.
        """
        count = self._axes.count
        own = np.full((count + 1, len(slots), *rest.shape[1:]), _FULL)
        if len(self._nodes):
            words = self._left_by(slots)
            if frozen.any():
                words[frozen[:, self._pair_axis]] = _FULL
            own[self._pair_axis, :, self._pair_tree] = words.swapaxes(0, 1)
        before, after = np.empty_like(own), np.empty_like(own)
        before[0], after[count] = rest, _FULL
        for axis in range(count):  # ufunc.accumulate takes five times as long
            np.bitwise_and(before[axis], own[axis], out=before[axis + 1])
        for axis in range(count - 1, -1, -1):
            np.bitwise_and(after[axis + 1], own[axis + 1], out=after[axis])
        return before, after

    def _left_by(self, slots: Ints) -> AnyArray:
        """Leaves left by the tests of each axis in each tree, shape (m, pairs, words)."""
        slot = (slots - self._axes.first[:-1])[:, self._node_axis]
        passed = slot <= self._cut
        odd = self._odd
        passed[:, odd] = self._axes.passes[self._axes.table[self._nodes[odd]], slot[:, odd]]
        words = np.where(passed[..., None], self._left, self._right)
        return np.bitwise_and.reduceat(words, self._begin, axis=1)

    def _bit(self, words: AnyArray) -> Ints:
        """Place of the only bit set in (..., words), shape (...)."""
        if words.shape[-1] == 1:
            return _PLACE[(words[..., 0] * _DE_BRUIJN) >> np.uint64(58)]
        word = (words != 0).argmax(axis=-1)
        bits = np.take_along_axis(words, word[..., None], axis=-1)[..., 0]
        return np.asarray(WORD * word + _PLACE[(bits * _DE_BRUIJN) >> np.uint64(58)])
