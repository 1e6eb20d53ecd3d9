"""Relations between columns, as gradients see them: what repair passes on, what breaking costs."""

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
    away: Array | None = None
    for relation in constraint.space.relations:
        owing = ~relation.holds(x) & relation.holds(x0)
        if not owing.any():
            continue
        rows = np.flatnonzero(owing)
        size, slope = relation.violation(x[rows])
        slope = np.nan_to_num(slope[:, constraint.numeric] * constraint.unit)
        steep = np.linalg.norm(slope, axis=1)
        factor = np.divide(1.0, steep, out=np.zeros(len(rows)), where=steep > 0)
        if total is None or away is None:
            total, away = np.zeros(len(x)), np.zeros((len(x), len(constraint.numeric)))
        total[rows] += size * factor
        away[rows] += slope * factor[:, None]
    return (None, None) if total is None or away is None else (total, away)


def pulled(constraint: Constraint, x0: Array, x: Array, *, grad: Array) -> Array:
    """A gradient by the repaired row made one by the row before its repair.

    Where ``total = a + b`` is kept by setting the total, moving `a` moves the total too, and
    moving the total moves nothing.

    Args:
        constraint: Knows the relations.
        x0: Original rows, shape (n, d).
        x: Changed and repaired rows, shape (n, d).
        grad: By the columns of `x`, shape (n, d); not overwritten.

    Returns:
        Shape (n, d). Only equations are looked at; limits that repair happens to enforce are
        passed straight through.
    """
    free = np.zeros(x.shape[1], dtype=bool)
    free[constraint.numeric] = True
    for relation in reversed(constraint.space.relations):
        found = relation.settled(free) if relation.sense == "=" else None
        if found is None:
            continue
        column, side = found
        owed = relation.holds(x0) & ~np.isnan(x[:, column])
        passed = np.where(owed, grad[:, column], 0.0)[:, None]
        grad = grad + passed * np.nan_to_num(side.slope(x))
        grad[owed, column] = 0.0
    return grad
