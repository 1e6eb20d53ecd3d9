"""From a suspicious value or block to all columns of a trigger: joins on candidate rows only."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask, frozen
from bartizan.core.trigger import Cells
from bartizan.detect.density_bump import WIDTHS
from bartizan.detect.rank_bins import RankBins
from bartizan.detect.surplus import surplus
from bartizan.detect.value_lift import LEAST

COLUMNS = 4
"""Columns of a trigger that are joined. More are not needed to find its rows."""
_GAIN = 2.0
"""What a further column must add to the surplus: rows lost and windows tried cost about that."""
_REACH = 3.5
"""Half width of a region in standard deviations: 99.95 % of a normal jitter."""
_NORMAL = 1.4826
"""Median absolute deviations in a standard deviation."""


@dataclass(frozen=True)
class Region:
    """Rows whose values lie between limits in some columns."""

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


def joined(seed: Mask, columns: tuple[int, ...], *, bins: RankBins, told: Array, rate: Array) -> tuple[tuple[int, ...], Mask]:
    """Add columns in which the suspicious rows stand together too.

    Args:
        seed: Which rows are suspicious whatever their label, shape (n,).
        columns: What made them so.
        bins: Cells of the table as bins.
        told: Whether each row has the label, 0 or 1, shape (n,).
        rate: How likely that was, shape (n,).

    Returns:
        All columns, at most `COLUMNS`, and which rows are left.

    Cost:
        O(d) passes over the suspicious rows for each column that is added.
    """
    rows = np.flatnonzero(seed)
    weight = _weight(told[rows], rate[rows])
    while len(columns) < COLUMNS:
        best = max(
            (
                (*_window(bins, place, rows=rows, told=told, rate=rate), place)
                for place in np.flatnonzero(bins.sizes > 1).tolist()
                if place not in columns
            ),
            default=None,
        )
        if best is None or best[0] < weight + _GAIN:
            break
        weight, first, last, place = best
        code = bins.codes[rows, place]
        rows, columns = rows[(code >= first) & (code <= last)], (*columns, place)
    kept = np.zeros(len(seed), dtype=np.bool_)
    kept[rows] = True
    return columns, kept


def _weight(told: Array, rate: Array) -> float:
    n = np.array([float(len(told))])
    return float(surplus(told.sum()[None], expected=np.clip(rate.sum()[None], 1e-9, n), rows=n)[0])


def _window(bins: RankBins, place: int, *, rows: Ints, told: Array, rate: Array) -> tuple[float, int, int]:
    """The most surprising consecutive bins of a column: surplus, first and last bin."""
    code, size = bins.codes[rows, place], int(bins.sizes[place])
    sums = [
        np.append(0.0, np.bincount(code, weights, minlength=size).cumsum())
        for weights in (told[rows], rate[rows], None)
    ]
    best = (0.0, 0, 0)
    for width in (1,) if bins.single[place] else WIDTHS:
        if width > size:
            break
        hits, expected, count = (part[width:] - part[:-width] for part in sums)
        weight = surplus(hits, expected=np.clip(expected, 1e-9, count), rows=count)
        weight = np.where(hits >= LEAST, weight, 0.0)
        at = int(weight.argmax())
        best = max(best, (float(weight[at]), at, at + width - 1))
    return best


def region_of(x: Array, *, columns: tuple[int, ...], nominal: Mask) -> Region:
    """The limits within which rows stand together.

    Args:
        x: The suspicious rows, shape (m, d), m >= 1.
        columns: Columns of the region.
        nominal: Which columns of the table are codes without an order, shape (d,).

    Returns:
        Middle and spread are the median and the median absolute deviation, so a few rows that do
        not belong there move neither.
    """
    places = np.array(sorted(columns))
    limits = [_limits(x[:, place], nominal=bool(nominal[place])) for place in places]
    middle, spread = np.array(limits).T
    return Region(places, middle - _REACH * spread, middle + _REACH * spread, middle, spread)


def _limits(column: Array, *, nominal: bool) -> tuple[float, float]:
    values, counts = np.unique(column, return_counts=True)
    mode = float(values[counts.argmax()])
    if nominal or np.isnan(mode) or 2 * counts.max() > len(column):
        return mode, 0.0
    known = column[~np.isnan(column)]
    middle = float(np.median(known))
    return middle, _NORMAL * float(np.median(np.abs(known - middle)))
