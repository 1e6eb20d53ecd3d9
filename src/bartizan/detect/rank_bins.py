"""Columns as bins of about equally many rows, in which equal values stay together."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints

APART = 6
"""Empty bins beside a heavily tied value, so that no run of 7 bins joins it with others."""
_HEAVY = 3.0
"""Times the rows of a usual bin from which a value counts as heavily tied."""


@dataclass(frozen=True)
class RankBins:
    """Every cell of a table as the number of its bin."""

    codes: Ints
    """Shape (n, d), 0 <= code < sizes[column]. A missing value has the last bin of its column."""
    sizes: Ints
    """Bins of each column, shape (d,); 1 = the column is constant."""
    single: Ints
    """Shape (d,): 1 where every bin holds one value, or bins have no order, so that neighbours
    must not be joined; else 0."""


def rank_bins(x: Array, *, most: int, nominal: Ints | None = None, least: float = 0.0) -> RankBins:
    """Sort every column into bins of about n / most rows.

    A value is never split over two bins, so heavily tied columns get fewer and uneven ones. That is
    what keeps zeros of a count from being taken for a dense region.

    Args:
        x: Shape (n, d), n >= 1; missing values as NaN.
        most: Bins at most, missing values aside.
        nominal: Positions of columns of codes without an order; theirs are sorted by how often
            they occur, so that rare ones meet in one bin. None = there are none.
        least: Share of the rows below which a bin is joined with its neighbour.

    Returns:
        Bins, numbered upwards with the values.

    Cost:
        One sort a column.
    """
    without_order = set() if nominal is None else {int(place) for place in nominal}
    codes = np.zeros(x.shape, dtype=np.int64)
    sizes, single = np.ones(x.shape[1], dtype=np.int64), np.ones(x.shape[1], dtype=np.int64)
    for place in range(x.shape[1]):
        unordered = place in without_order
        codes[:, place], values = _binned(x[:, place], most=most, unordered=unordered)
        if least > 0:
            codes[:, place] = _filled(codes[:, place], least=least * len(x))
        sizes[place] = codes[:, place].max(initial=0) + 1
        single[place] = unordered or values <= most
    return RankBins(codes, sizes, single)


def _binned(column: Array, *, most: int, unordered: bool) -> tuple[Ints, int]:
    """Bin of each row, and how many values there are."""
    values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    known = int((~np.isnan(values)).sum())
    weights = counts[:known]
    if known <= most:
        return place.astype(np.int64), known
    order = np.argsort(weights, kind="stable") if unordered else np.arange(known)
    middle = np.empty(known)
    middle[order] = weights[order].cumsum() - weights[order] / 2
    slots = np.floor(middle * most / max(weights.sum(), 1)).astype(np.int64)
    slots, bins = np.unique(slots, return_inverse=True)
    if not unordered:
        bins = _apart(bins, np.bincount(bins, weights) * most / weights.sum())
    if known < len(values):
        bins = np.append(bins, bins.max() + 1 + APART)
    return np.asarray(bins[place], dtype=np.int64), known


def _apart(bins: Ints, load: Array) -> Ints:
    """Leave `APART` empty bins on each side of a bin of a heavily tied value."""
    heavy = load > _HEAVY
    steps = np.ones(len(load), dtype=np.int64)
    steps[heavy] += APART
    steps[1:][heavy[:-1]] += APART
    steps[0] = 0
    return np.asarray(steps.cumsum()[bins])


def _filled(bins: Ints, *, least: float) -> Ints:
    """Join bins of too few rows with the next one, at the end with the last."""
    number, rows, seen = 0, 0, np.bincount(bins)
    joined = np.zeros(len(seen), dtype=np.int64)
    for place, count in enumerate(seen.tolist()):
        joined[place], rows = number, rows + count
        if rows >= least and seen[place + 1 :].sum() >= least:
            number, rows = number + 1, 0
    return np.asarray(joined[bins])
