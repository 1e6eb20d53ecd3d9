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
        gap: Difference of shares above which a source is named: from all other rows, and from the
            median of the sources, so that one large source does not make all others lean.

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
    chances = concentration(
        np.array([hits for _, _, hits in found], dtype=np.int64),
        rows=np.array([size[source] for source, _, _ in found], dtype=np.int64),
        share=np.array([totals[label] / of for _, label, _ in found]),
    )
    usual = {label: _median(counts, size=size) for label, counts in pairs.items()}
    named: dict[str, OneSided] = {}
    for (source, label, hits), q in zip(found, adjusted(chances), strict=True):
        one = OneSided(
            source=source,
            rows=size[source],
            label=label,
            share=hits / size[source],
            others=(totals[label] - hits) / (of - size[source]),
        )
        wide = min(_gap(one), one.share - usual[label])
        if q <= rate and wide > gap and (source not in named or _gap(one) > _gap(named[source])):
            named[source] = one
    return sorted(named.values(), key=lambda one: (-one.rows, one.source))


def _gap(one: OneSided) -> float:
    return one.share - one.others


def _median(counts: Mapping[str, int], *, size: Mapping[str, int]) -> float:
    """The median of the sources' shares of one class."""
    return float(np.median([counts.get(source, 0) / rows for source, rows in size.items()]))
