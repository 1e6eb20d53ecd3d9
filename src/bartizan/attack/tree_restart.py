"""Where walks that are stuck go on: at the best state with some axes given back, or in a leaf."""

import numpy as np

from bartizan.attack.tree_scene import Scene
from bartizan.attack.tree_search import State
from bartizan.core.arrays import Array, Ints

_GIVEN_BACK = 0.5
"""Share of the changed axes that go home. With 0.3 to 0.8 results differ by two percent."""
_FROM_LEAF = 0.5
"""Share of the new starts that are made in a leaf once there is a best state."""
_REST = 8
"""Steps for which axes that went home are left there."""


class Restarts:
    """New places for walks, drawn at random."""

    def __init__(self, scene: Scene, *, costs: Array, rng: np.random.Generator) -> None:
        self._scene, self._costs, self._rng = scene, costs, rng

    def again(self, state: State, stuck: Ints, *, step: int) -> None:
        """Move stuck states elsewhere.

        Args:
            state: All states, those of row i at the costs that `costs` has for row i.
            stuck: Which ones.
            step: The step that comes next.
        """
        for one in stuck.tolist():
            known = state.best[one, 0] >= 0
            if known and self._rng.random() >= _FROM_LEAF:
                self._give_back(state, one, step=step)
            else:
                self._enter_leaf(state, one, step=step)

    def _give_back(self, state: State, one: int, *, step: int) -> None:
        """The best state with some of its changes undone."""
        home = self._scene.cells.home[state.rows[one]]
        best = state.best[one]
        changed = np.flatnonzero(best != home)
        undone = changed[self._rng.random(len(changed)) < _GIVEN_BACK]
        if not undone.size and changed.size:
            undone = self._rng.choice(changed, 1)
        state.slots[one] = best
        state.slots[one, undone] = home[undone]
        state.held[one] = step
        state.held[one, undone] = step + _REST

    def _enter_leaf(self, state: State, one: int, *, step: int) -> None:
        """The original, moved into a leaf that promises much for what it costs."""
        scene, row = self._scene, int(state.rows[one])
        state.slots[one] = scene.cells.home[row]
        state.held[one] = step
        open_ = np.flatnonzero(self._costs[row] < state.cap[one])
        pairs = scene.goal.pairs(row)
        pair = pairs[int(self._rng.integers(len(pairs)))]
        gain = scene.goal.gain(*pair)[scene.leaves.node]
        tree = scene.leaves.tree
        own = np.full(len(scene.trees.roots), -np.inf)
        free = np.flatnonzero(self._costs[row] <= 0)
        np.maximum.at(own, tree[free], gain[free])
        gained = gain[open_] - own[tree[open_]]
        open_, gained = open_[gained > 0], gained[gained > 0]
        if open_.size:
            promise = gained / np.maximum(self._costs[row, open_], 1e-12)
            drawn = promise * self._rng.exponential(size=len(open_)) ** 2
            self._enter(state.slots[one], int(open_[drawn.argmax()]), row=row)

    def _enter(self, slots: Ints, leaf: int, *, row: int) -> None:
        """Move slots (axes,) into a leaf's box, as little as possible."""
        leaves, cells = self._scene.leaves, self._scene.cells
        for side in range(leaves.start[leaf], leaves.start[leaf + 1]):
            axis = leaves.side_axis[side]
            if cells.frozen[row, axis]:
                continue
            allowed = np.arange(leaves.side_low[side], leaves.side_high[side] + 1)
            table = leaves.side_row[side]
            if table >= 0:
                inside = leaves.side_allowed[table, allowed - self._scene.axes.first[axis]]
                allowed = allowed[inside]
            slots[axis] = allowed[cells.term[row, allowed].argmin()]
