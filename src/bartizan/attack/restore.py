"""Making a successful change cheaper: give features back, one by one, cheapest win first."""

from collections.abc import Sequence

import numpy as np

from bartizan.attack.start import find_starts
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask, same
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle

_WIDTH = 32
"""Features tried at once for each row; wider tables take more rounds."""
_AT_ONCE = 4096
"""Candidates made and asked about together: they stay in the processor's cache, and a model with
a dear call hardly notices."""
COARSE = (1.0,)
"""Give features back whole: cheap, and most of the saving."""
FINE = (1.0, 0.5, 0.25, 0.125, 0.0625)
"""Shares of a change that are given back: all of it first, a sixteenth at the end."""
_HALF = 0.5
"""Most that all numbers are shortened by together: all of it would be the original row."""
_SHORTENINGS = 4
"""Most times that all numbers are shortened together in one step."""
_TIDY = 1e-3
"""Weight of the summed change beside the price, so that a norm that only sees the largest
coordinate still gives the others back."""


class Restorer:
    """Cheapens the points of several rows together. Needs labels only."""

    def __init__(self, oracle: Oracle, constraint: Constraint, *, x0: Array, trail: Trail) -> None:
        self._oracle = oracle
        self._constraint = constraint
        self._x0 = x0
        self._trail = trail
        self._numbers = len(constraint.numeric)
        self._coordinates = self._numbers + len(constraint.switches)

    def begin(
        self, rows: Ints, *, rng: np.random.Generator, starts: int = 1, spread: bool = False
    ) -> Ints:
        """Start rows from the attacker's own rows, and give back whole features.

        Args:
            rows: Rows that need a start.
            rng: Chooses among the attacker's rows.
            starts: Different starts for each row, cheapened side by side: fewer, larger calls.
            spread: Take the attacker's rows in random order instead of the nearest first.

        Returns:
            Those of the rows that found every start.
        """
        points, owners = [], []
        for _ in range(starts):
            met = find_starts(
                self._oracle,
                self._constraint,
                self._x0,
                rows=rows,
                rng=rng,
                choices=True,
                spread=spread,
            )
            rows = rows[met.found]
            points.append(met.points[met.found])
            owners.append(rows)
        first, owner = np.concatenate(points), np.concatenate(owners)
        self._trail.keep(first, owner)
        self.restore(first, owner, steps=COARSE)
        return rows

    def polish(self, rows: Ints) -> None:
        """Give back what can be of the best points met so far."""
        found = rows[np.isfinite(self._trail.price[rows])]
        self.restore(self._trail.points[found], found, steps=FINE)

    def restore(self, points: Array, rows: Ints, *, steps: Sequence[float]) -> None:
        """Give back as much of each change as the answer allows.

        Args:
            points: Successful points, shape (r, d).
            rows: Which attacked rows they belong to, shape (r,). Points of one row share its
                queries evenly.
            steps: Shares of a change to give back, in this order.

        The trail has what was found.
        """
        points = points.copy()
        for step in steps:
            open_ = self._changes(points, rows) > 0
            if step < 1:
                open_[:, self._numbers :] = False  # a category is given back whole or not
            waiting = np.arange(len(rows))
            while waiting.size:
                waiting = waiting[self._left(rows, waiting) > 2]
                waiting = waiting[open_[waiting].any(axis=1)]
                self._round(points, rows, waiting=waiting, open_=open_, step=step)
            self._shorten(points, rows, step=min(step, _HALF))

    def _left(self, rows: Ints, waiting: Ints) -> Ints:
        """Queries left for each waiting point, whose row may have several, shape (waiting,)."""
        sharers = np.bincount(rows[waiting], minlength=len(self._x0))
        return np.asarray((self._oracle.left() // np.maximum(sharers, 1))[rows[waiting]])

    def _changes(self, points: Array, rows: Ints) -> Array:
        """Share of the budget in each coordinate, shape (r, coordinates)."""
        x0 = self._x0[rows]
        numbers = np.abs(self._constraint.offsets(x0, points))
        choices = self._constraint.switched(x0, points) * np.maximum(
            self._constraint.switch_cost, 1e-9
        )
        return np.concatenate([numbers, choices], axis=1)

    def _value(self, points: Array, rows: Ints) -> Array:
        """What is made smaller: the price, then the sum of changes."""
        return self._weighed(self._constraint.price(self._x0[rows], points), points, rows)

    def _weighed(self, price: Array, points: Array, rows: Ints) -> Array:
        share = price / self._constraint.attacker.budget
        return share + _TIDY * self._changes(points, rows).sum(axis=1)

    def _round(self, points: Array, rows: Ints, *, waiting: Ints, open_: Mask, step: float) -> None:
        """Try the largest open changes of each row; take all that work, or the best one."""
        if not waiting.size:
            return
        size = np.where(open_[waiting], self._changes(points[waiting], rows[waiting]), -1.0)
        order = np.argsort(-size, axis=1, kind="stable")[:, :_WIDTH]
        tried = np.take_along_axis(size, order, axis=1) > 0
        left = self._left(rows, waiting)
        tried &= np.arange(order.shape[1]) < (left - 1)[:, None]
        slot, place = np.nonzero(tried)
        owner, coordinate = waiting[slot], order[slot, place]
        open_[waiting] &= size > 0
        open_[owner, coordinate] = False
        now = self._value(points[waiting], rows[waiting])
        taken = []
        for start in range(0, len(owner), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            own = owner[part]
            candidates = self._given_back(points[own], rows[own], coordinate[part], step=step)
            good, value = self._asked(candidates, rows[own])
            good &= value < now[slot[part]]
            taken.append((candidates[good], own[good], value[good]))
        if taken:
            candidates, own, value = (np.concatenate(parts) for parts in zip(*taken, strict=True))
            self._take(points, rows, candidates=candidates, owner=own, value=value)

    def _take(
        self, points: Array, rows: Ints, *, candidates: Array, owner: Ints, value: Array
    ) -> None:
        """Combine the good candidates of each row if that works, else take the cheapest."""
        before = points.copy()
        order = np.argsort(-value, kind="stable")
        points[owner[order]] = candidates[order]  # the cheapest of each row is written last
        several = np.flatnonzero(np.bincount(owner, minlength=len(rows)) > 1)
        several = several[self._left(rows, several) > 0]
        if not several.size:
            return
        least = np.full(len(rows), np.inf)
        np.minimum.at(least, owner, value)
        moved, column = np.nonzero(~same(candidates, before[owner]))
        before[owner[moved], column] = candidates[moved, column]  # all of them together
        together = self._constraint.repair(self._x0[rows[several]], before[several])
        works, combined = self._asked(together, rows[several])
        kept = works & (combined < least[several])
        points[several[kept]] = together[kept]

    def _shorten(self, points: Array, rows: Ints, *, step: float) -> None:
        """Give back the same share of every number, while that works."""
        waiting = np.arange(len(rows))
        for _ in range(_SHORTENINGS):
            waiting = waiting[self._left(rows, waiting) > 0]
            if not waiting.size:
                return
            x0 = self._x0[rows[waiting]]
            offset = self._constraint.offsets(x0, points[waiting])
            length = self._constraint.norm.length(offset)
            change = self._constraint.norm.shorten(offset, length * (1 - step)) - offset
            candidate = points[waiting].copy()
            candidate[:, self._constraint.numeric] += change * self._constraint.unit
            candidate = self._constraint.repair(x0, candidate)
            works, value = self._asked(candidate, rows[waiting])
            works &= value < self._value(points[waiting], rows[waiting])
            points[waiting[works]] = candidate[works]
            waiting = waiting[works]

    def _given_back(self, points: Array, rows: Ints, coordinate: Ints, *, step: float) -> Array:
        """Points with one coordinate moved towards the original by a share of its change."""
        x0 = self._x0[rows]
        points = points.copy()
        number = np.flatnonzero(coordinate < self._numbers)
        column = self._constraint.numeric[coordinate[number]]
        points[number, column] += step * (x0[number, column] - points[number, column])
        for position, switch in enumerate(self._constraint.switches):
            chosen = np.flatnonzero(coordinate == self._numbers + position)
            points[np.ix_(chosen, switch.columns)] = x0[np.ix_(chosen, switch.columns)]
        return self._constraint.repair(x0, points)

    def _asked(self, candidates: Array, rows: Ints) -> tuple[Mask, Array]:
        """Whether valid candidates get the wanted answer, and what is made smaller.

        Invalid ones are not asked about; the value of those that do not work is infinite.
        """
        good = self._constraint.related(self._x0[rows], candidates)
        asked = np.flatnonzero(good)
        good[asked] = self._oracle.wrong(candidates[asked], rows[asked])
        price = self._constraint.price(self._x0[rows[good]], candidates[good])
        self._trail.keep(candidates[good], rows[good], price=price)
        value = np.full(len(rows), np.inf)
        value[good] = self._weighed(price, candidates[good], rows[good])
        return good, value
