"""What the neighbours of a row say of its label."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import ShapeError

_NEIGHBOURS = 50
"""Neighbours at most. 50 served five tables of 5,000 to 20,000 rows as well as 20 or 10, or better:
wrong labels of Adult were ranked with an area of 0.92 instead of 0.91 and 0.90."""
_PART = 20
"""Rows for each neighbour that is asked, so that few rows are not all one neighbourhood."""
_FEWEST = 5
_EXACT = 25_000
"""Different rows up to which all pairs are looked at: 20,000 took 1.4 s, and it grows with the
square. Of more, neighbours are looked for in a random sample of this size. Of 100,000 rows with 5 %
of their labels flipped, votes of 25,000 ranked them with an area of 0.9941 and 0.9947 (seeds 100
and 101), those of 50,000 with 0.9943 and 0.9944, in 7.9 s of CPU time instead of 13.9."""
_ASKED = 20_000
"""Points whose neighbours are looked for at a time: 50 each weigh 30 MB. At once, those of 200,000
took 500 MB."""
_TYPICAL = 1000
"""Points, spread over all, off which the usual distance is read; it need not be exact."""
_AXES = 128
"""Columns above which rows are first turned to their principal axes; pixels of an image are told by
fewer, and distances cost as much as there are columns."""
_NEAR = 1e-3
"""Part of the usual distance below which nearness counts no more: one row is no oracle."""


@dataclass(frozen=True, kw_only=True)
class Votes:
    """How neighbours are labelled."""

    shares: Array
    """Shape (n, k): the nearer, the weightier; rows sum to 1."""
    asked: int
    """Neighbours of each row."""
    among: float
    """Share of the different rows among which neighbours were looked for; 1 = all of them."""


def votes(x: Array, y: Ints, *, classes: int, rng: np.random.Generator) -> Votes:
    """Ask each row's nearest neighbours for their labels.

    Equal rows are one voter, whose vote is divided as their labels are, and nobody votes for
    a row that equals their own: else copies of a poisoned row would vouch for each other.

    Args:
        x: Shape (n, p), finite, all columns on one scale.
        y: Labels, shape (n,), 0 to classes - 1.
        classes: Number of classes, k.
        rng: Draws the sample in which neighbours are looked for, where there are too many rows,
            and the start of the search for principal axes.

    Returns:
        The votes. Where a row has no neighbour, all rows being equal, how all are labelled. Each
        share is drawn a little, by one vote, towards how all are labelled, so that none is 0.

    Raises:
        ShapeError: there is no row, or not one label for each.

    Cost:
        O(m^2 p) for m different rows up to 25,000, in blocks of bounded memory, and O(n p) times
        25,000 above; 1.4 s for 20,000 rows of 24 columns. Votes take n x k numbers.

    Source:
        Wilson (1972), IEEE Trans. SMC 2 (rows that disagree with their neighbours); Dudani (1976),
        same journal 6 (weights by distance; here its inverse). Deviation: equal rows are one.
    """
    if not len(x) or len(x) != len(y):
        message = f"one label for each of at least one row is needed, got {len(x)} and {len(y)}"
        raise ShapeError(message)
    points, place = _points(x, rng=rng)
    held = np.zeros((len(points), classes))
    np.add.at(held, (place, y), 1.0)
    held /= held.sum(axis=1, keepdims=True)
    overall = np.bincount(y, minlength=classes) / len(y)
    count = min(max(len(points) // _PART, _FEWEST), _NEIGHBOURS, len(points) - 1)
    if count < 1:
        return Votes(shares=np.tile(overall, (len(x), 1)), asked=0, among=1.0)
    sample = np.arange(len(points))
    if len(points) > _EXACT:
        sample = np.sort(rng.permutation(len(points))[:_EXACT])
    shares = np.empty((len(points), classes))
    for rows, weights, near in _nearest(points, sample, count=count):
        for one in range(classes):
            shares[rows, one] = (weights * held[near, one]).sum(axis=1)
    shares = (count * shares + overall) / (count + 1)
    return Votes(shares=shares[place], asked=count, among=len(sample) / len(points))


def _points(x: Array, *, rng: np.random.Generator) -> tuple[Array, Ints]:
    """Different rows, and which of them each row is."""
    values = np.ascontiguousarray(x + 0.0)  # -0.0 becomes 0.0, so that equal rows are equal bytes
    keys = values.view(np.dtype((np.void, values.dtype.itemsize * values.shape[1]))).ravel()
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    points = values[first]
    if points.shape[1] > _AXES and len(points) > _AXES:
        points = _turned(points, rng=rng)
    return points.astype(np.float32), place.reshape(-1).astype(np.int64)


def _turned(points: Array, *, rng: np.random.Generator) -> Array:
    from sklearn.decomposition import PCA  # noqa: PLC0415 (slow to import)

    seed = int(rng.integers(2**31))
    made = PCA(_AXES // 2, svd_solver="randomized", random_state=seed).fit_transform(points)
    return np.asarray(made)


def _nearest(points: Array, sample: Ints, *, count: int) -> Iterator[tuple[slice, Array, Ints]]:
    """Block by block: which points, weights that sum to 1, positions of the nearest others."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 (slow to import)

    search = NearestNeighbors(n_neighbors=count + 1, algorithm="brute").fit(points[sample])
    step = -(-len(points) // _TYPICAL)
    usual = float(np.median(search.kneighbors(points[::step])[0][:, 1:]))
    for start in range(0, len(points), _ASKED):
        rows = slice(start, min(start + _ASKED, len(points)))
        distance, found = search.kneighbors(points[rows])
        near, places = sample[found], np.arange(rows.start, rows.stop)
        kept = near != places[:, None]
        kept[kept.all(axis=1), -1] = False  # it is not in the sample: the farthest is left out
        distance = distance[kept].reshape(-1, count).astype(np.float64)
        weights = 1 / np.maximum(distance, max(_NEAR * usual, 1e-12))
        weights /= weights.sum(axis=1, keepdims=True)
        yield rows, weights, near[kept].reshape(-1, count)
