"""The widest gap between two groups of many, with an interval that chance alone does not move."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from bartizan.core.arrays import Array, Ints

_TAIL = 0.025
"""Of samples that miss at either end, so that the interval holds in 95 %."""
_PRIOR = 2
"""Rows added to the hits and to the misses before the spread of a rate is computed: without them
a group of which all rows are right would seem to be known exactly."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """One rate of several groups, that are compared two by two."""

    hits: Ints
    """Shape (g,), of groups that are large enough."""
    rows: Ints
    """Shape (g,)."""
    drawn_hits: Ints
    """The same in drawn samples, shape (b, g)."""
    drawn_rows: Ints
    """Shape (b, g)."""
    groups: Ints
    """Position of each group among all, shape (g,)."""

    @property
    def value(self) -> Array:
        """The rates, shape (g,)."""
        return np.asarray(self.hits / self.rows)

    def spread(self, place: int) -> Array:
        """Standard error of the difference between one group and those after it."""
        variance = _variance(self.hits, self.rows)
        return np.asarray(np.sqrt(variance[place] + variance[place + 1 :]))

    def farthest(self) -> Array:
        """Of each drawn sample, the largest error of a difference, in standard errors: (b,)."""
        error = self.drawn_hits / np.maximum(self.drawn_rows, 1) - self.value
        variance = _variance(self.drawn_hits, self.drawn_rows)
        most = np.zeros(len(error))
        for place in range(len(self.rows) - 1):
            after = slice(place + 1, None)
            apart = np.abs(error[:, [place]] - error[:, after])
            apart /= np.sqrt(variance[:, [place]] + variance[:, after])
            np.maximum(most, apart.max(axis=1), out=most)
        return most


def _variance(hits: Ints, rows: Ints) -> Array:
    """Of shares, with rows added."""
    n = rows + 2 * _PRIOR
    share = (hits + _PRIOR) / n
    return np.asarray(share * (1 - share) / n)


@dataclass(frozen=True, kw_only=True)
class Widest:
    """A largest gap, 0..1."""

    value: float
    low: float
    high: float
    family: int
    """Position of the family it is found in."""
    groups: tuple[int, int]
    """The group with the larger rate, and the one with the smaller."""
    pairs: int
    """How many were compared."""


def widest(families: Sequence[Family]) -> Widest | None:
    """The largest difference between two groups of one family.

    The lower end must hold for all pairs at once, or else one of many groups would always accuse
    a fair model: it is the largest of difference - c * standard error, with c chosen so that in
    97.5 % of the drawn samples no difference errs by more of its own standard errors. The upper
    end need not: whichever pair is truly the widest, its own upper end lies below the truth in
    2.5 % of samples, and the largest of all upper ends even more rarely.

    Args:
        families: Drawn together.

    Returns:
        None where no family has two groups.

    Cost:
        draws * pairs numbers, a group's at a time.

    Source:
        Lower end: Romano and Wolf (2005), Econometrica 73, the maximum of studentised statistics.
        Upper end: Berger (1982), Technometrics 24, intersection-union tests. The spread is that of
        Agresti and Caffo (2000), American Statistician 54, with two rows added on both sides (they
        add one), and c is never below that of a single comparison.
    """
    pairs = sum(len(one.rows) * (len(one.rows) - 1) // 2 for one in families)
    if not pairs:
        return None
    most = np.max([one.farthest() for one in families if len(one.rows)], axis=0)
    single = float(ndtri(1 - _TAIL))
    c = max(float(np.quantile(most, 1 - _TAIL)), single)
    value, low, high, where = -1.0, 0.0, 0.0, (0, 0, 0)
    for number, one in enumerate(families):
        for place in range(len(one.rows) - 1):
            gaps = np.abs(one.value[place] - one.value[place + 1 :])
            spread = one.spread(place)
            low = max(low, (gaps - c * spread).max())
            high = max(high, (gaps + single * spread).max())
            if gaps.max() > value:
                value, where = gaps.max(), (number, place, place + 1 + int(gaps.argmax()))
    number, *ends = where
    family = families[number]
    ends.sort(key=lambda place: -family.value[place])
    return Widest(
        value=float(value),
        low=float(low),
        high=min(float(high), 1.0),
        family=number,
        groups=(int(family.groups[ends[0]]), int(family.groups[ends[1]])),
        pairs=pairs,
    )
