"""Holds each source against its quota and against what it contributed before."""

from collections.abc import Mapping
from dataclasses import dataclass

from bartizan.data.profile import DataProfile
from bartizan.data.rules import Rules
from bartizan.data.tally import OTHERS
from bartizan.detect.growth import Growth, growth

UNNAMED = 9
"""Rows that a source which the reference does not name may have had there: it names all of ten."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source, judged."""

    name: str
    """Empty: rows without a source."""
    rows: int
    share: float
    growth: Growth | None
    """Against the reference; none = there is none, or no rate is set."""
    over: tuple[str, ...]
    """The limits it breaks, in words."""
    new: bool
    """Whether there is a reference that does not name it."""


def judged(
    counts: Mapping[str, int], *, rules: Rules, profile: DataProfile | None, chance: float
) -> list[Source]:
    """Every source, the largest first.

    Args:
        counts: Rows of each source, at least one.
        rules: Quota and rate.
        profile: The reference, if there is one.
        chance: That any of the sources is called too fast by chance. Each gets an equal part of it
            (Bonferroni), so its growth counts by the low end of an interval that is that wide.
    """
    rows = sum(counts.values())
    known = profile if profile is not None and profile.sources else None
    level = 1 - 2 * chance / len(counts)  # both tails of an interval are alike, and one matters
    found = [
        _one(name, count, rows=rows, rules=rules, profile=known, level=level)
        for name, count in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.rows, one.name))


def _one(
    name: str, count: int, *, rows: int, rules: Rules, profile: DataProfile | None, level: float
) -> Source:
    new = profile is not None and name != OTHERS and name not in profile.sources
    grown = None
    if profile is not None:
        before = profile.sources.get(name, 0)
        if new:
            before = min(UNNAMED, profile.sources.get(OTHERS, 0))
        grown = growth((before, profile.rows), (count, rows), level=level)
    over = []
    if rules.quota is not None and count > rules.quota * rows:
        over.append(f"more than the quota of {rules.quota:.1%}")
    if rules.rate is not None and grown is not None and grown.low > rules.rate:
        times = f"{grown.value:.3g} times" if grown.value < float("inf") else "none of"
        over.append(f"{times} its share in the reference, more than {rules.rate:g} times")
    return Source(
        name=name, rows=count, share=count / rows, growth=grown, over=tuple(over), new=new
    )
