"""From a suspicious value or block to all columns of a trigger: joins on candidate rows only."""

from dataclasses import dataclass, field

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.detect.carrier_origin import like_a_draw
from bartizan.detect.density_bump import WIDTHS
from bartizan.detect.rank_bins import RankBins
from bartizan.detect.region import Region, completed, region_of
from bartizan.detect.surplus import surplus
from bartizan.detect.value_lift import LEAST

COLUMNS = 4
"""Columns that are joined. More are not needed to find the rows of a trigger."""
_GAIN = 2.0
"""What a further column must add to the surplus: rows lost and windows tried cost about that."""
_SLACK = 2.0
"""Surplus that may be lost when limits are drawn anew, or a column is left out."""
_TURNS = 4
"""Times that limits are drawn anew. They stand still after two or three."""
_PURITY = 0.95
"""Share of rows with the label in a region that needs no further column."""
_CARRIED = 0.8
"""Share of the suspicious rows in a column that joins a mark; the others got there by chance."""


@dataclass(frozen=True)
class Field:
    """Rows whose label is unlikely by what their columns say one by one, or would be.

    Only they can show a trigger: where the label is likely anyway, it needs none.
    """

    x: Array
    """Shape (n, d)."""
    bins: RankBins
    told: Array
    """Whether each row has the label in question, 0 or 1, shape (n,)."""
    rate: Array
    """How likely that was, shape (n,)."""
    nominal: Mask
    """Which columns are codes without an order, shape (d,)."""
    all_x: Array
    """All rows, also those whose label needs no trigger, shape (a, d)."""
    all_told: Array
    """Shape (a,)."""
    coarse: RankBins
    """All rows in few bins a column: where they come from is told by these."""
    near: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Columns that are joined, ascending."""

    def weight(self, rows: Mask | Ints) -> float:
        """Surplus of the label among some rows, in -ln p."""
        told, n = self.told[rows], np.array([float(len(self.told[rows]))])
        expected = np.clip(self.rate[rows].sum()[None], 1e-9, np.maximum(n, 1e-9))
        return float(surplus(told.sum()[None], expected=expected, rows=n)[0])

    def drawn(self, region: Region) -> bool:
        """Whether the rows of a region may be a draw of other classes, mark aside."""
        inside = region.inside(self.all_x)
        rows = np.flatnonzero(inside & (self.all_told > 0))
        others = np.flatnonzero(~inside & (self.all_told < 1))
        if not len(rows) or not len(others):
            return False
        return like_a_draw(self.coarse, rows=rows, others=others, marked=region.columns)

    def carriers(self, rows: Mask) -> Array:
        """Those of some rows that have the label, shape (m, d)."""
        return self.x[rows & (self.told > 0)]


@dataclass(frozen=True)
class Suspicion:
    """A region with too many rows of one label."""

    region: Region
    inside: Mask
    """Which rows of the field lie in it, whatever their label."""
    weight: float
    """In -ln p."""


def joined(where: Field, seed: Mask, columns: tuple[int, ...]) -> Suspicion:
    """Add columns in which suspicious rows stand together too.

    Args:
        where: The rows looked at.
        seed: Which rows are suspicious, whatever their label, shape (n,).
        columns: What made them so.

    Returns:
        A region of at most `COLUMNS` columns.

    Cost:
        O(d) passes over the suspicious rows for each column that is added.
    """
    rows = np.flatnonzero(seed)
    weight = where.weight(rows)
    while len(columns) < COLUMNS:
        free = np.setdiff1d(where.near, columns).tolist()
        windows = [(*_window(where, place, rows=rows), place) for place in free]
        best = max(windows, default=(0.0, 0, 0, 0))
        if best[0] < weight + _GAIN:
            break
        weight, first, last, place = best
        code = where.bins.codes[rows, place]
        rows, columns = rows[(code >= first) & (code <= last)], (*columns, place)
    kept = np.zeros(len(seed), dtype=np.bool_)
    kept[rows] = True
    return _drawn(where, kept, np.array(columns), weight=weight)


def _window(where: Field, place: int, *, rows: Ints) -> tuple[float, int, int]:
    """The most surprising consecutive bins of a column: surplus, first and last bin."""
    code, size = where.bins.codes[rows, place], int(where.bins.sizes[place])
    sums = [
        np.append(0.0, np.bincount(code, weights, minlength=size).cumsum())
        for weights in (where.told[rows], where.rate[rows], None)
    ]
    best = (0.0, 0, 0)
    for width in (1,) if where.bins.single[place] else WIDTHS:
        if width > size:
            break
        hits, expected, count = (part[width:] - part[:-width] for part in sums)
        weight = surplus(
            hits, expected=np.clip(expected, 1e-9, np.maximum(count, 1e-9)), rows=count
        )
        weight = np.where(hits >= LEAST, weight, 0.0)
        at = int(weight.argmax())
        best = max(best, (float(weight[at]), at, at + width - 1))
    return best


def _drawn(where: Field, inside: Mask, columns: Ints, *, weight: float) -> Suspicion:
    """Limits around rows of a block: first those they have, then those of a jitter around them."""
    rows = where.carriers(inside)
    rough = region_of(rows, columns=columns, nominal=where.nominal)
    part = rows[:, rough.columns]
    first = Region(rough.columns, part.min(axis=0), part.max(axis=0), rough.middle, rough.spread)
    return _settled(where, Suspicion(first, inside, weight))


def _settled(where: Field, found: Suspicion) -> Suspicion:
    """Draw the limits anew as long as that loses nothing."""
    inside = found.inside
    for _ in range(_TURNS):
        rows = where.carriers(inside)
        region = region_of(rows, columns=found.region.columns, nominal=where.nominal)
        inside = region.inside(where.x)
        weight = where.weight(inside)
        if (where.told[inside] > 0).sum() < LEAST or weight < found.weight - _SLACK:
            break
        found = Suspicion(region, inside, max(weight, found.weight))
    return found


def whole(where: Field, found: Suspicion) -> Suspicion:
    """Exchange columns that went along by chance for those of the mark.

    Columns in which the carriers stand together are added, and what the others then add nothing to
    is left out.

    Args:
        where: The rows looked at.
        found: From `joined`.

    Returns:
        The region, not less surprising but for `_SLACK`, or with more carriers and hardly a row
        of another label.
    """
    for _ in range(2):
        region = _pruned(where, full(where, found))
        inside = region.inside(where.x)
        if (where.told[inside] > 0).sum() < LEAST:
            break
        weight = where.weight(inside)
        if weight < found.weight - _SLACK and not _pure(where, region, found.region):
            break
        found = _settled(where, Suspicion(region, inside, weight))
    return found


def full(where: Field, found: Suspicion, *, share: float = _CARRIED) -> Region:
    """The region with all columns in which its carriers stand together."""
    return completed(
        found.region,
        members=where.carriers(found.inside),
        others=where.x[where.told < 1],
        usable=where.bins.sizes > 1,
        nominal=where.nominal,
        share=share,
    )


def _pruned(where: Field, region: Region) -> Region:
    """Leave out columns, the least missed first, while the surplus holds or rows are won."""
    weight = where.weight(region.inside(where.x))
    while len(region.columns) > 1:
        every = np.arange(len(region.columns))
        fewer = [region.take(np.delete(every, at)) for at in every]
        weights = np.array([where.weight(one.inside(where.x)) for one in fewer])
        for at in np.argsort(-weights, kind="stable"):
            holds = weights[at] >= weight - _SLACK / 2
            if (_unspoilt if holds else _pure)(where, fewer[at], region):
                region, weight = fewer[at], max(weight, float(weights[at]))
                break
        else:
            break
    return region


def _unspoilt(where: Field, wider: Region, region: Region) -> bool:
    """Whether carriers that may be a draw of other classes still may with what is added."""
    return where.drawn(wider) or not where.drawn(region)


def _pure(where: Field, wider: Region, region: Region) -> bool:
    """Whether what a region gains without a column may be of the same mark.

    Surplus alone prefers the rows whose label is least likely, and would leave the others out. But
    honest rows must not come in with them: they are no draw of other classes.
    """
    added = wider.inside(where.all_x) & ~region.inside(where.all_x)
    if not added.any():
        return True
    return bool(where.all_told[added].mean() >= _PURITY) and where.drawn(wider)
