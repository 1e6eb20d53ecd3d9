"""What the numbers that one attacker moves can be: bounds, directions, whole numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask, clamp, gaps, index, single

_SLACK = 1e-9
"""Relative slack of a bound: rounding of sums and of unit conversion, nothing more."""


@dataclass(frozen=True)
class Limits:
    """The movable numeric columns, m of them, and what they can hold.

    Limits are a row's own: a value that lies outside the bounds from the start may stay there,
    and one that can only grow starts from where it is. Missing values stay missing.
    """

    lower: Array
    """Smallest values, shape (m,); -inf = unbounded."""
    upper: Array
    """Largest values, shape (m,); inf = unbounded."""
    scale: Array
    """Length of one unit of distance, shape (m,), > 0."""
    up: Ints
    """Columns that can only grow, as positions among the m; so are the next two."""
    down: Ints
    whole: Ints
    """Columns that hold whole numbers only."""

    def of(self, start: Array) -> tuple[Array, Array]:
        """Smallest and largest values of each row; (..., m) -> two of (..., m)."""
        low, high = np.minimum(self.lower, start), np.maximum(self.upper, start)
        low[..., self.up] = start[..., self.up]
        high[..., self.down] = start[..., self.down]
        return low, high

    def room(self, start: Array, *, unit: Array) -> tuple[Array, Array]:
        """How far each value can go down and up.

        Args:
            start: Values of the original rows, shape (n, m).
            unit: What counts as 1, shape (m,).

        Returns:
            (low, high), each (n, m), low <= 0 <= high. Both are zero where the value is missing;
            one is where the value lies outside the bounds in that direction already.
        """
        low, high = self.lower - start, self.upper - start
        np.minimum(np.divide(low, unit, out=low), 0.0, out=low)
        np.maximum(np.divide(high, unit, out=high), 0.0, out=high)
        if gaps(start):
            low[np.isnan(start)], high[np.isnan(start)] = 0.0, 0.0
        low[:, self.up] = 0.0
        high[:, self.down] = 0.0
        return low, high

    def settle(self, values: Array, start: Array) -> None:
        """Put values where types and limits admit them, in place; what did not change stays.

        Args:
            values: Wanted values, shape (n, m), or (n, k, m) for many candidates a row.
            start: Values of the original rows, shape (n, m), or (n, 1, m).
        """
        if self.whole.size:
            self._round(values, start)
        low, high = self._shared if self._common(start) else self.of(start)
        clamp(values, low, high)

    def fit(self, values: Array, start: Array) -> Mask:
        """Whether rows lie within limits, and whole numbers are whole where they changed.

        Args:
            values: Shape (n, m).
            start: Values of the original rows, shape (n, m).

        Returns:
            Shape (n,).
        """
        low, high = self.of(start)
        okay: Mask = np.asarray(((values >= low) & (values <= high)).all(axis=1))
        odd = np.flatnonzero(~okay)  # few: on the bound but for rounding, missing, or outside
        now = values[odd]
        slack = _SLACK * np.maximum(self.scale, np.abs(now))
        inside = (now >= low[odd] - slack) & (now <= high[odd] + slack)
        okay[odd] = (inside | np.isnan(now)).all(axis=1)
        return okay & self._typed(values, start) if self.whole.size else okay

    @cached_property
    def _wholes(self) -> slice | Ints:
        return index(self.whole, len(self.lower))

    @cached_property
    def _shared(self) -> tuple[Array, Array]:
        """The bounds, as one number each where all columns have the same."""
        return single(self.lower), single(self.upper)

    def _common(self, start: Array) -> bool:
        """Whether the limits of these rows are the bounds, and no row has limits of its own."""
        if self.up.size or self.down.size:
            return False
        low, high = self._shared
        alike = low.size == high.size == 1
        places = None if alike else tuple(range(start.ndim - 1))
        least = start.min(axis=places, initial=np.inf)
        most = start.max(axis=places, initial=-np.inf)
        return bool((least >= low).all() and (most <= high).all())  # never, if one is missing

    def _round(self, values: Array, start: Array) -> None:
        """The nearest whole numbers, in place."""
        wanted, before = values[..., self._wholes], start[..., self._wholes]
        if _fractions(before):
            rounded = np.rint(wanted)
            np.copyto(rounded, wanted, where=wanted == before)
        else:  # what did not change is whole, and rounding leaves it so
            rounded = np.rint(wanted, out=wanted)
        rounded += 0.0  # no -0, which would be shown
        values[..., self._wholes] = rounded

    def _typed(self, values: Array, start: Array) -> Mask:
        """Whether whole numbers are whole where they changed, shape (n,)."""
        now = values[:, self._wholes]
        fine = now == np.rint(now)
        okay: Mask = np.asarray(fine.all(axis=1))
        odd = np.flatnonzero(~okay)  # few: a fraction or a gap that was there before
        if odd.size:
            left, before = now[odd], start[odd][:, self._wholes]
            okay[odd] = (fine[odd] | (left == before) | np.isnan(left)).all(axis=1)
        return okay


def _fractions(values: Array) -> bool:
    """Whether some values are not whole, or missing."""
    return bool((values != np.rint(values)).any())
