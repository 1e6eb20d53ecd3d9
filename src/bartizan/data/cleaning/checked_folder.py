"""What an earlier check of the data wrote: rows that detectors pointed at, and suspected marks."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from bartizan.adapt.files.whole import read_file
from bartizan.core.dataset import Dataset
from bartizan.core.entry import SuspectedTrigger
from bartizan.core.errors import InputError, UsageError
from bartizan.core.evidence import Subject
from bartizan.core.finding import Finding, file_name
from bartizan.core.record import decode
from bartizan.core.report import Report
from bartizan.data.cleaning.checked_rows import checked_rows
from bartizan.data.cleaning.marks import FILE, Marks, suspected
from bartizan.data.cleaning.suspicion import DETECTOR, Suspicion, believed, silent_among
from bartizan.data.subject_detail import target_in

_LOST = (
    "the columns or pictures of today cannot carry a mark that it suspects, so that it is not "
    "measured; leave --from out, so that the detectors run now"
)
_REPORT, _ROWS = "report.json", "examples"


def checked_suspicion(
    folder: Path, data: Dataset, *, target: str, entries: Sequence[str] = ()
) -> Suspicion:
    """Read which rows a check pointed at.

    Args:
        folder: Where `data check --deep` wrote its report and its rows.
        data: The data of today.
        target: Its column, or array, of labels.
        entries: Ids of detectors to believe; none = all of them.

    Returns:
        The rows, and the marks of detectors that are believed. A mark that the data of today
        cannot carry is named among those that are silent.

    Raises:
        InputError: the folder holds no such report, one of another target, or one of data that
            changed since; or rows that no check wrote.
        UsageError: no detector of poison looked, or not the ones that are named.
    """
    path = folder / _REPORT
    report = decode(read_file(path), kind=Report)
    subject = _same(report, data, path=path)
    _require_target(subject, target, data, path=path)
    _require_looked(report, entries, path=path)
    findings = [one for one in report.findings if not entries or one.entry in entries]
    trusted = believed(findings, named=entries)
    frames = {
        one.entry: frame
        for one in findings
        if one.entry in trusted and (frame := _rows(one, folder)) is not None
    }
    triggers, lost = _marks(folder, data, trusted=trusted)
    found = _joined(
        frames,
        triggers=triggers,
        silent=(*silent_among(findings, pointing=frames, named=entries), *lost),
    )
    found.within(data)
    return found


def _joined(
    frames: Mapping[str, pl.DataFrame],
    *,
    triggers: tuple[SuspectedTrigger, ...],
    silent: tuple[tuple[str, str], ...],
) -> Suspicion:
    """What all detectors say of each row: the smallest p, and the label that was suggested last."""
    flagged: dict[int, list[str]] = {}
    p: dict[int, float] = {}
    suggested: dict[int, str] = {}
    for entry, frame in frames.items():
        for row, chance, label in frame.iter_rows():
            flagged.setdefault(row, []).append(entry)
            if chance is not None:
                p[row] = min(chance, p.get(row, 1.0))
            if label:
                suggested[row] = label
    ids = sorted(flagged)
    return Suspicion(
        rows=np.array(ids, dtype=np.int64),
        detectors=tuple(tuple(flagged[row]) for row in ids),
        p=np.array([p.get(row, np.nan) for row in ids]),
        suggested=tuple(suggested.get(row, "") for row in ids),
        triggers=triggers,
        silent=silent,
    )


def _marks(
    folder: Path, data: Dataset, *, trusted: Collection[str]
) -> tuple[tuple[SuspectedTrigger, ...], tuple[tuple[str, str], ...]]:
    """Marks of detectors that are believed, and why others are not measured."""
    path = folder / _ROWS / FILE
    if not path.is_file():
        return (), ()
    kept = decode(read_file(path), kind=Marks)
    if kept.digest != data.digest:
        message = f"{path} is about {kept.digest}, and {data.name} is {data.digest}; check it again"
        raise InputError(message)
    made = [(one, suspected(one, data)) for one in kept.marks if one.detector in trusted]
    lost = [(one.detector, _LOST) for one, mark in made if mark is None]
    return tuple(mark for _, mark in made if mark is not None), tuple(lost)


def _rows(finding: Finding, folder: Path) -> pl.DataFrame | None:
    """The rows of a finding; none where it points at none."""
    path = folder / _ROWS / f"{file_name(finding.id)}.parquet"
    if path.is_file():
        return checked_rows(path)
    if finding.flagged:
        message = (
            f"{finding.id} points at rows, and {path} is not there; run `bartizan data check "
            "--deep` again without --no-examples"
        )
        raise InputError(message)
    return None


def _same(report: Report, data: Dataset, *, path: Path) -> Subject:
    """What the report is about, if that is this data."""
    seen = [one for one in report.subjects if one.kind == "data"]
    if not seen or seen[0].digest != data.digest:
        then = seen[0].digest if seen else "no data"
        message = (
            f"{path} is about {then or 'data that was not read to the end'}, and "
            f"{data.name} is {data.digest} now: the data changed since the check, so that its "
            "row numbers mean nothing; check it again"
        )
        raise InputError(message)
    return seen[0]


def _require_target(subject: Subject, target: str, data: Dataset, *, path: Path) -> None:
    """Refuse other labels than those that detectors looked at."""
    checked = target_in(subject.detail)
    named = target if data.schema.image is None else Path(target).stem  # as a check names arrays
    if checked != named:
        message = (
            f"{path} is about the labels in {checked!r}, and --target says {target!r}: what is odd "
            f"beside one of them is not beside the other; say --target {checked}, or check again"
        )
        raise InputError(message)


def _require_looked(report: Report, entries: Sequence[str], *, path: Path) -> None:
    """Refuse a check that did not ask the detectors that are to be believed."""
    looked = {one.entry for one in report.findings if one.entry.startswith(DETECTOR)}
    if not looked:
        message = (
            f"no detector of poison looked at the data of {path}, so that it names no row and "
            "clears none; check with --deep, or leave --from out, so that the detectors run now"
        )
        raise UsageError(message)
    for entry in entries:
        if entry not in looked:
            gaps = [one.why for one in report.coverage.gaps if entry in one.what.split(", ")]
            message = (
                f"the check in {path} did not run {entry}{': ' if gaps else ''}{' '.join(gaps)}; "
                f"it ran {', '.join(sorted(looked))}. Leave --entry {entry} out, or check again"
            )
            raise UsageError(message)
