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
        self._norm = constraint.norm
        self._any = bool(whole.any())
        self._largest = float(self.grain.max(initial=0.0))
        self._shift = (place - 0.5) * self.grain

    def spread(self, offset: Array, *, change: Array) -> Array:
        """Offsets whose columns round at their own thresholds.

        A column whose single step is longer than the whole change stays: rounded up, it would
        make a change of any length as dear as that step.

        Args:
            offset: Shape (n, ..., m); overwritten.
            change: Offsets whose length counts, shape (n, m); may be `offset` itself.

        Returns:
            The same array. Columns that are left alone stay so, and so do all that take any
            value.
        """
        if not self._any:
            return offset
        length = self._norm.length(change)
        if self._largest > length.min(initial=np.inf):
            short = length.reshape(-1, *(1,) * (offset.ndim - 1)) < self.grain
            np.copyto(offset, 0.0, where=short)
        return np.add(offset, self._shift, out=offset, where=offset != 0.0)
