"""The best point met so far for each row of a block."""

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle


class Trail:
    """Keeps, for each row, the cheapest point that got the wanted answer."""

    def __init__(self, constraint: Constraint, x0: Array, *, oracle: Oracle) -> None:
        self._constraint = constraint
        self._oracle = oracle
        self._x0 = x0
        self.points = x0.copy()
        """Best points, shape (n, d); the original where there is none."""
        self.price = np.full(len(x0), np.inf)
        """Their prices, shape (n,); infinity where there is none."""
        self._needed = np.full(len(x0), -1, dtype=np.int64)

    def keep(self, points: Array, rows: Ints, *, price: Array | None = None) -> None:
        """Offer points that got the wanted answer.

        Args:
            points: Shape (m, d).
            rows: Which row each belongs to, shape (m,); a row may come more than once.
            price: Their prices, shape (m,), where they are known already.
        """
        if not len(rows):
            return
        price = self._constraint.price(self._x0[rows], points) if price is None else price
        order = np.lexsort((price, rows))
        first = np.ones(len(order), dtype=bool)
        first[1:] = rows[order][1:] != rows[order][:-1]
        best = order[first]
        better = best[price[best] < self.price[rows[best]]]
        self.points[rows[better]] = points[better]
        self.price[rows[better]] = price[better]
        first_within = (self._needed < 0) & self._constraint.within(self.price)
        self._needed[first_within] = self._oracle.queries[first_within]

    def result(self, *, lower: Array | None = None, unfinished: Mask | None = None) -> AttackResult:
        """What the attack found, and what it proved if it proves anything."""
        return AttackResult(
            points=self.points,
            success=np.isfinite(self.price),
            price=self.price,
            queries=self._oracle.queries.copy(),
            needed=self._needed,
            lower=lower,
            unfinished=unfinished,
        )
