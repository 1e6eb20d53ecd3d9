"""The penalty for relations between columns that a change breaks."""

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.constraint import Constraint


def penalty(constraint: Constraint, x0: Array, x: Array) -> tuple[Array, Array] | tuple[None, None]:
    """How far rows are from relations that they broke, summed, and how that changes.

    Each relation is measured by the change that would mend it, to first order, in budgets: so
    no relation outweighs another by the size of its numbers.

    Args:
        constraint: Knows the relations and the unit.
        x0: Original rows, shape (n, d): what they break themselves is not owed.
        x: Changed and repaired rows, shape (n, d).

    Returns:
        Penalties, shape (n,), >= 0, and their derivatives by the offset, shape (n, m); none
        where no row owes anything.
    """
    total: Array | None = None
    away = np.zeros((len(x), len(constraint.numeric)))
    for relation in constraint.space.relations:
        owing = ~relation.holds(x) & relation.holds(x0)
        if not owing.any():
            continue
        rows = np.flatnonzero(owing)
        size, slope = relation.violation(x[rows])
        slope = np.nan_to_num(slope[:, constraint.numeric] * constraint.unit)
        steep = np.linalg.norm(slope, axis=1)
        factor = np.divide(1.0, steep, out=np.zeros(len(rows)), where=steep > 0)
        total = np.zeros(len(x)) if total is None else total
        total[rows] += size * factor
        away[rows] += slope * factor[:, None]
    return (None, None) if total is None else (total, away)
