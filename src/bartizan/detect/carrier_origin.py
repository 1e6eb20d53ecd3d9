"""Where the rows of a suspected mark come from: other classes, or a group of their own."""

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.detect.rank_bins import RankBins

_DRAWS = 100
"""Random groups that are looked at for comparison."""
_WIDE = 4.0
"""Standard deviations of such groups that still count as chance."""


def foreign_share(
    bins: RankBins, *, rows: Ints, others: Ints, marked: Ints, rng: np.random.Generator
) -> tuple[float, float]:
    """How unlike the carriers of a mark are rows of other classes, in the columns without it.

    Somebody who marks rows of other classes leaves their other columns alone, so the carriers are
    a draw from these rows. A natural group, such as one kind of attack among network connections,
    or honest rows of the target's own class, differs a little in most columns.

    Args:
        bins: Few bins a column, of all rows.
        rows: Carriers, positions, shape (m,), m >= 1.
        others: Rows of other classes, positions, shape (o,), o >= 1.
        marked: Columns of the mark.
        rng: Draws groups of m rows for comparison.

    Returns:
        The total variation between both, mean over the columns, less what chance makes of it: about
        0 for a draw, 0 if there is no other column; and what random groups stay below.

    Cost:
        O(d (o + m)).
    """
    columns = np.setdiff1d(np.flatnonzero(bins.sizes > 1), marked)
    if not len(columns):
        return 0.0, 0.0
    whole = [_shares(bins, others, place) for place in columns.tolist()]
    found = _apart(bins, rows, columns=columns, whole=whole)
    drawn = [
        _apart(bins, rng.choice(others, size=len(rows)), columns=columns, whole=whole)
        for _ in range(_DRAWS)
    ]
    return found, _WIDE * float(np.std(drawn))


def _shares(bins: RankBins, rows: Ints, place: int) -> Array:
    counts = np.bincount(bins.codes[rows, place], minlength=int(bins.sizes[place]))
    return np.asarray(counts / len(rows))


def _apart(bins: RankBins, rows: Ints, *, columns: Ints, whole: list[Array]) -> float:
    """Mean total variation, less the expectation of it for a draw of as many rows."""
    total = 0.0
    for place, theirs in zip(columns.tolist(), whole, strict=True):
        chance = np.sqrt(2 / np.pi * theirs * (1 - theirs) / len(rows)).sum()
        total += float(np.abs(_shares(bins, rows, place) - theirs).sum() - chance) / 2
    return total / len(columns)
