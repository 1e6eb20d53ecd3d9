"""How many rows an attacker poisons, and which."""

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.errors import InputError, UsageError


def quota(n: int, *, rate: float) -> int:
    """Rows that a rate amounts to.

    Args:
        n: All rows, >= 0.
        rate: Share of all rows, 0..1.

    Returns:
        The nearest whole number; halves go up.

    Raises:
        UsageError: the rate is no share.

    Example:
        >>> quota(1797, rate=0.01)
        18
    """
    if not 0.0 <= rate <= 1.0:
        message = f"a poison rate is a share of all rows between 0 and 1, got {rate}"
        raise UsageError(message)
    return int(np.floor(rate * n + 0.5))


def drawn(pool: Ints, *, n: int, rate: float, what: str, rng: np.random.Generator) -> Ints:
    """Draw the rows to poison, each as likely as any other of the pool.

    A pool that is too small is an error and not quietly used up: the damage of a rate that was
    never reached would stand for that of the rate.

    Args:
        pool: Positions that may be poisoned, shape (p,).
        n: All rows; the rate is a share of these.
        rate: 0..1.
        what: The pool in words, for the message.
        rng: Draws.

    Returns:
        Positions, ascending.

    Raises:
        InputError: the pool is smaller than the rate asks for.
        UsageError: the rate is no share.
    """
    count = enough(len(pool), n=n, rate=rate, what=what)
    return np.sort(rng.choice(pool, size=count, replace=False)).astype(np.int64)


def enough(available: int, *, n: int, rate: float, what: str) -> int:
    """The number of rows to poison, if there are so many.

    Raises:
        InputError: there are fewer.
        UsageError: the rate is no share.
    """
    count = quota(n, rate=rate)
    if available < count:
        message = (
            f"poisoning {rate:.3%} of {n} rows needs {count} {what}, there are {available}; "
            f"lower the rate to {available / n:.3%} or less"
        )
        raise InputError(message)
    return count
