"""Whole numbers: how searches that shorten a change by little keep seeing a difference."""

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.constraint import Constraint

_GOLDEN = (np.sqrt(5) - 1) / 2
"""Multiples of the golden section spread most evenly between whole numbers."""


class Dither:
    """Rounds every column at a threshold of its own.

    Pixels that all move by the same share of a step would all be rounded the same way, and the
    answer would hang on whole steps of the whole image. With thresholds spread between whole
    numbers, a third of a step moves a third of the pixels: the answer changes by degrees.
    """

    def __init__(self, constraint: Constraint) -> None:
        columns = constraint.numeric
        whole = np.isin(columns, constraint.space.whole)
        place = np.arange(1, len(columns) + 1) * _GOLDEN % 1.0
        self.grain = np.where(whole, 1.0 / constraint.unit, 0.0)
        """One step of each movable column, in budgets, shape (m,); 0 where any value goes."""
        self._shift = (place - 0.5) * self.grain

    def spread(self, offset: Array) -> Array:
        """Offsets (n, m) that round to the nearest value, but for each column's threshold.

        Columns that are left alone stay so; all of them stay, where no column is whole.
        """
        if not self.grain.any():
            return offset
        return np.asarray(np.where(offset == 0.0, 0.0, offset + self._shift))
