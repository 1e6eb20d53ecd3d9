"""Which rows are believed to be wrong, by whom, and how sure that is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.names import nearest
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import DetectorResult, SuspectedTrigger
from bartizan.core.errors import UnknownEntryError, UsageError
from bartizan.core.finding import Finding
from bartizan.data.cleaning.marks import measurable
from bartizan.data.detectors.entries import ENTRIES

DETECTOR = "poison."
"""Family of the detectors of poison: what other checks point at is odd, not planted."""
_NAME_IT = "Look at its rows; `--entry {}` leaves them out all the same"


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """Rows that detectors point at. Entry i of everything belongs to the same row."""

    rows: Ints
    """Ids in the source, ascending."""
    detectors: tuple[tuple[str, ...], ...]
    """Ids of the entries that point at it."""
    p: Array
    """Smallest chance, of those detectors, that an honest row looks as odd; NaN = none was told."""
    suggested: tuple[str, ...]
    """The label that fits better, as the data spells it; empty = none."""
    triggers: tuple[SuspectedTrigger, ...] = ()
    """Marks that seem to have been planted, strongest first of each detector."""
    silent: tuple[tuple[str, str], ...] = ()
    """Detectors that reached no verdict, each with why."""

    @classmethod
    def of(
        cls,
        results: Mapping[str, DetectorResult],
        data: Dataset,
        *,
        silent: tuple[tuple[str, str], ...] = (),
    ) -> "Suspicion":
        """Join what detectors say.

        Args:
            results: By id of an entry; each about exactly these rows.
            data: The rows.
            silent: Detectors that reached no verdict.
        """
        pointed: dict[int, list[str]] = {}
        p = np.ones(len(data.y))
        suggested = np.full(len(data.y), -1, dtype=np.int64)
        for name, result in results.items():
            rows = places_of(result, data)
            lower = rows[result.p[rows] <= p[rows]]
            p[lower] = result.p[lower]
            if result.suggested is not None:
                fits = rows[result.suggested[rows] >= 0]
                suggested[fits] = result.suggested[fits]
            for row in rows.tolist():
                pointed.setdefault(row, []).append(name)
        places = np.array(sorted(pointed), dtype=np.int64)
        words = [str(data.classes[one]) if one >= 0 else "" for one in suggested[places].tolist()]
        return cls(
            rows=data.ids[places].astype(np.int64),
            detectors=tuple(tuple(pointed[row]) for row in places.tolist()),
            p=p[places],
            suggested=tuple(words),
            triggers=tuple(
                one for result in results.values() for one in measurable(result.triggers)
            ),
            silent=silent,
        )

    def within(self, data: Dataset) -> Ints:
        """Positions of these rows in a data set, ascending.

        Raises:
            UsageError: a row is not in it.
        """
        places = np.searchsorted(data.ids, self.rows)
        inside = places < len(data.ids)
        if not inside.all() or not np.array_equal(data.ids[places], self.rows):
            held = data.ids[np.minimum(places, len(data.ids) - 1)]
            lost = self.rows[held != self.rows]
            message = (
                f"row {lost[0]} is flagged and has no place among the {len(data.ids):,} labelled "
                "rows of the data; were they checked from the same file?"
            )
            raise UsageError(message)
        return places


def believed(findings: Sequence[Finding], *, named: Sequence[str] = ()) -> frozenset[str]:
    """Detectors whose rows leave: those that failed the data, and open ones that are named.

    A detector that missed its planted case, or whose figure is not settled, says nothing by itself;
    a person who looked at its rows may name it.
    """
    return frozenset(
        one.entry
        for one in findings
        if one.entry.startswith(DETECTOR)
        and (one.outcome == "fail" or (one.outcome == "inconclusive" and one.entry in named))
    )


def silent_among(
    findings: Sequence[Finding], *, pointing: Collection[str], named: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Detectors that are not content with the data and take no row out, each with why.

    Args:
        findings: Of a check.
        pointing: Detectors that point at rows.
        named: Detectors that a person named.
    """
    trusted = believed(findings, named=named)
    return tuple(
        (one.entry, _why_silent(one, pointing=pointing))
        for one in findings
        if one.entry.startswith(DETECTOR)
        and one.outcome != "pass"
        and not (one.entry in trusted and one.entry in pointing)
    )


def _why_silent(finding: Finding, *, pointing: Collection[str]) -> str:
    if finding.outcome == "fail":
        return f"{finding.reason}. It names no row, so that none leaves because of it"
    if finding.entry in pointing or finding.flagged:
        return f"{finding.reason}. {_NAME_IT.format(finding.entry)}"
    return finding.reason


def require_detectors(entries: Sequence[str]) -> None:
    """Refuse names that are no detectors of poison.

    Raises:
        UnknownEntryError: there is no such detector.
    """
    known = [one.id for one in ENTRIES]
    for name in entries:
        if name not in known:
            message = f"there is no detector of poison {name!r}{nearest(name, known)}"
            raise UnknownEntryError(message)


def require_classes_left(data: Dataset, *, gone: Ints) -> None:
    """Refuse to take the last row of a class.

    Args:
        data: All rows.
        gone: Positions of those that leave.

    Raises:
        UsageError: a class would have no row left.
    """
    left = np.bincount(np.delete(data.y, gone), minlength=len(data.classes))
    there = np.bincount(data.y, minlength=len(data.classes))
    for place, label in enumerate(data.classes):
        if there[place] and not left[place]:
            message = (
                f"all {there[place]:,} rows of class {label!r} are flagged; without them no model "
                "learns the class, and it is more probable that the detector is wrong. Nothing "
                "was changed: look at the rows, or choose detectors with --entry"
            )
            raise UsageError(message)


def places_of(result: DetectorResult, data: Dataset) -> Ints:
    """Positions of the rows that a detector believes to be wrong."""
    ids = result.check.rows
    if ids is None:
        return np.empty(0, dtype=np.int64)
    return np.searchsorted(data.ids, ids).astype(np.int64)
