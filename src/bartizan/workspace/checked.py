"""The result of a check of data, and how it is saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bartizan.adapt.batches import Batches
from bartizan.adapt.image_batches import ImageBatches
from bartizan.core.arrays import Ints
from bartizan.core.finding import Finding, Outcome
from bartizan.core.report import Report
from bartizan.report import FORMATS, save
from bartizan.workspace.examples import examples_folder, file_name, written

_MOST_ROWS = 10_000
"""Of one finding: enough to see what they have in common, and a file that opens."""


@dataclass(frozen=True)
class Checked:
    """A report on a data set, and the rows it points at."""

    report: Report
    rows: Mapping[str, Ints]
    """By finding, ids of all rows it points at, ascending."""
    batches: Batches | ImageBatches

    @property
    def outcome(self) -> Outcome:
        """Of the whole run."""
        return self.report.outcome

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return self.report.findings

    def published(self, *, examples: bool) -> Report:
        """The report; values of personal columns are in it under no condition."""
        del examples
        return self.report

    def save(
        self, out: str | Path, *, formats: Iterable[str] = tuple(FORMATS), examples: bool = True
    ) -> list[Path]:
        """Write the report, and the rows that findings point at.

        Args:
            out: Folder; made if need be.
            formats: Of the report.
            examples: Whether to write rows. They are real rows, as the source spells them: the
                folder is for its owner only (0700), and git is told to leave it alone.

        Returns:
            The files.

        Raises:
            OutputError: they cannot be written; what was written before stays.
        """
        out = Path(out)
        files = save(self.report, out, formats=formats)
        if examples:
            with examples_folder(out / "examples") as folder:
                files += [
                    written(frame, folder / f"{file_name(finding)}.parquet")
                    for finding, frame in self.frames().items()
                ]
        return files

    def frames(self) -> dict[str, pl.DataFrame]:
        """By finding that did not pass, the first rows it points at, as the source spells them.

        Returns:
            A column ``row`` with their ids, then the columns of the source. The source is read
            once more.
        """
        passed = {finding.id for finding in self.findings if finding.outcome == "pass"}
        wanted = {
            name: rows[:_MOST_ROWS]
            for name, rows in self.rows.items()
            if rows.size and name not in passed
        }
        if not wanted:
            return {}
        last = max(int(rows[-1]) for rows in wanted.values())
        parts: dict[str, list[pl.DataFrame]] = {name: [] for name in wanted}
        for batch in self.batches:
            for name, rows in wanted.items():
                begin, end = np.searchsorted(rows, [batch.start, batch.start + batch.rows])
                if begin < end:
                    ids = rows[begin:end]
                    found = batch.raw[ids - batch.start]
                    if "row" in found.columns:
                        found = found.rename({"row": "column.row"})
                    parts[name].append(found.insert_column(0, pl.Series("row", ids)))
            if batch.start + batch.rows > last:
                break
        return {name: pl.concat(found, how="vertical_relaxed") for name, found in parts.items()}
