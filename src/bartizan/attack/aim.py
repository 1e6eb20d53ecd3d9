"""Aiming with scores: probe features one at a time, then spend the budget where it gains most."""

import numpy as np

from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle

_PROBE_SHARE = 0.25
"""At most this share of a row's remaining queries goes into one round of probes."""
_WIDEST = 2.0**7
"""Radius, in budgets, past which nobody is interested."""
_BISECTIONS = 9
"""Halvings of the radius: down to a five-hundredth."""
_CLOSER = 0.99
"""A new direction is worth following when it saves one percent."""


class Scores:
    """The oracle's margins with bookkeeping: validity, and the best points met."""

    def __init__(self, oracle: Oracle, constraint: Constraint, *, x0: Array, trail: Trail) -> None:
        self.oracle = oracle
        self.constraint = constraint
        self.x0 = x0
        self.trail = trail

    def ask(self, points: Array, rows: Ints) -> Array:
        """Margins, shape (m,); infinity for invalid points, which are not asked about."""
        valid = np.flatnonzero(self.constraint.valid(self.x0[rows], points))
        margin = np.full(len(rows), np.inf)
        margin[valid] = self.oracle.margin(points[valid], rows[valid])
        self.trail.keep(points[margin < 0], rows[margin < 0])
        return margin

    def share(self, rows: Ints) -> Array:
        """Price of each row's best point in budgets; infinity where there is none."""
        return np.asarray(self.trail.price[rows] / self.constraint.attacker.budget)

    def able(self, rows: Ints, queries: int = 1) -> Ints:
        """Those rows that have so many queries left."""
        return rows[self.oracle.left()[rows] >= queries]


