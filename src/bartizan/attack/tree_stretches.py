"""Pieces of a mixed-integer program: axes cut into stretches, and linear constraints."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bartizan.core.arrays import Array, Ints

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint


@dataclass(frozen=True)
class Part:
    """What is left of one axis: stretches of slots that no remaining leaf tells apart."""

    axis: int
    slots: Ints
    """The cheapest slot of each stretch, shape (stretches,)."""
    cost: Array
    changed: Array
    stretch: Ints
    """Stretch of each usable slot, in order."""
    usable: Ints
    column: int
    """First variable: one for each inner edge of an ordered axis, else one for each stretch."""
    ordered: bool

    @property
    def width(self) -> int:
        """Number of variables."""
        return len(self.slots) - 1 if self.ordered else len(self.slots)

    def columns(self) -> Ints:
        """Its variables."""
        return self.column + np.arange(self.width)

    def linear(self, values: Array) -> tuple[Array, float]:
        """A value of each stretch as a linear function: coefficients and a constant.

        The variable of an edge is 1 below it, so that values telescope.
        """
        if self.ordered:
            return values[:-1] - values[1:], float(values[-1])
        return values, 0.0


class System:
    """Linear constraints, one after the other."""

    def __init__(self) -> None:
        self._row: list[Ints] = []
        self._column: list[Ints] = []
        self._value: list[Array] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, columns: Ints, values: Array, *, low: float, high: float) -> None:
        """``low <= values @ x[columns] <= high``."""
        self._row.append(np.full(len(columns), len(self._low)))
        self._column.append(columns)
        self._value.append(values)
        self._low.append(low)
        self._high.append(high)

    def constraint(self, width: int) -> "LinearConstraint":
        """All of them."""
        from scipy.optimize import LinearConstraint  # noqa: PLC0415 (slow to import)
        from scipy.sparse import csr_array  # noqa: PLC0415 (slow to import)

        matrix = csr_array(
            (
                np.concatenate(self._value),
                (np.concatenate(self._row), np.concatenate(self._column)),
            ),
            shape=(len(self._low), width),
        )
        return LinearConstraint(matrix, self._low, self._high)
