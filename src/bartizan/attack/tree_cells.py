"""What it costs each row to move into each slot, and which values to put there."""

from functools import cached_property

import numpy as np

from bartizan.attack.tree_axes import Axes
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint

_DEEPER = 4
"""Single-precision steps further into a slot, for models that round on their own."""


class Cells:
    """Rows of a block against the slots of all axes.

    Costs are shares of the budget to the norm's power, so that they join as the norm says. They
    are infima: a slot that is open at its near end is entered a hair later.
    """

    def __init__(self, constraint: Constraint, axes: Axes, *, x0: Array) -> None:
        self.constraint, self.axes, self.x0 = constraint, axes, x0
        self.norm = constraint.norm
        n = len(x0)
        self.home = np.zeros((n, axes.count), dtype=np.int64)
        """Slot of the original value, shape (n, axes)."""
        self.frozen = np.zeros((n, axes.count), dtype=bool)
        """Values that stay as they are: missing ones, and categories nobody listed."""
        self.term = np.full((n, axes.slots), np.inf)
        """Cost of each slot on its own, shape (n, slots); infinity = out of reach."""
        self.changed = np.zeros((n, axes.slots), dtype=bool)
        """Slots that take a category out of the attacker's allowance, shape (n, slots)."""
        self._low, self._high = constraint.limits(x0)
        self._whole = np.isin(constraint.numeric, constraint.space.whole)
        for axis in range(axes.count):
            if axes.choice[axis] < 0:
                self._number(axis)
            else:
                self._choose(axis)
        np.put_along_axis(self.term, self.home, 0.0, axis=1)  # of frozen values too

    @cached_property
    def doubtful(self) -> Mask:
        """Rows with a category that is not missing but unlisted, shape (n,).

        It stays as it is here, but nothing forbids to change it: nothing is proven for these.
        """
        doubtful = np.zeros(len(self.x0), dtype=bool)
        for switch in self.constraint.switches:
            known = ~np.isnan(self.x0[:, switch.columns]).any(axis=1)
            doubtful |= known & (switch.chosen(self.x0) < 0)
        return doubtful

    @cached_property
    def _weight(self) -> Array:
        """What a share of each number counts, shape (m,): nothing where it is free."""
        attacker, names = self.constraint.attacker, self.constraint.space.names
        if attacker.money is None:
            return np.ones(len(self.constraint.numeric))
        costs = [attacker.reach(names[column]).cost or 0.0 for column in self.constraint.numeric]
        return (np.array(costs) > 0).astype(float)

    def _number(self, axis: int) -> None:
        part = slice(self.axes.first[axis], self.axes.first[axis + 1])
        place = self.axes.number[axis]
        value = self.x0[:, self.constraint.numeric[place]][:, None]
        low, high = self.axes.low[part], self.axes.high[part]
        least, most = self._low[:, place, None], self._high[:, place, None]
        here = (value > low) & (value <= high)
        up, down = np.broadcast_to(low, here.shape), np.broadcast_to(high, here.shape)
        can_rise, can_fall = low < np.minimum(most, high), high >= least
        if self._whole[place]:
            up, down = np.floor(up) + 1, np.floor(down)
            can_rise, can_fall = up <= np.minimum(most, high), down >= least
            can_fall &= down > low
        way = np.where(value <= low, up - value, value - down)
        way = np.where(here, 0.0, way) / self.constraint.unit[place] * self._weight[place]
        can = here | ((value <= low) & can_rise) | ((value > high) & can_fall & (low < high))
        self.term[:, part] = np.where(can, way, np.inf) ** self.norm.power
        self.frozen[:, axis] = np.isnan(value[:, 0])
        self.home[:, axis] = part.start + here.argmax(axis=1)

    def _choose(self, axis: int) -> None:
        part = slice(self.axes.first[axis], self.axes.first[axis + 1])
        place = self.axes.choice[axis]
        option = self.constraint.switches[place].chosen(self.x0)
        self.frozen[:, axis] = option < 0
        slot = self.axes.options[axis][np.maximum(option, 0)]
        self.home[:, axis] = part.start + slot
        away = np.arange(part.stop - part.start) != slot[:, None]
        paid = self.constraint.attacker.money is not None
        cost = self.constraint.switch_cost[place] if paid else 0.0
        out = (option < 0)[:, None]
        self.term[:, part] = np.where(out, np.inf, away * cost**self.norm.power)
        self.changed[:, part] = away & ~paid

    def at(self, rows: Ints, slots: Ints) -> tuple[Array, Ints]:
        """Costs of the slots taken, and whether they change a category, each (m, axes)."""
        frozen = self.frozen[rows]
        cost = np.where(frozen, 0.0, self.term[rows[:, None], slots])
        return cost, np.where(frozen, 0, self.changed[rows[:, None], slots]).astype(np.int64)

    def cost(self, rows: Ints, slots: Ints) -> Array:
        """Cost of taking some slots together, shape (m,)."""
        cost, changed = self.at(rows, slots)
        return self.together(self.norm.join.reduce(cost, axis=1), changed.sum(axis=1))

    def together(self, cost: Array, changed: Ints) -> Array:
        """The larger of the numeric cost and the share of categories that is used."""
        if self.constraint.attacker.money is not None:
            return cost
        used = changed / max(self.constraint.attacker.categories, 1)
        return np.asarray(np.maximum(cost, used**self.norm.power))

    def moved(self, rows: Ints, slots: Ints) -> Array:
        """Cost after moving one axis to any slot and leaving the others.

        Args:
            rows: Which attacked rows, shape (m,).
            slots: Where they are now, shape (m, axes).

        Returns:
            Shape (m, slots); infinity = out of reach.
        """
        cost, changed = self.at(rows, slots)
        join, owner = self.norm.join, self.axes.owner
        before = join.accumulate(cost, axis=1)
        after = join.accumulate(cost[:, ::-1], axis=1)[:, ::-1]
        rest = np.zeros_like(cost)
        rest[:, 1:] = before[:, :-1]
        rest[:, :-1] = join(rest[:, :-1], after[:, 1:])
        total = join(rest[:, owner], self.term[rows])
        if not len(self.constraint.switches):
            return np.asarray(total)
        others = changed.sum(axis=1, keepdims=True) - changed
        return self.together(total, others[:, owner] + self.changed[rows])

    def price(self, cost: Array) -> Array:
        """Costs in the unit of the attacker's budget."""
        return np.asarray(cost ** (1 / self.norm.power) * self.constraint.attacker.budget)

    def share(self, price: Array) -> Array:
        """Prices as costs: the way back."""
        return np.asarray((price / self.constraint.attacker.budget) ** self.norm.power)

    def points(self, rows: Ints, slots: Ints, *, deeper: bool = False) -> Array:
        """Rows with values of some slots, the nearest there are, shape (m, d).

        Args:
            rows: Which attacked rows, shape (m,).
            slots: Slots to take, shape (m, axes).
            deeper: Go a few single-precision steps further than needed.
        """
        x = self.x0[rows].copy()
        for axis in range(self.axes.count):
            away = (slots[:, axis] != self.home[rows, axis]) & ~self.frozen[rows, axis]
            here = np.flatnonzero(away)
            place = self.axes.number[axis]
            if here.size and place < 0:
                switch = self.constraint.switches[self.axes.choice[axis]]
                option = self.axes.option[slots[here, axis]]
                x[np.ix_(here, switch.columns)] = switch.options[option]
            elif here.size:
                entered = self._entered(rows[here], slots[here, axis], place=place, deeper=deeper)
                x[here, self.constraint.numeric[place]] = entered
        return x

    def _entered(self, rows: Ints, slots: Ints, *, place: int, deeper: bool) -> Array:
        """The nearest values inside slots, shape (m,)."""
        low, high = self.axes.low[slots], self.axes.high[slots]
        value = self.x0[rows, self.constraint.numeric[place]]
        rising = value <= low
        if self._whole[place]:
            return np.where(rising, np.floor(low) + 1, np.floor(high))
        most = np.minimum(high, self._high[rows, place])
        least = np.maximum(np.nextafter(low, np.inf), self._low[rows, place])
        return np.where(
            rising,
            _settled(np.nextafter(low, np.inf), least, most, way=np.inf, deeper=deeper),
            _settled(high, least, most, way=-np.inf, deeper=deeper),
        )


def _settled(value: Array, least: Array, most: Array, *, way: float, deeper: bool) -> Array:
    """Values that stay within [least, most] when rounded to single precision, where there are any.

    Args:
        value: The nearest ends, shape (m,).
        least: Smallest values allowed.
        most: Largest values allowed.
        way: Infinity if further in is up, its negative if it is down.
        deeper: Go some steps further in.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        near = value.astype(np.float32)
        next_ = np.nextafter(near, np.float32(way))
        far = near
        for _ in range(_DEEPER):
            far = np.nextafter(far, np.float32(way))
    step, deep = next_.astype(np.float64), far.astype(np.float64)
    stays = _within(near.astype(np.float64), least, most) | ~_within(step, least, most)
    settled = np.where(stays, value, step)
    if not deeper:
        return np.asarray(settled)
    middle = (least + most) / 2
    inside = np.where(np.isfinite(middle), middle, settled)
    return np.where(_within(deep, least, most), deep, inside)


def _within(value: Array, least: Array, most: Array) -> Mask:
    return np.asarray((value >= least) & (value <= most))
