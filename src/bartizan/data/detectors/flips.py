"""Wrong labels planted in the user's own rows, for controls."""

from dataclasses import replace

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.data.labelled import Labelled

ROWS = 3000
"""Rows of a control at most: two runs take a few seconds, and 150 of them get a wrong label."""


def sampled(rows: Labelled, *, rng: np.random.Generator, most: int = ROWS) -> Labelled:
    """A random part of the rows, in their order."""
    n = len(rows.data.y)
    if n <= most:
        return rows
    return rows.take(np.sort(rng.permutation(n)[:most]))


def flipped(rows: Labelled, chosen: Ints, *, rng: np.random.Generator) -> Labelled:
    """The same rows, of which some get another label that occurs, at random.

    Args:
        rows: At least two classes occur.
        chosen: Positions of the rows that get one.
        rng: Draws the labels.
    """
    data = rows.data
    present, place = np.unique(data.y, return_inverse=True)
    moved = place[chosen] + rng.integers(1, len(present), size=len(chosen))
    y = data.y.copy()
    y[chosen] = present[moved % len(present)]
    return rows.replaced(replace(data, y=y), rows=np.arange(len(y)))
