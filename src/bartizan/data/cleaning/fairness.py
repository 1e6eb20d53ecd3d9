"""How differently groups of people are treated, before and after rows were taken out."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.finding import Measure
from bartizan.core.interval import gap_interval
from bartizan.data.cleaning.study import Effect

LEAST = 30
"""Rows of a group, below which the interval of a rate is wider than any gap one would act on."""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Who belongs where, and which decision is the wanted one."""

    column: str
    codes: Ints
    """Group of each row of the data, shape (n,); -1 = unknown."""
    names: tuple[str, ...]
    positive: int
    """The class that people want to get, such as a loan."""


def gaps(found: Effect, groups: Groups) -> tuple[Measure, ...]:
    """Largest differences between two groups, with intervals.

    Args:
        found: Decisions before and after.
        groups: Groups of all rows of the data.

    Returns:
        Gaps of the rate of positive decisions, and of the rate among rows that are positive
        (true-positive rate), before and after; 0 = no difference.

    Source:
        Demographic parity and equal opportunity, Hardt, Price and Srebro (2016), NeurIPS. The
        interval is that of the two groups that lie furthest apart, so that with many groups it is
        too narrow; it says how sure the size of that gap is, not whether there is one.
    """
    codes, positive = groups.codes[found.rows], groups.positive
    made = []
    for name, decided in (("before", found.before), ("after", found.after)):
        hits = decided == positive
        every = np.ones(len(codes), dtype=np.bool_)
        for rate, asked in (("selection-rate", every), ("true-positive-rate", found.y == positive)):
            rates = _rates(hits[asked], codes[asked], names=groups.names)
            made.append(_gap(f"{rate}-gap-{name}", rates, column=groups.column))
    return tuple(made)


def small(found: Effect, groups: Groups) -> tuple[str, ...]:
    """Names of groups that have too few rows to be compared."""
    sizes = np.bincount(groups.codes[found.rows] + 1, minlength=len(groups.names) + 1)[1:]
    return tuple(
        name for name, size in zip(groups.names, sizes.tolist(), strict=True) if size < LEAST
    )


def _rates(hits: Ints, codes: Ints, *, names: tuple[str, ...]) -> list[tuple[int, int]]:
    """(positive decisions, rows) of each group that is large enough."""
    sizes = [(int(hits[codes == at].sum()), int((codes == at).sum())) for at in range(len(names))]
    return [(one, n) for one, n in sizes if n >= LEAST]


def _gap(name: str, rates: list[tuple[int, int]], *, column: str) -> Measure:
    if len(rates) < 2:
        why = f"fewer than two groups of {column} have {LEAST} rows to judge by"
        return Measure(name=name, value=None, why=why)
    ordered = sorted(rates, key=lambda one: one[0] / one[1])
    value, low, high = gap_interval(ordered[-1], ordered[0])
    return Measure(name=name, value=value, low=low, high=high, n=sum(n for _, n in rates))
