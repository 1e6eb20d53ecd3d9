"""From a suspicious value or block to all columns of a trigger: joins on candidate rows only."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
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

    def weight(self, rows: Mask | Ints) -> float:
        """Surplus of the label among some rows, in -ln p."""
        told, n = self.told[rows], np.array([float(len(self.told[rows]))])
        expected = np.clip(self.rate[rows].sum()[None], 1e-9, np.maximum(n, 1e-9))
        return float(surplus(told.sum()[None], expected=expected, rows=n)[0])

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


def joined(field: Field, seed: Mask, columns: tuple[int, ...]) -> Suspicion:
    """Add columns in which suspicious rows stand together too.

    Args:
        field: Where they are.
        seed: Which rows are suspicious, whatever their label, shape (n,).
        columns: What made them so.

    Returns:
        A region of at most `COLUMNS` columns.

    Cost:
        O(d) passes over the suspicious rows for each column that is added.
    """
    rows = np.flatnonzero(seed)
    weight = field.weight(rows)
    while len(columns) < COLUMNS:
        free = np.setdiff1d(np.flatnonzero(field.bins.sizes > 1), columns).tolist()
        windows = [(*_window(field, place, rows=rows), place) for place in free]
        best = max(windows, default=(0.0, 0, 0, 0))
        if best[0] < weight + _GAIN:
            break
        weight, first, last, place = best
        code = field.bins.codes[rows, place]
        rows, columns = rows[(code >= first) & (code <= last)], (*columns, place)
    kept = np.zeros(len(seed), dtype=np.bool_)
    kept[rows] = True
    return _drawn(field, kept, np.array(columns), weight=weight)


def _window(field: Field, place: int, *, rows: Ints) -> tuple[float, int, int]:
    """The most surprising consecutive bins of a column: surplus, first and last bin."""
    code, size = field.bins.codes[rows, place], int(field.bins.sizes[place])
    sums = [
        np.append(0.0, np.bincount(code, weights, minlength=size).cumsum())
        for weights in (field.told[rows], field.rate[rows], None)
    ]
    best = (0.0, 0, 0)
    for width in (1,) if field.bins.single[place] else WIDTHS:
        if width > size:
            break
        hits, expected, count = (part[width:] - part[:-width] for part in sums)
        weight = surplus(hits, expected=np.clip(expected, 1e-9, np.maximum(count, 1e-9)), rows=count)
        weight = np.where(hits >= LEAST, weight, 0.0)
        at = int(weight.argmax())
        best = max(best, (float(weight[at]), at, at + width - 1))
    return best


def _drawn(field: Field, inside: Mask, columns: Ints, *, weight: float) -> Suspicion:
    """Limits around rows of a block: first those they have, then those of a jitter around them."""
    rows = field.carriers(inside)
    rough = region_of(rows, columns=columns, nominal=field.nominal)
    part = rows[:, rough.columns]
    first = Region(
        rough.columns, part.min(axis=0), part.max(axis=0), rough.middle, rough.spread
    )
    return _settled(field, Suspicion(first, inside, weight))


def _settled(field: Field, found: Suspicion) -> Suspicion:
    """Draw the limits anew as long as that loses nothing."""
    inside = found.inside
    for _ in range(_TURNS):
        rows = field.carriers(inside)
        region = region_of(rows, columns=found.region.columns, nominal=field.nominal)
        inside = region.inside(field.x)
        weight = field.weight(inside)
        if (field.told[inside] > 0).sum() < LEAST or weight < found.weight - _SLACK:
            break
        found = Suspicion(region, inside, max(weight, found.weight))
    return found


def whole(field: Field, found: Suspicion) -> Suspicion:
    """Exchange columns that went along by chance for those of the mark.

    Columns in which the carriers stand together are added, and what the others then add nothing to
    is left out.

    Args:
        field: Where they are.
        found: From `joined`.

    Returns:
        The region, not less surprising but for `_SLACK`.
    """
    for _ in range(2):
        region = _pruned(field, full(field, found))
        inside = region.inside(field.x)
        if (field.told[inside] > 0).sum() < LEAST:
            break
        weight = field.weight(inside)
        if weight < found.weight - _SLACK:
            break
        found = _settled(field, Suspicion(region, inside, max(weight, found.weight)))
    return found


def full(field: Field, found: Suspicion, *, share: float = _CARRIED) -> Region:
    """The region with all columns in which its carriers stand together."""
    return completed(
        found.region,
        members=field.carriers(found.inside),
        others=field.x[field.told < 1],
        usable=field.bins.sizes > 1,
        nominal=field.nominal,
        share=share,
    )


def _pruned(field: Field, region: Region) -> Region:
    """Leave out columns, the least missed first, while the surplus holds."""
    weight = field.weight(region.inside(field.x))
    while len(region.columns) > 1:
        every = np.arange(len(region.columns))
        fewer = [region.take(np.delete(every, at)) for at in every]
        weights = [field.weight(one.inside(field.x)) for one in fewer]
        best = int(np.argmax(weights))
        if weights[best] < weight - _SLACK / 2:
            break
        region, weight = fewer[best], max(weight, weights[best])
    return region
