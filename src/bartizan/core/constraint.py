"""What one attacker may do in one space: bounds, repair, validity and price of a change."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Attacker
from bartizan.core.fit import require_costs, require_known
from bartizan.core.norm import NORMS, Norm
from bartizan.core.space import Space, Switch

_REPAIRS = 3
"""Passes over the relations: a chain of three dependent columns settles in three."""
_SLACK = 1e-9
"""Relative slack of a bound: rounding of sums and of unit conversion, nothing more."""


@dataclass(frozen=True)
class Constraint:
    """Space + attacker. Attacks see nothing else of either.

    Numeric changes are handled as offsets in units of the budget: an offset of length 1 (in
    `norm`) costs exactly the budget. Missing values stay missing: nothing moves there.
    """

    space: Space
    attacker: Attacker
    sample: Array
    """Rows the attacker owns, shape (s, d): typical inputs of any class, such as their own
    accepted orders. Decision-based attacks start from them."""
    sample_y: Ints | None = None
    """Classes of these rows, shape (s,), if the attacker knows them."""

    def __post_init__(self) -> None:
        """Refuse attackers that do not fit the space."""
        require_known(self.attacker, self.space)
        movable = (*self._names(self.numeric), *(switch.name for switch in self.switches))
        require_costs(self.attacker, movable)

    def _names(self, columns: Ints) -> tuple[str, ...]:
        return tuple(self.space.names[position] for position in columns)

    @cached_property
    def norm(self) -> Norm:
        """The norm that measures offsets; money adds up, so it is L1."""
        return NORMS[self.attacker.norm or "L1"]

    @cached_property
    def numeric(self) -> Ints:
        """Numeric columns this attacker can move, shape (m,)."""
        space = self.space
        movable = (space.scale > 0) & (space.lower < space.upper)
        fixed = {name for name, reach in self.attacker.features.items() if not reach.mutable}
        columns = space.numeric[movable[space.numeric]]
        if not fixed:
            return columns
        return np.array([c for c in columns if space.names[c] not in fixed], dtype=np.int64)

    @cached_property
    def moving(self) -> slice | Ints:
        """`numeric` as an index: all columns of an image are taken without a copy."""
        return _index(self.numeric, len(self.space.lower))

    @cached_property
    def _up(self) -> Ints:
        return self._going("up")

    @cached_property
    def _down(self) -> Ints:
        return self._going("down")

    def _going(self, direction: str) -> Ints:
        """Positions of the movable numeric columns that may move this way only."""
        known = self.attacker.features.items()
        named = {name for name, reach in known if reach.direction == direction}
        if not named:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero([name in named for name in self._names(self.numeric)])

    @cached_property
    def _cost(self) -> Array:
        names = self._names(self.numeric)
        return np.array([self.attacker.reach(name).cost or 0.0 for name in names])

    @cached_property
    def switches(self) -> tuple[Switch, ...]:
        """Choices this attacker can make."""
        if self.attacker.money is None and self.attacker.categories == 0:
            return ()
        return tuple(
            switch
            for switch in self.space.switches
            if self.attacker.reach(switch.name).mutable and len(switch.options) > 1
        )

    @cached_property
    def unit(self) -> Array:
        """Change of each movable numeric column that uses up the whole budget, shape (m,).

        A column that costs nothing has no such change; its full range counts as a thousandth
        of the budget, so that searches use it first.
        """
        scale = self.space.scale[self.numeric]
        if self.attacker.money is None:
            return scale * self.attacker.budget
        with np.errstate(divide="ignore"):
            return np.where(self._cost > 0, self.attacker.budget / self._cost, 1000.0 * scale)

    @cached_property
    def switch_cost(self) -> Array:
        """Share of the budget that each choice takes, shape (number of switches,)."""
        if self.attacker.money is None:
            return np.full(len(self.switches), 1.0 / max(self.attacker.categories, 1))
        costs = [self.attacker.reach(switch.name).cost or 0.0 for switch in self.switches]
        return np.array(costs) / self.attacker.budget

    def bounds(self, x0: Array) -> tuple[Array, Array]:
        """Smallest and largest offsets of the movable numeric columns, for each row.

        Args:
            x0: Original rows, shape (n, d).

        Returns:
            (low, high), each (n, m), low <= 0 <= high, in units of the budget. Both are zero
            where the value is missing, or lies outside the bounds in that direction already.
        """
        start = x0[:, self.moving]
        low, high = self.space.lower[self.moving] - start, self.space.upper[self.moving] - start
        np.minimum(np.divide(low, self.unit, out=low), 0.0, out=low)
        np.maximum(np.divide(high, self.unit, out=high), 0.0, out=high)
        if _gaps(start):
            low[np.isnan(start)], high[np.isnan(start)] = 0.0, 0.0
        low[:, self._up] = 0.0
        high[:, self._down] = 0.0
        return low, high

    def offsets(self, x0: Array, x: Array) -> Array:
        """Numeric change in units of the budget, shape (n, m); 0 where missing."""
        change = (x[:, self.moving] - x0[:, self.moving]) / self.unit
        return np.where(np.isnan(change), 0.0, change) if _gaps(change) else change

    def moved(self, x0: Array, offset: Array) -> Array:
        """Rows moved by offsets (n, m), then repaired; categories stay as in x0."""
        x = x0.copy()
        x[:, self.moving] += offset * self.unit
        return self.repair(x0, x)

    def around(self, x0: Array, offset: Array) -> Array:
        """Many candidates for each row.

        Args:
            x0: Original rows, shape (n, d).
            offset: Offsets within `bounds`, shape (n, k, m); overwritten.

        Returns:
            Rows, shape (n, k, d), repaired.
        """
        offset *= self.unit
        offset += x0[:, None, self.moving]
        if self._whole.size:
            self._settle(offset, x0)
        x = offset
        if len(self.numeric) < x0.shape[1]:
            x = np.repeat(x0[:, None, :], offset.shape[1], axis=1)
            x[:, :, self.moving] = offset
        if not self.space.relations:
            return x
        flat = self.repair(np.repeat(x0, offset.shape[1], axis=0), x.reshape(-1, x.shape[2]))
        return flat.reshape(x.shape)

    def _settle(self, values: Array, x0: Array) -> None:
        """Whole numbers among the movable values (n, k, m) to the nearest one within limits."""
        low, high = (limit[:, None, self._wholes] for limit in self.limits(x0))
        wanted, before = values[:, :, self._wholes], x0[:, None, self.numeric[self._whole]]
        if isinstance(self._wholes, slice) and not _fractions(before):
            np.rint(wanted, out=wanted)  # a view: images are settled where they lie
            np.maximum(wanted, low, out=wanted)
            np.minimum(wanted, high, out=wanted)
            return
        rounded = np.rint(wanted)
        np.maximum(rounded, low, out=rounded)
        np.minimum(rounded, high, out=rounded)
        if _fractions(before):  # else what did not change is whole, and rounding leaves it so
            np.copyto(rounded, wanted, where=wanted == before)
        values[:, :, self._wholes] = rounded

    @cached_property
    def exact(self) -> bool:
        """Whether every offset within `bounds` is valid as it is: nothing to round or relate."""
        return not self.space.relations and not self._whole.size

    @cached_property
    def _whole(self) -> Ints:
        """Positions of the movable numeric columns that hold whole numbers only."""
        return np.flatnonzero(np.isin(self.numeric, self.space.whole))

    @cached_property
    def _wholes(self) -> slice | Ints:
        """The same as an index."""
        return _index(self._whole, len(self.numeric))

    @cached_property
    def _free(self) -> Mask:
        free = np.zeros(len(self.space.lower), dtype=bool)
        free[self.numeric] = True
        return free

    def repair(self, x0: Array, x: Array) -> Array:
        """The nearest rows this attacker can make: bounds, types, then relations.

        Args:
            x0: Original rows, shape (n, d).
            x: Wanted rows, shape (n, d); may be overwritten.

        Returns:
            Rows, shape (n, d); values that are as they were stay so, whatever the original row
            breaks. A relation that cannot be mended by setting one movable column may still be
            broken: `valid` says so.
        """
        x = self._admitted(x0, x)
        kept = [relation.holds(x0) for relation in self.space.relations]
        for _ in range(_REPAIRS if kept else 0):
            for relation, owed in zip(self.space.relations, kept, strict=True):
                mended = relation.repair(x, free=self._free)
                x = mended if owed.all() else np.where(owed[:, None], mended, x)
            x = self._admitted(x0, x)
        return x

    def _admitted(self, x0: Array, x: Array) -> Array:
        """Movable columns into their types and bounds."""
        low, high = self.limits(x0)
        x = x.copy() if x is x0 else x
        now = self._rounded(x0, x)
        np.maximum(now, low, out=now)
        np.minimum(now, high, out=now)
        x[:, self.moving] = now
        return x

    def _rounded(self, x0: Array, x: Array) -> Array:
        """Movable columns as their types admit them; what did not change stays, shape (n, m).

        It may be a view of x, and x may be overwritten.
        """
        now = x[:, self.moving]
        if self._whole.size:
            wanted, before = now[:, self._wholes], x0[:, self.moving][:, self._wholes]
            rounded = np.rint(wanted)
            if _fractions(before):
                np.copyto(rounded, wanted, where=wanted == before)
            if isinstance(self._wholes, slice):
                return rounded
            now[:, self._wholes] = rounded
        return now

    def _typed(self, x0: Array, x: Array) -> Mask:
        """Whether whole numbers are whole where they changed, shape (n,)."""
        values = x[:, self.moving][:, self._wholes]
        fine = values == np.rint(values)
        okay: Mask = np.asarray(fine.all(axis=1))
        odd = np.flatnonzero(~okay)  # few: a fraction or a gap that was there before
        if odd.size:
            now, before = values[odd], x0[odd][:, self.moving][:, self._wholes]
            okay[odd] = (fine[odd] | (now == before) | np.isnan(now)).all(axis=1)
        return okay

    def limits(self, x0: Array) -> tuple[Array, Array]:
        """Smallest and largest values of the movable numeric columns, each (n, m)."""
        start = x0[:, self.moving]
        low = np.minimum(self.space.lower[self.moving], start)
        high = np.maximum(self.space.upper[self.moving], start)
        low[:, self._up] = start[:, self._up]
        high[:, self._down] = start[:, self._down]
        return low, high

    def valid(self, x0: Array, x: Array) -> Mask:
        """Whether this attacker could really send each row; the budget is not looked at.

        Args:
            x0: Original rows, shape (n, d).
            x: Candidate rows, shape (n, d).

        Returns:
            Shape (n,): within bounds and directions, types kept, everything else untouched,
            and every relation kept that the original row kept.
        """
        low, high = self.limits(x0)
        now = x[:, self.moving]
        okay: Mask = np.asarray(((now >= low) & (now <= high)).all(axis=1))
        odd = np.flatnonzero(~okay)  # few: on the bound but for rounding, missing, or outside
        slack = _SLACK * np.maximum(self.space.scale[self.moving], np.abs(now[odd]))
        inside = (now[odd] >= low[odd] - slack) & (now[odd] <= high[odd] + slack)
        okay[odd] = (inside | np.isnan(now[odd])).all(axis=1)
        fixed = ~self._free
        for switch in self.switches:
            fixed[switch.columns] = False
            okay &= (switch.chosen(x) >= 0) | _same(x0, x, switch.columns)
        okay &= _same(x0, x, np.flatnonzero(fixed))
        if self._whole.size:
            okay &= self._typed(x0, x)
        if _gaps(x) or _gaps(x0):
            okay &= (np.isnan(x) == np.isnan(x0)).all(axis=1)
        return np.asarray(okay & self.related(x0, x))

    def related(self, x0: Array, x: Array) -> Mask:
        """Whether each row keeps every relation that the original row kept, shape (n,).

        All there is to ask of rows that come from `repair` and differ from valid ones only in
        what this attacker can change.
        """
        okay = np.ones(len(x), dtype=bool)
        for relation in self.space.relations:
            okay &= relation.holds(x) | ~relation.holds(x0)
        return okay

    def switched(self, x0: Array, x: Array) -> Mask:
        """Which choices differ, shape (n, number of switches)."""
        differs = [~_same(x0, x, switch.columns) for switch in self.switches]
        return np.stack(differs, axis=1) if differs else np.zeros((len(x), 0), dtype=bool)

    def price(self, x0: Array, x: Array) -> Array:
        """What a change costs, in the unit of the attacker's budget.

        Money adds up over features. With a norm, the price is the larger of the numeric
        distance and the share of the category allowance that is used, so that price <= budget
        holds exactly when both limits do.

        Args:
            x0: Original rows, shape (n, d).
            x: Changed rows, shape (n, d).

        Returns:
            Shape (n,), >= 0; smaller = cheaper for the attacker.
        """
        offset, switched = self.offsets(x0, x), self.switched(x0, x)
        if self.attacker.money is None:
            used = switched.sum(axis=1) / max(self.attacker.categories, 1)  # all of them is 1.0
            share = np.maximum(self.norm.length(offset), used)
        else:
            share = np.abs(offset[:, self._cost > 0]).sum(axis=1) + switched @ self.switch_cost
        return np.asarray(share * self.attacker.budget)

    def within(self, price: Array) -> Mask:
        """Whether the attacker can pay."""
        return within(price, self.attacker.budget)


def within(price: Array, budget: float) -> Mask:
    """Whether a budget pays for each price; one that rounding put above the budget counts."""
    return np.asarray(price <= budget * (1 + _SLACK))


def _index(columns: Ints, width: int) -> slice | Ints:
    """Ascending columns as an index: a slice, which copies nothing, where they are all."""
    return slice(None) if len(columns) == width else columns


def _same(x0: Array, x: Array, columns: Ints) -> Mask:
    """Whether some columns are unchanged, missing values included; -> (n,)."""
    left, right = x0[:, columns], x[:, columns]
    same = left == right
    if _gaps(left):
        same |= np.isnan(left) & np.isnan(right)
    return np.asarray(same.all(axis=1))


def _gaps(values: Array) -> bool:
    """Whether values may be missing: one pass; a false alarm only costs a second look."""
    return bool(np.isnan(values.sum()))


def _fractions(values: Array) -> bool:
    """Whether some values are not whole, or missing."""
    return bool((values != np.rint(values)).any())
