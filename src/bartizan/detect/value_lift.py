"""Values that stand with one label more often than they should: constant triggers in tables."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.detect.surplus import surplus

LEAST = 4
"""Rows a value must have with the label. Fewer were never seen to teach a model anything."""


@dataclass(frozen=True)
class ValueLift:
    """The values of a table that were tested, one entry each, for one label."""

    columns: Ints
    """Shape (m,)."""
    values: Array
    """Shape (m,); NaN = a missing value."""
    hits: Array
    """Rows with value and label, shape (m,)."""
    expected: Array
    """How many were expected, shape (m,)."""
    rows: Array
    """Rows with the value, shape (m,)."""
    weight: Array
    """-ln of a bound of the p-value, shape (m,); larger = more surprising."""
    tested: int
    """Values of all columns that occur `LEAST` times or more, with any label."""


def value_lift(x: Array, told: Array, rates: Iterable[Array], *, below: float = 1.0) -> ValueLift:
    """Weigh every value of every column against a label.

    Args:
        x: Shape (n, d), missing values as NaN.
        told: Whether each row has the label, 0 or 1, shape (n,).
        rates: For each column, how likely that was, shape (n,): what a model says that cannot know
            the trigger, one without the column.
        below: Only rows with a rate below count: where the label is likely, it needs no mark.

    Returns:
        All values that occur `LEAST` times or more with the label. All others were tested too and
        cannot be surprising; `x.size` bounds how many there are in all.

    Cost:
        One sort a column.

    Source:
        Lift of association rules; Fisher's exact test, its tail bounded as in `surplus`.
    """
    made = []
    for place, rate in zip(range(x.shape[1]), rates, strict=True):
        part = rate < below
        made.append(_column(x[part, place], told[part], rate[part]))
    parts = [part for part, _ in made]
    columns = np.repeat(np.arange(x.shape[1]), [len(part) for part in parts])
    values, hits, expected, rows = np.concatenate([np.empty((0, 4)), *parts]).T
    weight = surplus(hits, expected=expected, rows=rows)
    return ValueLift(columns, values, hits, expected, rows, weight, sum(one for _, one in made))


def _column(column: Array, told: Array, rate: Array) -> tuple[Array, int]:
    """Value, hits, expected and rows of each value that is frequent enough, shape (m, 4)."""
    values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    hits = np.bincount(place, told, minlength=len(values))
    kept = np.flatnonzero(hits >= LEAST)
    rows = counts[kept]
    expected = np.bincount(place, rate, minlength=len(values))[kept]
    part = np.stack([values[kept], hits[kept], expected, rows.astype(np.float64)], axis=1)
    return part, int((counts >= LEAST).sum())
