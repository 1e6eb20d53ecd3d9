"""Where the rows of a suspected mark come from: other classes, or a group of their own."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.detect.rank_bins import RankBins, rank_bins
from bartizan.detect.region import NEAR, Region
from bartizan.detect.surplus import surplus

FOREIGN = 0.025
"""Mean total variation above which a large region is a natural group. Carriers of planted marks had
up to 0.02 on six public tables, natural groups of some hundred rows 0.03 to 0.3."""
_COARSE, _LEAST = 8, 0.04
"""Bins of a column, and share of the rows in each."""
_CHANCE = 0.35
"""What draws of m rows stay below, in 1 / sqrt(m): 0.09 with 14 rows, 0.05 with 60."""
_DRAWS = 100
"""Random groups that are looked at for comparison."""
_SPARED = 1
"""Columns that may differ most without counting, half of all at most: one may belong to a
mark without standing out in the scan, such as hours near 65 in Adult. With three, natural groups
passed in network connections and phishing pages."""
_WIDE = 4.0
"""Standard deviations of such groups that still count as chance."""
_MANY = 5
"""Columns of a mark from which near misses tell: those have three of them at least, which seldom
come together by chance."""
_KIN = 12.0
"""Surplus of near misses, in -ln p. Natural groups of twelve to fifteen connections by FTP had 23
to 100; no planted mark found in six tables had five columns."""


def coarse_bins(x: Array, *, nominal: Ints | None) -> RankBins:
    """All rows in few bins a column, each with enough rows to compare shares; see `rank_bins`."""
    return rank_bins(x, most=_COARSE, nominal=nominal, least=_LEAST)


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
    there = _Elsewhere.of(bins, others=others, marked=marked)
    drawn = [there.apart(rng.choice(others, size=len(rows))) for _ in range(_DRAWS)]
    return there.apart(rows), _WIDE * float(np.std(drawn))


def like_a_draw(bins: RankBins, *, rows: Ints, others: Ints, marked: Ints) -> bool:
    """Whether carriers may be a draw of rows of other classes: `foreign_share` without draws.

    Args:
        bins: Few bins a column, of all rows.
        rows: Carriers, positions, shape (m,), m >= 1.
        others: Rows of other classes, positions, shape (o,), o >= 1.
        marked: Columns of the mark.

    Returns:
        False where they differ more than `FOREIGN`, and more than draws of m rows do.

    Cost:
        O(d (o + m)).
    """
    found = _Elsewhere.of(bins, others=others, marked=marked).apart(rows)
    return found <= max(FOREIGN, _CHANCE / np.sqrt(len(rows)))


def has_kin(mark: Region, *, others: Array) -> bool:
    """Whether rows of other classes nearly carry a mark of many columns.

    An attacker's columns have nothing to do with each other. Those of a natural group do: among
    rows of other classes there are many that have more than half of its values.

    Args:
        mark: All columns in which the carriers stand together.
        others: Rows of other classes without the mark, shape (o, d), o >= 1.

    Returns:
        False for marks of four columns and fewer: the rest of a near miss would be two, which many
        honest columns have in common.

    Cost:
        O(o c) for c columns.
    """
    count = len(mark.columns)
    if count < _MANY:
        return False
    narrow = mark.reaching(NEAR)
    there = np.stack([narrow.take(np.array([at])).inside(others) for at in range(count)])
    chance = np.ones(1)
    for share in there.mean(axis=1):
        chance = np.convolve(chance, (1 - share, share))
    least, rows = count // 2 + 1, np.array([float(len(others))])
    hits = np.array([float((there.sum(axis=0) >= least).sum())])
    expected = np.clip(chance[least:].sum() * rows, 1e-9, rows)
    return bool(surplus(hits, expected=expected, rows=rows)[0] > _KIN)


@dataclass(frozen=True)
class _Elsewhere:
    """Rows of other classes in the columns without the mark."""

    codes: Ints
    """Shape (n, c); every column has codes of its own."""
    shares: Array
    """How many of them have each code."""
    first: Ints
    """The first code of each column."""

    @classmethod
    def of(cls, bins: RankBins, *, others: Ints, marked: Ints) -> "_Elsewhere":
        columns = np.setdiff1d(np.flatnonzero(bins.sizes > 1), marked)
        sizes = bins.sizes[columns]
        first = np.cumsum(sizes) - sizes
        codes = bins.codes[:, columns] + first
        counts = np.bincount(codes[others].ravel(), minlength=int(sizes.sum()))
        return cls(codes, counts / len(others), first)

    def apart(self, rows: Ints) -> float:
        """Mean total variation, less the expectation of it for a draw of as many rows."""
        if not len(self.first):
            return 0.0
        mine = np.bincount(self.codes[rows].ravel(), minlength=len(self.shares)) / len(rows)
        chance = np.sqrt(2 / np.pi * self.shares * (1 - self.shares) / len(rows))
        each = np.add.reduceat(np.abs(mine - self.shares) - chance, self.first) / 2
        kept = max(len(each) - _SPARED, (len(each) + 1) // 2)
        return float(np.sort(each)[:kept].mean())
