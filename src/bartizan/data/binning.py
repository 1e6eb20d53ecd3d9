"""Chooses cells for the values of a column, and puts values into them."""

import numpy as np
import polars as pl

from bartizan.core.arrays import Array, Ints
from bartizan.data.profile import Bins
from bartizan.detect.quantile_bins import RARE, edges, positions, scores

_CATEGORIES = 200
"""Categories named at most; all others together are one."""


def chosen(values: pl.Series) -> Bins:
    """Cells for a column, chosen by some of its rows, with counts of none yet.

    Args:
        values: Shape (n,), numbers or texts; null where missing.

    Returns:
        The cells, for `codes`: bins for numbers, a cell for each frequent category for texts.
    """
    if values.dtype == pl.String:
        names = _frequent(values.drop_nulls())
        return Bins(categories=names, counts=(0,) * (len(names) + 1))
    numbers = _numbers(values)
    numbers = np.sort(numbers[~np.isnan(numbers)])
    inner = edges(numbers)
    counts = np.bincount(positions(numbers, edges=inner), minlength=len(inner) + 1)
    return Bins(
        edges=tuple(inner.tolist()),
        counts=(0,) * len(counts),
        scores=tuple(scores(counts).tolist()),
    )


def _frequent(texts: pl.Series) -> tuple[str, ...]:
    """Categories of at least `RARE` rows, most frequent first; equal ones by name.

    A name that few rows have points at those rows, so the others are not named.
    """
    counts = texts.rename("value").value_counts(name="count")
    counts = counts.filter(pl.col("count") >= RARE)
    counts = counts.sort("count", "value", descending=[True, False])
    return tuple(counts["value"].head(_CATEGORIES).to_list())


def codes(values: pl.Series, *, bins: Bins) -> Ints:
    """The cell of each value.

    Args:
        values: Shape (n,), numbers or texts; null where missing.
        bins: The cells.

    Returns:
        Shape (n,): position in `bins.counts`; their number where a value is missing.
    """
    if values.dtype != pl.String:
        return positions(_numbers(values), edges=np.array(bins.edges))
    last = len(bins.counts)
    known = values.cast(pl.Enum(list(bins.categories)), strict=False).to_physical()
    found = known.cast(pl.Int64).fill_null(last - 1).to_numpy().copy()
    found[values.is_null().to_numpy()] = last
    return found


def cell_counts(bins: Bins) -> Ints:
    """The counts of the profile in the order of `codes`: shape (k + 1,), missing values last."""
    return np.array([*bins.counts, bins.missing], dtype=np.int64)


def _numbers(values: pl.Series) -> Array:
    """As float64; NaN where missing."""
    return values.cast(pl.Float64).to_numpy()
