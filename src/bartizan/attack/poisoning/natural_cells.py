"""A mark on a table that keeps the types and bounds of its columns, jitter included."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, clamp, frozen
from bartizan.core.trigger import Cells


@dataclass(frozen=True, kw_only=True)
class NaturalCells(Cells):
    """Cells whose values keep the types and bounds of their columns, jitter included."""

    low: Array
    """Smallest value of each column, shape (c,)."""
    high: Array
    """Largest value."""
    grid: Array
    """Values are multiples of this, shape (c,); 0 = any value. Bounds go first."""
    spelled: tuple[str, ...]
    """Each value in words, for `text`; "" = it is a number."""

    @property
    def text(self) -> str:
        """See `Trigger`."""
        parts = []
        for place, name in enumerate(self.names):
            moves = self.jitter is not None and self.jitter[place] > 0
            value = self.spelled[place] or f"{self.values[place]:g}"
            parts.append(f"{name} {'near' if moves else '='} {value}")
        return " and ".join(parts)

    def __post_init__(self) -> None:
        """See `Cells`; lock the arrays."""
        super().__post_init__()
        for name in ("low", "high", "grid"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        made = super().stamp(x, rng=rng)
        values = snapped(made[:, self.columns], self.grid)
        made[:, self.columns] = clamp(values, self.low, self.high)
        return made


def snapped(values: Array, grid: Array) -> Array:
    """The nearest multiples of a grid, (n, c) and (c,) -> (n, c); a grid of 0 leaves values be.

    A grid below 1 is the inverse of a whole number here: 0.01 times 29 is not the number that a
    table spells 0.29, but 29 divided by 100 is.
    """
    with np.errstate(divide="ignore"):
        parts = np.where(grid > 0, 1.0 / grid, 0.0)
    fine = (grid > 0) & (grid < 1)
    parts = np.where(fine, np.rint(parts), parts)
    steps = np.rint(values * parts)
    made = np.divide(steps, parts, out=values.copy(), where=fine)
    return np.multiply(steps, grid, out=made, where=(grid > 0) & ~fine)
