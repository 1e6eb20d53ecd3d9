"""The cheapest change of one row as a mixed-integer program."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.attack.muted import muted
from bartizan.attack.tree_scene import Scene
from bartizan.attack.tree_stretches import Part, System
from bartizan.core.arrays import Array, Ints, Mask

_TARGET = 1000.0
"""The cost to undercut in the program's own unit. HiGHS stops at a gap of 1e-6 whatever is asked
for, and takes constraints as kept within 1e-6: both then are a billionth."""
_OPTIMAL, _INFEASIBLE, _FAILED = 0, 2, 4
"""What scipy calls the ends of a solve."""


@dataclass(frozen=True)
class Solved:
    """What came of a program."""

    slots: Ints | None
    """Slot of each axis, shape (axes,); none if no point was found."""
    lower: float
    """Cost below which there is nothing; infinity if there is nothing below the cap."""
    done: bool
    """Whether that is the last word: no limit fired."""


class Program:
    """The program of one row, cut down to what lies below a cost.

    Variables: for every edge between stretches of an ordered axis, whether the row is below it;
    for other axes, which stretch it is in; for every leaf, whether it is reached (real numbers:
    they follow). Slots, leaves and edges that only matter at or above the cap are left out, and
    trees with one leaf left become constants.

    Source:
        Kantchelian, Tygar and Joseph (2016), "Evasion and hardening of tree ensemble classifiers",
        arXiv:1509.07892. Deviations: leaves of a tree on one side of an edge share one constraint,
        as in Misic (2020), "Optimization of tree ensembles"; categories, money and the allowance
        of categories; everything above the cap is cut away first.
    """

    def __init__(self, scene: Scene, row: int, *, cap: float, leaf_cost: Array) -> None:
        self._scene, self._row, self._cap = scene, row, cap
        cells = scene.cells
        self._usable = (cells.term[row] < cap) & ~cells.frozen[row][scene.axes.owner]
        if cells.constraint.attacker.money is None:
            each = 1.0 / max(cells.constraint.attacker.categories, 1)
            self._usable &= ~cells.changed[row] | (each**cells.norm.power < cap)
        self._leaves = np.flatnonzero(leaf_cost < cap)
        self._cut_sides()
        self._parts: dict[int, Part] = {}
        width = 0
        for axis in np.unique(self._axis):
            part = self._part(int(axis), column=width)
            self._parts[int(axis)] = part
            width += part.width
        alone = np.bincount(scene.leaves.tree[self._leaves], minlength=len(scene.trees.roots)) == 1
        self._fixed = self._leaves[alone[scene.leaves.tree[self._leaves]]]
        free = ~alone[scene.leaves.tree[self._leaves]]
        self._variable = np.full(len(scene.leaves.node), -1, dtype=np.int64)
        self._open = self._leaves[free]
        self._variable[self._open] = width + np.arange(len(self._open))
        self._width = width + len(self._open) + 1
        self._system = System()
        self._link_leaves()
        self._link_axes()

    def _cut_sides(self) -> None:
        """Sides of the remaining leaves over usable slots only; leaves with an empty side go."""
        leaves, axes = self._scene.leaves, self._scene.axes
        side = np.flatnonzero(np.isin(leaves.side_leaf, self._leaves))
        side = side[~self._scene.cells.frozen[self._row][leaves.side_axis[side]]]
        before = np.concatenate([[0], np.cumsum(self._usable)])
        axis = leaves.side_axis[side]
        begin = before[axes.first[axis]]
        low = before[leaves.side_low[side]] - begin
        high = before[leaves.side_high[side] + 1] - 1 - begin
        empty = low > high
        for place in np.flatnonzero(leaves.side_row[side] >= 0):
            empty[place] = not self._allowed(int(side[place])).any()
        dead = np.unique(leaves.side_leaf[side[empty]])
        self._leaves = np.setdiff1d(self._leaves, dead, assume_unique=True)
        keep = ~np.isin(leaves.side_leaf[side], dead)
        self._side, self._axis = side[keep], axis[keep]
        self._low, self._high = low[keep], high[keep]

    def _allowed(self, side: int) -> Mask:
        """Which usable slots of its axis a side of no range allows, in order."""
        leaves, axes = self._scene.leaves, self._scene.axes
        axis = leaves.side_axis[side]
        usable = self._usable[axes.first[axis] : axes.first[axis + 1]]
        row = leaves.side_row[side]
        if row < 0:
            slot = np.arange(axes.first[axis], axes.first[axis + 1])
            return ((slot >= leaves.side_low[side]) & (slot <= leaves.side_high[side]))[usable]
        return np.asarray(leaves.side_allowed[row, : len(usable)][usable])

    def _part(self, axis: int, *, column: int) -> Part:
        scene, row = self._scene, self._row
        first = scene.axes.first[axis]
        usable = first + np.flatnonzero(self._usable[first : scene.axes.first[axis + 1]])
        ordered = bool(scene.axes.ordered[axis])
        stretch = np.arange(len(usable))
        if ordered:
            mine = self._axis == axis
            edges = np.unique(np.concatenate([self._low[mine], self._high[mine] + 1]))
            edges = edges[(edges > 0) & (edges < len(usable))]
            stretch = np.searchsorted(edges, stretch, side="right")
        cost = scene.cells.term[row, usable]
        order = np.lexsort((cost, stretch))
        _, lead = np.unique(stretch[order], return_index=True)
        slots = usable[order][lead]
        return Part(
            axis, slots, scene.cells.term[row, slots],
            scene.cells.changed[row, slots].astype(float), stretch, usable, column, ordered,
        )  # fmt: skip

    def _link_leaves(self) -> None:
        """One leaf a tree, and none that the axes do not allow."""
        scene = self._scene
        tree = scene.leaves.tree[self._open]
        for one in np.unique(tree):
            mine = self._variable[self._open[tree == one]]
            self._system.add(mine, np.ones(len(mine)), low=1.0, high=1.0)
        leaf = scene.leaves.side_leaf[self._side]
        free = np.flatnonzero(self._variable[leaf] >= 0)
        key = scene.leaves.tree[leaf[free]] * scene.axes.count + self._axis[free]
        for one in np.unique(key):
            here = free[key == one]
            part = self._parts[int(self._axis[here[0]])]
            if part.ordered:
                self._link_edges(part, here, self._variable[leaf[here]])
            else:
                self._link_choice(part, here, self._variable[leaf[here]])

    def _link_edges(self, part: Part, sides: Ints, variable: Ints) -> None:
        """Leaves of one tree that lie below an edge need its variable; those above, its absence."""
        low = part.stretch[self._low[sides]]
        high = part.stretch[self._high[sides]]
        last = len(part.slots) - 1
        for edge in np.unique(high[high < last]):
            mine = np.append(variable[high <= edge], part.column + edge)
            self._system.add(mine, _ones_and(len(mine), -1.0), low=-np.inf, high=0.0)
        for edge in np.unique(low[low > 0]):
            mine = np.append(variable[low >= edge], part.column + edge - 1)
            self._system.add(mine, _ones_and(len(mine), 1.0), low=-np.inf, high=1.0)

    def _link_choice(self, part: Part, sides: Ints, variable: Ints) -> None:
        """Leaves of one tree that do not allow a stretch are not reached from it."""
        allowed = np.array([self._allowed(int(self._side[side])) for side in sides])
        for stretch in range(len(part.slots)):
            mine = variable[~allowed[:, stretch]]
            if mine.size:
                mine = np.append(mine, part.column + stretch)
                self._system.add(mine, np.ones(len(mine)), low=-np.inf, high=1.0)

    def _link_axes(self) -> None:
        for part in self._parts.values():
            columns = part.columns()
            if not part.ordered:
                self._system.add(columns, np.ones(len(columns)), low=1.0, high=1.0)
            for edge in range(part.width - 1) if part.ordered else ():
                pair = columns[edge : edge + 2]
                self._system.add(pair, np.array([1.0, -1.0]), low=-np.inf, high=0.0)

    def demand(self, gain: Array, *, need: float) -> None:
        """Ask that the leaves reached add up to something.

        Args:
            gain: What each node adds, shape (nodes,).
            need: The least sum.
        """
        node = self._scene.leaves.node
        need -= float(gain[node[self._fixed]].sum())
        values = gain[node[self._open]]
        scale = max(float(np.abs(values).max(initial=0.0)), 1e-12)
        columns = self._variable[self._open]
        if not len(columns):
            columns, values = np.array([self._width - 1]), np.zeros(1)
        self._system.add(columns, values / scale, low=need / scale, high=np.inf)

    def solve(self, *, time_s: float) -> Solved:
        """Find the cheapest point, or show that there is none below the cap."""
        finite = np.isfinite(self._cap)
        largest = sum(float(part.cost.max(initial=0.0)) for part in self._parts.values())
        unit = _TARGET / ((self._cap if finite else largest) or 1.0)
        objective, rest = self._price(unit)
        found = self._solved(objective, _TARGET - rest if finite else np.inf, time_s=time_s)
        if found.status == _FAILED:  # HiGHS (scipy 1.17) stumbles over a cut-off now and then
            found = self._solved(objective, np.inf, time_s=time_s)
        if found.status == _INFEASIBLE:
            return Solved(None, np.inf, done=True)
        bound = found.mip_dual_bound
        known = bound is not None and np.isfinite(bound)
        slots = None if found.x is None else self._slots(found.x)
        lower = max(bound + rest, 0.0) / unit if known else 0.0
        return Solved(slots, lower, done=found.status == _OPTIMAL)

    def _solved(self, objective: Array, most: float, *, time_s: float) -> Any:
        """What scipy says. Leaves are declared whole too: they are anyway, and it is quicker."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 (slow to import)

        whole, upper = np.ones(self._width), np.ones(self._width)
        whole[-1], upper[-1] = 0.0, np.inf
        system = self._system.constraint(self._width)
        below = LinearConstraint(objective[None], -np.inf, most)
        with muted():
            return milp(
                objective,
                constraints=[system, below] if np.isfinite(most) else system,
                bounds=Bounds(np.zeros(self._width), upper),
                integrality=whole,
                options={"time_limit": max(time_s, 0.01), "mip_rel_gap": 0.0},
            )

    def _price(self, unit: float) -> tuple[Array, float]:
        """The cost as a linear function: coefficients and a constant.

        What adds up is linear in the axes; the last variable is what the largest of some parts
        lies above that.
        """
        cells, parts = self._scene.cells, list(self._parts.values())
        objective, constant = np.zeros(self._width), 0.0
        objective[-1] = 1.0
        terms = [part.linear(part.cost * unit) for part in parts]
        if cells.norm.join is np.add:
            constant = sum(rest for _, rest in terms)
            for part, (values, _) in zip(parts, terms, strict=True):
                objective[part.columns()] = values
        else:
            for part, (values, rest) in zip(parts, terms, strict=True):
                self._exceed(objective, constant, [(part, values)], rest=rest)
        if cells.constraint.attacker.money is None and any(p.changed.any() for p in parts):
            self._allowance(objective, constant, unit=unit)
        return objective, constant

    def _exceed(
        self, objective: Array, constant: float, terms: list[tuple[Part, Array]], *, rest: float
    ) -> None:
        """The cost is no less than a linear function of some parts."""
        over = objective.copy()
        for part, values in terms:
            over[part.columns()] -= values
        where = np.flatnonzero(over)
        self._system.add(where, over[where], low=rest - constant, high=np.inf)

    def _allowance(self, objective: Array, constant: float, *, unit: float) -> None:
        """Categories changed, as a share of those allowed, to the norm's power.

        That is a convex function of a whole number, and so the largest of its chords.
        """
        cells, parts = self._scene.cells, list(self._parts.values())
        allowed = max(cells.constraint.attacker.categories, 1)
        linear = [part.linear(part.changed) for part in parts]
        most = sum(bool(part.changed.any()) for part in parts)
        worth = unit * (np.arange(most + 1) / allowed) ** cells.norm.power
        before = sum(rest for _, rest in linear)
        for count in range(most):
            slope = float(worth[count + 1] - worth[count])
            terms = [(p, slope * one) for p, (one, _) in zip(parts, linear, strict=True)]
            rest = float(worth[count]) + slope * (before - count)
            self._exceed(objective, constant, terms, rest=rest)

    def _slots(self, x: Array) -> Ints:
        """Slots that a solution stands for, shape (axes,)."""
        slots = self._scene.cells.home[self._row].copy()
        for part in self._parts.values():
            values = x[part.columns()]
            place = int((values < 0.5).sum()) if part.ordered else int(values.argmax())
            slots[part.axis] = part.slots[place]
        return slots


def _ones_and(count: int, last: float) -> Array:
    values = np.ones(count)
    values[-1] = last
    return values
