"""How far a count exceeds what was expected of it."""

import numpy as np
from scipy.special import rel_entr

from bartizan.core.arrays import Array


def surplus(hits: Array, *, expected: Array, rows: Array) -> Array:
    """Weigh counts against their expectations, as the negative logarithm of a p-value.

    If each of `rows` rows is a hit with a probability of its own, all of them summing up to
    `expected`, the chance of `hits` or more is at most exp(-surplus). The bound needs no table and
    no loop, does not underflow, and holds for draws without replacement too.

    Args:
        hits: Counts, any shape.
        expected: Sums of probabilities, 0 <= expected <= rows.
        rows: How many rows, of the same shape.

    Returns:
        Surplus, >= 0, of the same shape; larger = more surprising; 0 where there is no excess.

    Source:
        Chernoff (1952) in the form of Hoeffding (1963), JASA 58, theorem 1: with probabilities
        that differ, and section 6 for draws without replacement.

    Example:
        >>> surplus(np.array([10.0]), expected=np.array([1.0]), rows=np.array([10.0])).round(2)
        array([23.03])
    """
    found = rel_entr(hits, expected) + rel_entr(rows - hits, rows - expected)
    return np.where(hits > expected, found, 0.0)
