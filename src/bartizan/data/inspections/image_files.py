"""The inspection of files of pictures: bombs, passengers, damage, and what they tell of people."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Flagged, Measure, Severity, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.image_planted import planted_row
from bartizan.data.inspections.planting import looked

_FACTS = ("file", "width", "height", "problem", "hostile", "personal")
"""Columns of `Batch.raw` that `adapt.batches.images` makes."""

_NO_FILES = "There is no file of a picture: the images are kept in an array."


@dataclass(frozen=True)
class Params:
    """No settings."""


class ImageFiles:
    """Counts what the reader of the files found; keeps 8 bytes for each file with a fault."""

    def __init__(self) -> None:
        self._seen = False
        self._rows = 0
        self._bad: list[Ints] = []
        self._counts: Counter[str] = Counter()
        self._sizes: Counter[tuple[int, int]] = Counter()
        self._flagged: list[tuple[bool, Flagged]] = []

    def see(self, batch: Batch) -> None:
        """Look at the next files."""
        self._rows += batch.rows
        if not set(_FACTS) <= set(batch.raw.columns):
            return
        self._seen = True
        raw = batch.raw.with_row_index("place")
        self._sizes.update(zip(raw["width"].to_list(), raw["height"].to_list(), strict=True))
        bad = raw.filter((pl.col("problem") != "") | (pl.col("personal") != ""))
        self._bad.append(bad["place"].to_numpy().astype(np.int64) + batch.start)
        self._counts["hostile"] += int(raw["hostile"].sum())
        self._counts["personal"] += int((raw["personal"] != "").sum())
        self._counts["broken"] += int(((raw["problem"] != "") & ~raw["hostile"]).sum())
        for row in bad.iter_rows(named=True):
            self._flag(row, start=batch.start)

    def _flag(self, row: dict[str, object], *, start: int) -> None:
        """Keep the first places of the hostile ones, and of the others."""
        hostile = bool(row["hostile"])
        if sum(one is hostile for one, _ in self._flagged) >= FLAGGED:
            return
        tells = f"tells {row['personal']}" if row["personal"] else ""
        why = "; ".join(part for part in (str(row["problem"]), tells) if part)
        place = Flagged(row=start + int(str(row["place"])), value=ascii(row["file"])[1:-1], why=why)
        self._flagged.append((hostile, place))

    def result(self) -> CheckResult:
        """The share of files with a fault."""
        if not self._seen or not self._rows:
            why = "there is no file of a picture" if self._seen else _NO_FILES
            measure = Measure(name="faulty-image-files", value=None, why=why)
            return CheckResult(measures=(measure,), severity="medium")
        rows = np.concatenate([np.empty(0, np.int64), *self._bad])
        usual = self._sizes.most_common(1)[0][1]
        first = sorted(self._flagged, key=lambda pair: (not pair[0], pair[1].row or 0))
        severity: Severity = "high" if self._counts["hostile"] else "medium"
        return CheckResult(
            measures=(
                self._measure("faulty-image-files", len(rows)),
                self._measure("hostile-image-files", self._counts["hostile"]),
                self._measure("broken-or-refused-image-files", self._counts["broken"]),
                self._measure("image-files-that-tell-of-people", self._counts["personal"]),
                self._measure("image-files-of-another-size", self._rows - usual),
            ),
            severity=severity,
            flagged=tuple(place for _, place in first[:FLAGGED]),
            rows=rows,
            remarks=("Files were opened by pillow within limits of bytes, pixels and passes.",),
        )

    def _measure(self, name: str, count: int) -> Measure:
        return Measure(name=name, value=count / self._rows, n=self._rows)


def applies(brief: Brief) -> str:
    """Why this has nothing to say about the data; empty where it has."""
    return "" if brief.schema.image is not None else "Rows are no images."


def suits(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> str:
    """Why this has nothing to say about images that are kept in an array."""
    del brief, rng
    return "" if set(_FACTS) <= set(sample.raw.columns) else _NO_FILES


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> ImageFiles:
    """Look at the facts about each file that reading it gave."""
    del brief, params, rng
    return ImageFiles()


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant a picture with an archive after its end as one more file: it must be found.

    The planted bytes go through the same reader as the files did.
    """
    image = brief.schema.image
    if image is None or not sample.rows or not set(_FACTS) <= set(sample.raw.columns):
        return ControlResult(passed=False, detail="there is no file to plant a case beside")
    raw = pl.concat([sample.raw, planted_row(sample.raw.schema)])
    batch = Batch(start=sample.start, raw=raw, frame=sample.frame)
    rows = looked(run(brief, params=Params(), rng=rng), batch).rows
    seen = rows is not None and sample.start + sample.rows in rows
    return ControlResult(
        passed=seen,
        detail=f"a picture with a zip archive in its tail was {'found' if seen else 'missed'}",
    )


ENTRY = Entry(
    id="data.images",
    kind="inspection",
    title="Files of pictures that are not what they seem",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("faulty-image-files", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020", "AML.T0011.000"),
        owasp_ml=("ML02:2023", "ML06:2023"),
        nist_ai_100_2=("Data poisoning",),
    ),
    references=(
        "PNG specification, third edition (W3C 2025), 5.3; ITU-T T.81, annex B",
        "CWE-409, improper handling of highly compressed data; CWE-434, polyglot files",
        "EXIF 2.32 (CIPA DC-008), tables 3, 8 and 15",
    ),
    fix=(
        "Take hostile files out and ask where they came from. Save the others anew as PNG or JPEG "
        "of one size, without EXIF data."
    ),
)
