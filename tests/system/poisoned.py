"""A table with wrong labels in it, and the folder of a check that has found them."""

import csv
from pathlib import Path

import numpy as np

from bartizan.adapt.batches.reading import open_batches
from bartizan.adapt.tables.reading import read_table
from bartizan.core.arrays import Ints
from bartizan.core.evidence import Subject
from bartizan.core.finding import Finding, Flagged
from bartizan.core.report import Coverage, Report, Tool
from bartizan.core.streams import rng
from bartizan.data.detector_slot import Marked
from bartizan.data.subject_detail import detail_of
from bartizan.workspace.checked import Checked

ROWS = 240
FLIPPED = np.arange(5, ROWS, 24)
"""Rows whose label was flipped."""
ENTRY = "poison.labels"


def save_table(folder: Path, *, name: str = "shop.csv") -> Path:
    """Two clouds, a group, and ten wrong labels; spelled as people do."""
    stream = rng(0, "clouds")
    y = stream.integers(0, 2, ROWS)
    x = stream.normal(size=(ROWS, 2)) + 3.0 * y[:, None]
    y[FLIPPED] = 1 - y[FLIPPED]
    path = folder / name
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["a", "b", "group", "fraud"])
        for place, (row, label) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            words = ["no", "yes"][label]
            writer.writerow([f"{row[0]:.4f}0", f"{row[1]:.3e}", "fm"[place % 2], words])
    return path


def labels(path: Path) -> list[str]:
    """The labels of a table."""
    found: list[str] = read_table(path, target="fraud").frame["fraud"].to_list()
    return found


def save_check(folder: Path, data: Path, *, rows: Ints | None = None, silent: bool = False) -> Path:
    """What `data check --deep` writes when a detector points at rows, by default the wrong ones.

    With `silent` it reached no verdict.
    """
    rows = FLIPPED if rows is None else rows
    batches = open_batches(data, target="fraud")
    list(batches)
    words = labels(data)
    finding = Finding(
        id=f"{ENTRY}@{batches.name}",
        entry=ENTRY,
        title="Wrong labels",
        subject=batches.name,
        outcome="inconclusive" if silent else "fail" if len(rows) else "pass",
        reason="planted by a test",
        severity="high" if len(rows) else "none",
        flagged=tuple(Flagged(row=row, why="planted") for row in rows[:20].tolist()),
    )
    report = Report(
        tool=Tool(name="bartizan", version="0", catalog=""),
        subjects=(
            Subject(
                kind="data",
                name=batches.name,
                digest=batches.digest or "",
                digest_kind="sha256",
                detail=detail_of(batches.schema, target=batches.target),
            ),
        ),
        attackers=(),
        outcome=finding.outcome,
        headline="",
        findings=(finding,),
        evidence=(),
        coverage=Coverage(
            profile="data",
            seed=0,
            rows=0,
            rows_total=len(words),
            rows_protected=0,
            planned=(finding.id,),
        ),
    )
    marked = Marked(
        ids=rows,
        p=np.full(len(rows), 0.001),
        suggested=tuple("no" if words[row] == "yes" else "yes" for row in rows.tolist()),
    )
    found = {finding.id: rows} if len(rows) else {}
    said = {finding.id: marked} if len(rows) else {}
    Checked(report=report, rows=found, batches=batches, marked=said).save(folder, formats=("json",))
    return folder