class Aim:
    """What single features gain, and the change they promise most from. Indexed by row."""

    def __init__(self, scores: Scores, *, rng: np.random.Generator) -> None:
        n = len(scores.x0)
        self._scores = scores
        self._constraint = scores.constraint
        self._rng = rng
        self._low, self._high = scores.constraint.bounds(scores.x0)
        self._gain = np.zeros((n, len(scores.constraint.numeric)))
        self._choice = np.full((n, len(scores.constraint.switches)), -1)
        self._choice_gain = np.zeros((n, len(scores.constraint.switches)))

    def probe(self, rows: Ints, *, points: Array, margin: Array, step: Array) -> None:
        """Estimate what each number gains around some points.

        Args:
            rows: Rows to probe.
            points: Where, shape (rows, d).
            margin: Their margins, shape (rows,).
            step: How far to move each number, in budgets, shape (rows,).
        """
        numbers = self._rng.permutation(len(self._constraint.numeric))
        numbers = numbers[: self._affordable(rows) // 2]
        if not numbers.size or not rows.size:
            return
        here = self._constraint.offsets(self._scores.x0[rows], points)
        up = self._slopes(rows, points, here, margin=margin, step=step, numbers=numbers)
        down = self._slopes(rows, points, here, margin=margin, step=-step, numbers=numbers)
        both = np.where((up == 0) | (down == 0), up + down, (up + down) / 2)
        better = np.where(up > -down, up, down)  # where both ways help, the one that helps more
        both = np.where((up > 0) & (down < 0), better, both)
        both = np.where((up < 0) & (down > 0), 0.0, both)
        self._gain[np.ix_(rows, numbers)] = both

    def _affordable(self, rows: Ints) -> int:
        """Probes that every one of some rows can pay for."""
        left = self._scores.oracle.left()[rows]
        return int(left.min() * _PROBE_SHARE) if left.size else 0

    def _slopes(
        self,
        rows: Ints,
        points: Array,
        here: Array,
        *,
        margin: Array,
        step: Array,
        numbers: Ints,
    ) -> Array:
        """Gain per budget of moving each number by `step`, shape (rows, numbers)."""
        owners = np.repeat(np.arange(len(rows)), len(numbers))
        which = np.tile(numbers, len(rows))
        offset = here[owners, which] + step[owners]
        low, high = self._low[rows[owners], which], self._high[rows[owners], which]
        change = np.clip(offset, low, high) - here[owners, which]
        slope = np.zeros(len(owners))
        can = np.flatnonzero(np.abs(change) > 1e-12)
        moved = points[owners[can]]
        column = self._constraint.numeric[which[can]]
        moved[np.arange(len(can)), column] += change[can] * self._constraint.unit[which[can]]
        moved = self._constraint.repair(self._scores.x0[rows[owners[can]]], moved)
        after = self._scores.ask(moved, rows[owners[can]])
        known = np.isfinite(after)
        slope[can[known]] = (margin[owners[can]] - after)[known] / change[can[known]]
        return slope.reshape(len(rows), len(numbers))

    def probe_choices(self, rows: Ints, *, margin: Array) -> None:
        """Ask about every option of every choice, from the original rows."""
        options = [
            (position, option)
            for position, switch in enumerate(self._constraint.switches)
            for option in range(len(switch.options))
        ]
        for place in self._rng.permutation(len(options))[: self._affordable(rows)]:
            self._probe_option(rows, *options[place], margin=margin)

    def _probe_option(self, rows: Ints, position: int, option: int, *, margin: Array) -> None:
        switch = self._constraint.switches[position]
        now = switch.chosen(self._scores.x0[rows])
        can = np.flatnonzero((now != option) & (now >= 0))
        points = self._scores.x0[rows[can]].copy()
        points[:, switch.columns] = switch.options[option]
        gain = margin[can] - self._scores.ask(points, rows[can])
        better = gain > self._choice_gain[rows[can], position]
        self._choice_gain[rows[can[better]], position] = gain[better]
        self._choice[rows[can[better]], position] = option

    def shoot(self, rows: Ints) -> Ints:
        """Go from the original rows in the promised direction; keep what is cheaper than before.

        Returns:
            Rows that got a cheaper point.
        """
        before = self._scores.share(rows)
        radius = np.where(np.isfinite(before), before * _CLOSER, 1.0)
        reached = np.zeros(len(rows), dtype=bool)
        waiting = np.arange(len(rows))
        while waiting.size:
            hit = self._hits(rows[waiting], radius[waiting])
            reached[waiting[hit]] = True
            waiting = waiting[~hit & ~np.isfinite(before[waiting])]
            radius[waiting] *= 2
            waiting = waiting[radius[waiting] <= _WIDEST]
        near, far = np.zeros(len(rows)), radius
        for _ in range(_BISECTIONS):
            here = np.flatnonzero(reached)
            middle = (near[here] + far[here]) / 2
            hit = self._hits(rows[here], middle)
            far[here[hit]] = middle[hit]
            near[here[~hit]] = middle[~hit]
        return rows[self._scores.share(rows) < before]

    def _hits(self, rows: Ints, radius: Array) -> Mask:
        """Whether the promised change of a length gets the wanted answer, shape (rows,)."""
        hit = np.zeros(len(rows), dtype=bool)
        for with_choices in (False, True) if self._constraint.switches else (False,):
            open_ = np.flatnonzero(~hit & (self._scores.oracle.left()[rows] > 0))
            points = self.promised(rows[open_], radius[open_], with_choices=with_choices)
            hit[open_] = self._scores.ask(points, rows[open_]) < 0
        return hit

    def promised(self, rows: Ints, radius: Array, *, with_choices: bool) -> Array:
        """The change within a radius that gains most to first order, shape (rows, d)."""
        x0 = self._scores.x0[rows]
        points, rest = x0.copy(), radius.copy()
        if with_choices:
            self._choose(points, rows, radius=radius, rest=rest)
        rest = np.maximum(rest, 1e-12)[:, None]
        offset = self._constraint.norm.ascend(
            self._gain[rows], self._low[rows] / rest, self._high[rows] / rest
        )
        points[:, self._constraint.numeric] += offset * rest * self._constraint.unit
        return self._constraint.repair(x0, points)

    def _choose(self, points: Array, rows: Ints, *, radius: Array, rest: Array) -> None:
        """Set the most promising choices that the radius pays for; money is taken off `rest`."""
        order = np.argsort(-self._choice_gain[rows], axis=1, kind="stable")
        spent = np.zeros(len(rows))
        for rank in range(order.shape[1]):
            for position, switch in enumerate(self._constraint.switches):
                cost = self._constraint.switch_cost[position]
                take = (order[:, rank] == position) & (self._choice_gain[rows, position] > 0)
                take &= spent + cost <= radius + 1e-12
                options = switch.options[self._choice[rows[take], position]]
                points[np.ix_(take, switch.columns)] = options
                spent[take] += cost
        if self._constraint.attacker.money is not None:
            rest -= spent
