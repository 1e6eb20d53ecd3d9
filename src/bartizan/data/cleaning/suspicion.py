"""Which rows are believed to be wrong, by whom, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import DetectorResult, SuspectedTrigger
from bartizan.core.errors import UsageError
from bartizan.core.finding import Finding
from bartizan.data.cleaning.marks import measurable

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
            rows = _places(result, data)
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
            lost = self.rows[~inside] if not inside.all() else self.rows
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
    findings: Sequence[Finding], *, named: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Detectors that are not believed and are not content either, each with why."""
    trusted = believed(findings, named=named)
    return tuple(
        (one.entry, f"{one.reason}. {_NAME_IT.format(one.entry)}" if one.flagged else one.reason)
        for one in findings
        if one.entry.startswith(DETECTOR)
        and one.outcome in ("inconclusive", "not-run")
        and not (one.entry in trusted and one.flagged)
    )


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


def _places(result: DetectorResult, data: Dataset) -> Ints:
    """Positions of the rows that a detector believes to be wrong."""
    ids = result.check.rows
    if ids is None:
        return np.empty(0, dtype=np.int64)
    return np.searchsorted(data.ids, ids).astype(np.int64)
