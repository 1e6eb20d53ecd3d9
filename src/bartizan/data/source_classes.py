"""Sources whose rows are of one class far more often than those of all others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bartizan.detect.discovery import adjusted
from bartizan.detect.growth import concentration


@dataclass(frozen=True, kw_only=True)
class OneSided:
    """One source that leans to one class."""

    source: str
    rows: int
    """Rows with a label."""
    label: str
    share: float
    """Share of the source's rows that are of this class."""
    others: float
    """Share of all other rows that are."""


def one_sided(pairs: Mapping[str, Mapping[str, int]], *, rate: float, gap: float) -> list[OneSided]:
    """Sources that lean to one class beyond chance and by more than a gap.

    Somebody who wants a class to be learnt wrongly contributes rows of one class; so may somebody
    who only ever sees one. Therefore these are named and fail nothing.

    Args:
        pairs: Rows by class and source.
        rate: Share of those named that may be wrong (Benjamini-Yekutieli).
        gap: Difference of shares above which a source is named.

    Returns:
        The most rows first, each source once, with the class it leans to most.
    """
    totals = {label: sum(rows.values()) for label, rows in pairs.items()}
    size: dict[str, int] = {}
    for counts in pairs.values():
        for source, rows in counts.items():
            size[source] = size.get(source, 0) + rows
    of = sum(totals.values())
    found = [
        (source, label, hits)
        for label, counts in sorted(pairs.items())
        for source, hits in counts.items()
        if of > size[source]
    ]
    chances = np.array(
        [
            concentration(hits, rows=size[source], total=totals[label], of=of)
            for source, label, hits in found
        ]
    )
    named: dict[str, OneSided] = {}
    for (source, label, hits), q in zip(found, adjusted(chances), strict=True):
        one = OneSided(
            source=source,
            rows=size[source],
            label=label,
            share=hits / size[source],
            others=(totals[label] - hits) / (of - size[source]),
        )
        wide = one.share - one.others
        if q <= rate and wide > gap and (source not in named or wide > _gap(named[source])):
            named[source] = one
    return sorted(named.values(), key=lambda one: (-one.rows, one.source))


def _gap(one: OneSided) -> float:
    return one.share - one.others
