"""How many times more often something occurs than before."""

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtrc, betaincinv

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import InputError


@dataclass(frozen=True)
class Growth:
    """A ratio of two shares with its interval; infinite where there was nothing before."""

    value: float
    low: float
    high: float


def growth(before: tuple[int, int], now: tuple[int, int], *, level: float = 0.95) -> Growth:
    """The ratio of two shares, now to before, with an interval that is never too narrow.

    Given how many rows there are in both together, how many of them are new is binomial, with a
    chance that only the ratio decides.

    Args:
        before: (hits, rows), rows >= 1.
        now: (hits, rows), rows >= 1.
        level: How often the interval holds the true ratio at least; lower it for one of many.

    Returns:
        The ratio; 1 with an interval of everything where there are no hits at all.

    Raises:
        InputError: more hits than rows, or no rows.

    Source:
        Clopper and Pearson (1934), on the conditional binomial of two Poisson rates: Przyborowski
        and Wilenski (1940), Biometrika 31. Shares vary less than Poisson counts, so the interval is
        wider than it need be where shares are large.
    """
    for hits, rows in (before, now):
        if not 0 <= hits <= rows or rows < 1:
            message = f"{hits} of {rows} rows is no share"
            raise InputError(message)
    (old, n), (new, m) = before, now
    if old + new == 0:
        return Growth(value=1.0, low=0.0, high=np.inf)
    tail = (1 - level) / 2
    low = 0.0 if new == 0 else float(betaincinv(new, old + 1, tail))
    high = 1.0 if old == 0 else float(betaincinv(new + 1, old, 1 - tail))
    value = np.inf if old == 0 else new / m / (old / n)
    return Growth(value=value, low=_ratio(low, n=n, m=m), high=_ratio(high, n=n, m=m))


def _ratio(chance: float, *, n: int, m: int) -> float:
    """The ratio of shares under which a hit is a new one with some chance."""
    return np.inf if chance >= 1 else chance / (1 - chance) * n / m


def concentration(hits: Ints, *, rows: Ints, share: Array) -> Array:
    """Probability that groups hold so many rows of a class, if groups had nothing to do with it.

    Args:
        hits: Rows of the class in each group, shape (g,).
        rows: Rows of each group, shape (g,).
        share: Share of the class in all rows, shape (g,).

    Returns:
        Shape (g,), 0..1: of that many or more, by the binomial distribution. Groups are drawn from
        a limited number of rows, which makes large numbers rarer still: Hoeffding (1963), JASA 58,
        section 6.
    """
    return np.where(hits > 0, bdtrc(np.maximum(hits - 1, 0), rows, share), 1.0)
