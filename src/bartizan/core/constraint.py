"""What one attacker may do in one space: bounds, repair, validity and price of a change."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask, gaps, index, same, single
from bartizan.core.attacker import Attacker
from bartizan.core.fit import require_costs, require_known
from bartizan.core.limits import Limits
from bartizan.core.norm import NORMS, Norm
from bartizan.core.space import Space, Switch

_REPAIRS = 3
"""Passes over the relations: a chain of three dependent columns settles in three."""
_SLACK = 1e-9
"""Relative slack of a price: rounding of sums and of unit conversion, nothing more."""


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
        return index(self.numeric, len(self.space.lower))

    @cached_property
    def _limits(self) -> Limits:
        space = self.space
        return Limits(
            lower=space.lower[self.numeric],
            upper=space.upper[self.numeric],
            scale=space.scale[self.numeric],
            up=self._going("up"),
            down=self._going("down"),
            whole=np.flatnonzero(np.isin(self.numeric, space.whole)),
        )

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
    def _stretch(self) -> Array:
        return single(self.unit)

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
        return self._limits.room(x0[:, self.moving], unit=self.unit)

    def offsets(self, x0: Array, x: Array) -> Array:
        """Numeric change in units of the budget, shape (n, m); 0 where missing."""
        change = x[:, self.moving] - x0[:, self.moving]
        change /= self._stretch
        return np.where(np.isnan(change), 0.0, change) if gaps(change) else change

    def moved(self, x0: Array, offset: Array) -> Array:
        """Rows moved by offsets (n, m), then repaired; categories stay as in x0."""
        values = offset * self._stretch
        values += x0[:, self.moving]
        return self.repair(x0, self._filled(values, x0))

    def around(self, x0: Array, offset: Array) -> Array:
        """Many candidates for each row.

        Args:
            x0: Original rows, shape (n, d).
            offset: Offsets within `bounds`, shape (n, k, m); overwritten.

        Returns:
            Rows, shape (n, k, d), repaired.
        """
        start = x0[:, None, self.moving]
        offset *= self._stretch
        offset += start
        if self._limits.whole.size:
            self._limits.settle(offset, start)
        x = self._filled(offset, x0[:, None])
        if not self.space.relations:
            return x
        flat = self.repair(np.repeat(x0, offset.shape[1], axis=0), x.reshape(-1, x.shape[2]))
        return flat.reshape(x.shape)

    def _filled(self, values: Array, x0: Array) -> Array:
        """Rows with these values in the movable numeric columns; (n, ..., m) -> (n, ..., d).

        They are the values themselves where all columns move.
        """
        if isinstance(self.moving, slice):
            return values
        x = np.empty((*values.shape[:-1], x0.shape[-1]))
        x[...] = x0
        x[..., self.moving] = values
        return x

    @cached_property
    def exact(self) -> bool:
        """Whether every offset within `bounds` is valid as it is: nothing to round or relate."""
        return not self.space.relations and not self._limits.whole.size

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
        x = x.copy() if x is x0 else x
        values = x[:, self.moving]  # a view of all columns, or a copy of some
        self._limits.settle(values, x0[:, self.moving])
        x[:, self.moving] = values
        return x

    def limits(self, x0: Array) -> tuple[Array, Array]:
        """Smallest and largest values of the movable numeric columns, each (n, m)."""
        return self._limits.of(x0[:, self.moving])

    def valid(self, x0: Array, x: Array) -> Mask:
        """Whether this attacker could really send each row; the budget is not looked at.

        Args:
            x0: Original rows, shape (n, d).
            x: Candidate rows, shape (n, d).

        Returns:
            Shape (n,): within bounds and directions, types kept, everything else untouched,
            and every relation kept that the original row kept.
        """
        okay = self._limits.fit(x[:, self.moving], x0[:, self.moving])
        fixed = ~self._free
        for switch in self.switches:
            fixed[switch.columns] = False
            okay &= (switch.chosen(x) >= 0) | _kept(x0, x, switch.columns)
        okay &= _kept(x0, x, np.flatnonzero(fixed))
        if gaps(x) or gaps(x0):
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
        differs = [~_kept(x0, x, switch.columns) for switch in self.switches]
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


def _kept(x0: Array, x: Array, columns: Ints) -> Mask:
    """Whether some columns are unchanged, missing values included; -> (n,)."""
    return np.asarray(same(x0[:, columns], x[:, columns]).all(axis=1))
