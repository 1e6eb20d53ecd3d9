"""States of the search as points: made valid, checked against the trees, then asked about."""

import numpy as np

from bartizan.attack.trail import Trail
from bartizan.attack.tree_scene import Scene
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import decisions
from bartizan.core.oracle import Oracle

_TRIES = 4
"""States of a row asked about, cheapest first, each near and then deeper inside its cell: where
the model rounds otherwise than the trees say, one of the first is believed."""


class Claims:
    """What a search believes to have found. The trees are asked for free, the model at the end."""

    def __init__(self, oracle: Oracle, scene: Scene) -> None:
        self._oracle, self._scene = oracle, scene
        self._found: list[list[tuple[float, Ints]]] = [[] for _ in range(len(scene.x0))]

    def offer(self, rows: Ints, slots: Ints) -> Mask:
        """Whether the trees give the wanted answer at valid points of some states, shape (m,).

        Args:
            rows: Which attacked rows, shape (m,).
            slots: States, shape (m, axes).
        """
        if not rows.size:
            return np.zeros(0, dtype=bool)
        points, valid = self._made(rows, slots)
        decided = decisions(self._scene.trees.scores(points))
        sure = valid & self._oracle.wanted(decided, rows)
        price = self._scene.constraint.price(self._scene.x0[rows], points)
        for place in np.flatnonzero(sure):
            self._found[rows[place]].append((float(price[place]), slots[place].copy()))
        return np.asarray(sure)

    def _made(self, rows: Ints, slots: Ints, *, deeper: bool = False) -> tuple[Array, Mask]:
        """Points of states, repaired, and whether they are valid."""
        x0, constraint = self._scene.x0[rows], self._scene.constraint
        points = self._scene.cells.points(rows, slots, deeper=deeper)
        if constraint.space.relations:
            points = constraint.repair(x0, points)
        return points, constraint.valid(x0, points)

    def settle(self, trail: Trail) -> None:
        """Ask the model about each row's cheapest claims until it agrees with one."""
        rows = np.array([row for row, found in enumerate(self._found) if found], dtype=np.int64)
        for found in self._found:
            found.sort(key=lambda claim: claim[0])
        for turn in range(2 * _TRIES):
            place, deeper = divmod(turn, 2)
            open_ = ~np.isfinite(trail.price[rows]) & (self._oracle.left()[rows] > 0)
            rows = rows[open_]
            rows = rows[[len(self._found[row]) > place for row in rows.tolist()]]
            if not rows.size:
                return
            slots = np.array([self._found[row][place][1] for row in rows.tolist()])
            points, valid = self._made(rows, slots, deeper=bool(deeper))
            asked = np.flatnonzero(valid)
            wrong = self._oracle.wrong(points[asked], rows[asked])
            trail.keep(points[asked[wrong]], rows[asked[wrong]])
