"""How long each row of a block may be worked on, so that all of them end in time."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from bartizan.core.arrays import Array, Ints


class Purse:
    """Seconds for a block, shared out row by row.

    Each row gets an even share of what is left, so that no row is left without one because of
    those before it, and what quick rows leave is there for the slow ones.
    """

    def __init__(
        self,
        *,
        rows: int,
        mean_s: float,
        limit_s: float,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """Start the clock.

        Args:
            rows: Of the block.
            mean_s: Seconds a row, on average.
            limit_s: Seconds for one row at most.
            clock: Seconds since whenever.
        """
        self._rows, self._limit_s, self._clock = rows, limit_s, clock
        self._end = clock() + rows * mean_s

    def share(self) -> float:
        """Seconds for the next row; zero or less where none are left."""
        left = self._end - self._clock()
        share = left / max(self._rows, 1)
        self._rows -= 1
        return min(share, self._limit_s)


def easiest_first(costs: Array, cap: Array) -> Ints:
    """Rows by the size of their programs: how many leaves cost less than the best price known.

    Args:
        costs: Of each leaf, shape (n, leaves).
        cap: Of the best change known, shape (n,).

    Returns:
        Rows, shape (n,); equal ones in their own order.
    """
    return np.argsort((costs < cap[:, None]).sum(axis=1), kind="stable")
