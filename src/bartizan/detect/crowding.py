"""Rows that lie closer to others than chance puts them: copies with small changes."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, Mask

PROJECTIONS = 16
"""Directions that rows are projected on: distances are kept up to 18 % (chi-square with 16 degrees
of freedom), and a tree of 16 dimensions is still fast. 64 bytes a row in single precision."""
RADII = (0.005, 0.01, 0.02, 0.04, 0.08)
"""Distances that count as near, in robust standard deviations a column: copies are changed by less
than a tenth of one, or they are no copies."""
_NEIGHBOURS = 16
"""Neighbours that are told apart: a row that was copied more often shows in a part of the rows."""
_THINNED = (1, 8, 64)
"""All rows, one in 8, and one in 64: there, a thousand copies of a row are 16."""
_FEWEST = 20
"""Rows of a part; among fewer, nothing can be told from chance."""
_SIGMAS = 4.0
"""Standard errors by which the excess must be there: of 400 tests (16 numbers of neighbours, 5
radii, 5 parts) one is then passed by chance in one data set of 80, if all were at the limit."""
_FAR = 800.0
"""Where infinity is put: beyond arcsinh of the largest double, 711."""


@dataclass(frozen=True)
class Crowd:
    """What was found at the radius that shows most."""

    share: float
    """Share of the rows looked at that are crowded beyond chance, 0 = none."""
    rows: Ints
    """Positions of crowded rows, ascending; empty where the share is 0."""
    partners: Ints
    """For each of them, positions of the rows within the radius, nearest first; -1 = no more."""
    looked: int
    """Rows looked at."""


def standardised(values: Array, *, centre: Array, scale: Array) -> Array:
    """Columns in robust units, with long tails drawn in: arcsinh((x - centre) / scale).

    A gap becomes 0; the caller adds what tells it from a value.
    """
    scaled: Array = np.arcsinh((values - centre) / scale)
    return np.nan_to_num(scaled, copy=False, nan=0.0, posinf=_FAR, neginf=-_FAR)


def centre_and_scale(values: Array) -> tuple[Array, Array]:
    """Median and spread of each column, shape (d,) each; the spread is never 0.

    The spread is the inter-quartile range of a normal's standard deviation; where half of the
    values are one, the standard deviation; where all are, 1.
    """
    kept = np.where(np.isfinite(values), values, np.nan)
    kept[:, np.isnan(kept).all(axis=0)] = 0.0
    low, centre, high = np.nanpercentile(kept, (25, 50, 75), axis=0)
    spread = (high - low) / 1.349
    spread = np.where(spread > 0, spread, np.nanstd(kept, axis=0))
    return centre, np.where(spread > 0, spread, 1.0)


def signs(hashes: AnyArray) -> Array:
    """A point for each hash, (n,) -> (n, PROJECTIONS).

    Equal ones fall together, others are 1.4 apart.
    So categories, which have no distances, are put among numbers.
    """
    bits = (hashes[:, None] >> np.arange(PROJECTIONS, dtype=np.uint64)) & np.uint64(1)
    return (bits.astype(np.float64) * 2 - 1) / np.sqrt(PROJECTIONS)


def crowded(points: AnyArray, *, columns: int, most: int, rng: np.random.Generator) -> Crowd:
    """Find rows with more neighbours within a radius than between it and its double.

    Where rows fall as they will, there is at least as much room in the shell from r to 2 r as
    within r, whatever the number of dimensions (from 1 on), and as many points of a lattice. So of
    the N neighbours within 2 r each is within r with a chance of one half at most, and rows that
    have more of them within are as frequent as those that have more in the shell, or rarer. What
    exceeds them did not fall by chance. That is counted for each N by itself, so that dense places
    do not hide what happens in others; places with more than 16 neighbours say nothing, and
    are looked at again among a random part of the rows, where they have fewer.

    Args:
        points: Shape (n, PROJECTIONS), different rows.
        columns: How many numeric columns were projected.
        most: Rows looked at; of more, a random sample.
        rng: Draws it.

    Returns:
        The crowded rows at the radius with the largest excess.

    Cost: three trees, and three searches for 16 neighbours of at most `most` rows.

    Source:
        Grassberger and Procaccia (1983), correlation integral: pairs within r grow as r to the
        power of the dimension. Deviation: only dimension >= 1 is used.
    """
    n = len(points)
    best = Crowd(0.0, np.empty(0, np.int64), np.empty((0, 0), np.int64), min(n, most))
    for part in _THINNED:
        if n // part < _FEWEST or not columns:
            break
        among = np.arange(n) if part == 1 else np.sort(rng.choice(n, n // part, replace=False))
        looked = among
        if len(among) > most:
            looked = np.sort(rng.choice(among, most, replace=False))
        found = _densest(points, among, looked, unit=float(np.sqrt(columns)))
        if found.share > best.share:
            best = found
    return best


def _densest(points: AnyArray, among: Ints, looked: Ints, *, unit: float) -> Crowd:
    """The crowd at the radius that shows most."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 (slow to import)

    tree = cKDTree(points[among], leafsize=32, balanced_tree=False, compact_nodes=False)
    reach = 2 * RADII[-1] * unit
    apart, near = tree.query(points[looked], k=_NEIGHBOURS + 2, distance_upper_bound=reach)
    apart, near = apart[:, 1:], near[:, 1:]  # the first is the row itself, or one on top of it
    best = Crowd(0.0, np.empty(0, np.int64), np.empty((0, 0), np.int64), len(looked))
    for radius in RADII:
        inner = (apart <= radius * unit).sum(axis=1)
        mask, share = excess(inner, (apart <= 2 * radius * unit).sum(axis=1))
        if share > best.share:
            inside = np.where(apart[mask] <= radius * unit, near[mask], len(among))
            partners = np.append(among, -1)[inside]
            best = Crowd(share, looked[mask], partners, len(looked))
    return best


def excess(inner: Ints, both: Ints) -> tuple[Mask, float]:
    """Which rows have more neighbours within than around, and the share beyond chance.

    Args:
        inner: Neighbours within the radius, shape (n,).
        both: Neighbours within its double; places with more than 16 are passed over.

    Returns:
        (crowd, share): which rows, shape (n,), and how many more there are than chance has, as a
        share of all.
    """
    crowd, beyond = np.zeros(len(inner), dtype=bool), 0
    pooled, total, variance = np.zeros(len(inner), dtype=bool), 0, 0
    for count in range(1, _NEIGHBOURS + 1):
        here = both == count
        more = here & (2 * inner > count)
        a, b = int(more.sum()), int((here & (2 * inner < count)).sum())
        alike = (count + 1) * (a + b)  # neighbours share their fate: so many rows are one case
        if a - b > _SIGMAS * np.sqrt(alike):
            crowd |= more
            beyond += a - b
        pooled, total, variance = pooled | more, total + a - b, variance + alike
    if total > beyond and total > _SIGMAS * np.sqrt(variance):
        return pooled, total / len(inner)
    return crowd, beyond / len(inner)
