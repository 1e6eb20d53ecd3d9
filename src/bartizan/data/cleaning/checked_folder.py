"""What an earlier check of the data wrote: rows that detectors pointed at, and suspected marks."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from bartizan.adapt.files.whole import read_file
from bartizan.core.dataset import Dataset
from bartizan.core.entry import SuspectedTrigger
from bartizan.core.errors import InputError
from bartizan.core.finding import Finding
from bartizan.core.record import decode
from bartizan.core.report import Report
from bartizan.data.cleaning.marks import FILE, Marks, suspected
from bartizan.data.cleaning.suspicion import Suspicion, believed, silent_among

_MOST = 10_000
"""Rows of a finding that a check writes at most (`workspace.checked`)."""
_LOST = (
    "the columns or pictures of today cannot carry a mark that it suspects, so that it is not "
    "measured; leave --from out, so that the detectors run now"
)
_REPORT, _ROWS = "report.json", "examples"


def checked_suspicion(folder: Path, data: Dataset, *, entries: Sequence[str] = ()) -> Suspicion:
    """Read which rows a check pointed at.

    Args:
        folder: Where `data check --deep` wrote its report and its rows.
        data: The data of today.
        entries: Ids of detectors to believe; none = all of them.

    Returns:
        The rows, and the marks of detectors that are believed. A mark that the data of today
        cannot carry is named among those that are silent.

    Raises:
        InputError: the folder holds no such report, or the data changed since.
    """
    report = decode(read_file(folder / _REPORT), kind=Report)
    _require_same(report, data, folder=folder)
    flagged: dict[int, list[str]] = {}
    p: dict[int, float] = {}
    suggested: dict[int, str] = {}
    findings = [one for one in report.findings if not entries or one.entry in entries]
    trusted = believed(findings, named=entries)
    for finding in findings:
        if finding.entry in trusted and (frame := _rows(finding, folder)) is not None:
            for row in frame.iter_rows(named=True):
                flagged.setdefault(row["row"], []).append(finding.entry)
                if row.get("p") is not None:
                    p[row["row"]] = min(row["p"], p.get(row["row"], 1.0))
                if row.get("suggested"):
                    suggested[row["row"]] = str(row["suggested"])
    ids = sorted(flagged)
    triggers, lost = _marks(folder, data, trusted=trusted)
    found = Suspicion(
        rows=np.array(ids, dtype=np.int64),
        detectors=tuple(tuple(flagged[row]) for row in ids),
        p=np.array([p.get(row, np.nan) for row in ids]),
        suggested=tuple(suggested.get(row, "") for row in ids),
        triggers=triggers,
        silent=(*silent_among(findings, named=entries), *lost),
    )
    found.within(data)
    return found


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
    name = "".join(c if c.isalnum() or c in "-._" else "_" for c in finding.id)
    path = folder / _ROWS / f"{name}.parquet"
    if path.is_file():
        return _whole(path)
    if finding.flagged:
        message = (
            f"{finding.id} points at rows, and {path} is not there; run `bartizan data check "
            "--deep` again without --no-examples"
        )
        raise InputError(message)
    return None


def _whole(path: Path) -> pl.DataFrame:
    """All rows of a finding."""
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"{path} cannot be read: {error}; run the check again"
        raise InputError(message) from error
    if frame.height >= _MOST:
        message = (
            f"{path} holds the first {frame.height:,} rows, and more may be flagged; leave --from "
            "out, so that the detectors run now"
        )
        raise InputError(message)
    return frame


def _require_same(report: Report, data: Dataset, *, folder: Path) -> None:
    """Refuse data other than what was checked."""
    seen = [one for one in report.subjects if one.kind == "data"]
    if not seen or seen[0].digest != data.digest:
        then = seen[0].digest if seen else "no data"
        message = (
            f"{folder / _REPORT} is about {then or 'data that was not read to the end'}, and "
            f"{data.name} is {data.digest} now: the data changed since the check, so that its "
            "row numbers mean nothing; check it again"
        )
        raise InputError(message)
