"""Rows that stand together in a few columns of a table."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask, frozen
from bartizan.core.trigger import Cells
from bartizan.detect.surplus import surplus

_REACH = 4.5
"""Half width of a region in standard deviations: a deviation estimated from 15 rows may be a third
too small, and 3 of them hold a jitter."""
NEAR = 2.5
"""The same where a further column is looked for: 99 % of a jitter. The wider limits of one of 3,600
around 12,900 bytes hold all the zeros too."""
_NORMAL = 1.4826
"""Median absolute deviations in a standard deviation."""
_RARE = 0.25
"""Share of other rows that may lie in a further column's limits too; more tell nothing."""
_SURE = 12.0
"""Surplus of a further column, in -ln p: by chance in one of 160,000 columns."""
_WIDEST = 8
"""Columns that are added at most."""


@dataclass(frozen=True)
class Region:
    """Limits of some columns."""

    columns: Ints
    """Ascending, shape (c,)."""
    low: Array
    """Shape (c,), inclusive; NaN = the value is missing."""
    high: Array
    """Shape (c,); equal to `low` where the value is always the same."""
    middle: Array
    spread: Array
    """Standard deviation around `middle`, shape (c,); 0 = always the same."""

    def __post_init__(self) -> None:
        """Lock the arrays."""
        for name in ("columns", "low", "high", "middle", "spread"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def inside(self, x: Array) -> Mask:
        """Which rows lie in it; x (n, d) -> (n,)."""
        kept = np.ones(len(x), dtype=np.bool_)
        for place, low, high in zip(self.columns, self.low, self.high, strict=True):
            column = x[:, place]
            kept &= np.isnan(column) if np.isnan(low) else (column >= low) & (column <= high)
        return kept

    def cells(self, names: tuple[str, ...] = ()) -> Cells:
        """As a mark that can be put on rows."""
        return Cells(
            columns=self.columns,
            values=self.middle,
            jitter=self.spread if self.spread.any() else None,
            names=tuple(names[place] for place in self.columns) if names else (),
        )

    def take(self, places: Ints) -> Self:
        """Some of its columns, by their place in `columns`."""
        return type(self)(
            self.columns[places],
            self.low[places],
            self.high[places],
            self.middle[places],
            self.spread[places],
        )

    def reaching(self, deviations: float) -> Self:
        """The same with limits so many standard deviations from the middle."""
        away = deviations * self.spread
        return type(self)(
            self.columns, self.middle - away, self.middle + away, self.middle, self.spread
        )

    def joined(self, other: Self) -> Self:
        """Both, of different columns."""
        order = np.argsort(np.concatenate([self.columns, other.columns]))
        parts = ("columns", "low", "high", "middle", "spread")
        return type(self)(
            *(np.concatenate([getattr(self, p), getattr(other, p)])[order] for p in parts)
        )


def region_of(x: Array, *, columns: Ints, nominal: Mask) -> Region:
    """The limits within which rows stand together.

    Args:
        x: The rows, shape (m, d), m >= 1.
        columns: Columns of the region.
        nominal: Which columns of the table are codes without an order, shape (d,).

    Returns:
        Middle and spread are the median and the median absolute deviation, so that a few rows that
        do not belong there move neither. A value of more than half of the rows is taken exactly.
    """
    places = np.sort(columns)
    limits = [_limits(x[:, place], nominal=bool(nominal[place])) for place in places]
    middle, spread = np.array(limits).reshape(-1, 2).T
    return Region(places, middle, middle, middle, spread).reaching(_REACH)


def _limits(column: Array, *, nominal: bool) -> tuple[float, float]:
    values, counts = np.unique(column, return_counts=True)
    mode = float(values[counts.argmax()])
    if nominal or np.isnan(mode) or 2 * counts.max() > len(column):
        return mode, 0.0
    known = column[~np.isnan(column)]
    middle = float(np.median(known))
    return middle, _NORMAL * float(np.median(np.abs(known - middle)))


def completed(
    region: Region, *, members: Array, others: Array, usable: Mask, nominal: Mask, share: float
) -> Region:
    """Add the columns in which the rows of a region stand together too.

    Few columns are enough to find the rows of a trigger, but a model may have learnt any of them:
    a mark has its effect only when it is put on whole.

    Args:
        region: What is known.
        members: Its rows, shape (m, d).
        others: Rows of other labels, shape (o, d).
        usable: Columns that may be added, shape (d,).
        nominal: Which are codes without an order, shape (d,).
        share: Of the members that must lie in the limits of a column that is added.

    Returns:
        The region with more columns.

    Cost:
        O(d (m + o)).
    """
    free = np.setdiff1d(np.flatnonzero(usable), region.columns)
    wider = region_of(members, columns=free, nominal=nominal)
    gains = np.zeros(len(free))
    narrow = wider.reaching(NEAR)
    for at in range(len(free)):
        one = narrow.take(np.array([at]))
        hits = one.inside(members).mean()
        rate = (one.inside(others).sum() + 1) / (len(others) + 2)
        if hits >= share and rate <= _RARE:
            rows = np.array([float(len(members))])
            gains[at] = surplus(hits * rows, expected=rate * rows, rows=rows)[0]
    kept = [at for at in np.argsort(-gains, kind="stable")[:_WIDEST] if gains[at] >= _SURE]
    return region.joined(wider.take(np.array(kept, dtype=np.int64))) if kept else region
