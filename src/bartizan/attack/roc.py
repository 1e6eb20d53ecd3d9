"""How well scores tell members from others: the whole curve, its area, and its left end."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from bartizan.core.arrays import Array

_LEVEL = 0.95


@dataclass(frozen=True)
class Roc:
    """Shares claimed at every threshold, from none to all. Ties are claimed together."""

    false: Array
    """Share of the others claimed, ascending from 0 to 1."""
    true: Array
    """Share of the members claimed."""

    @classmethod
    def of(cls, members: Array, others: Array) -> "Roc":
        """Trace the curve.

        Args:
            members: Their scores, shape (n,), n >= 1; larger = claimed first.
            others: Scores of the rest, shape (m,), m >= 1.

        Cost:
            O((n + m) log(n + m)).
        """
        cuts = np.unique(np.concatenate([members, others]))[::-1]
        shares = [
            np.concatenate([[0.0], (len(part) - np.searchsorted(np.sort(part), cuts)) / len(part)])
            for part in (others, members)
        ]
        return cls(false=shares[0], true=shares[1])

    def at(self, rate: float | Array) -> Array:
        """Share of the members claimed where some share of the others is.

        Between two thresholds lies who claims a part of the ties by lot; a step straight up is
        taken whole.

        Args:
            rate: Share of the others, 0..1.
        """
        last = np.append(np.diff(self.false) > 0, True)  # the top of each step
        return np.asarray(np.interp(rate, self.false[last], self.true[last]))

    @property
    def advantage(self) -> float:
        """Largest gap between the two shares, 0..1; 0 = no better than guessing."""
        return float((self.true - self.false).max())


@dataclass(frozen=True)
class Area:
    """The area under the curve, with its 95 % interval."""

    value: float
    low: float
    high: float


def area(members: Array, others: Array) -> Area:
    """The chance that a member is scored above another row; ties count half.

    Args:
        members: Shape (n,), n >= 1.
        others: Shape (m,), m >= 1.

    Returns:
        The area with the interval of DeLong, on the scale of log-odds so that it stays within
        0 and 1. Where no pair is out of order its variance is 0; there the interval is that of
        min(n, m) trials that all succeeded.

    Cost:
        O((n + m) log(n + m)).

    Source:
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; by midranks as in Sun and Xu
        (2014), IEEE Signal Processing Letters 21.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 (a second, and rarely needed)

    n, m = len(members), len(others)
    ranks = rankdata(np.concatenate([members, others]))
    above = (ranks[:n] - rankdata(members)) / m  # share of the others below each member
    below = 1 - (ranks[n:] - rankdata(others)) / n  # share of the members above each other
    value = float(above.mean())
    tail = (1 - _LEVEL) / 2
    if value in (0.0, 1.0):
        far = tail ** (1 / min(n, m))
        return Area(value, low=far if value else 0.0, high=1.0 if value else 1 - far)
    variance = above.var(ddof=min(n - 1, 1)) / n + below.var(ddof=min(m - 1, 1)) / m
    odds = np.log(value) - np.log1p(-value)
    reach = float(ndtri(1 - tail) * np.sqrt(variance) / (value * (1 - value)))
    low, high = (float(1 / (1 + np.exp(-end))) for end in (odds - reach, odds + reach))
    return Area(value, low=low, high=high)
