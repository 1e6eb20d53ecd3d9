"""The result of a check of data, and how it is saved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import polars as pl

from bartizan.adapt.batches.arrays import AnyBatches
from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.finding import Finding, Outcome, file_name
from bartizan.core.record import encode
from bartizan.core.report import Report
from bartizan.data.cleaning.checked_rows import MOST_ROWS
from bartizan.data.cleaning.marks import FILE as MARKS
from bartizan.data.cleaning.marks import Marks
from bartizan.data.detector_slot import Marked
from bartizan.report import FORMATS, save
from bartizan.workspace.examples import examples_folder, put, written


@dataclass(frozen=True)
class Checked:
    """A report on a data set, and the rows it points at."""

    report: Report
    rows: Mapping[str, Ints]
    """By finding, ids of all rows it points at, ascending."""
    batches: AnyBatches
    marked: Mapping[str, Marked] = field(default_factory=dict)
    """By finding of a detector, what it says of each row it points at."""
    marks: Marks | None = None
    """Marks that detectors suspect; none = they looked at nothing."""

    @property
    def outcome(self) -> Outcome:
        """Of the whole run."""
        return self.report.outcome

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return self.report.findings

    def published(self, *, examples: bool) -> Report:
        """The report; values of personal columns are in it under no condition.

        Args:
            examples: Whether pictures may be shown: they are rows.
        """
        if examples:
            return self.report
        bare = tuple(_without_pictures(finding) for finding in self.report.findings)
        return msgspec.structs.replace(self.report, findings=bare)

    def save(
        self, out: str | Path, *, formats: Iterable[str] = tuple(FORMATS), examples: bool = True
    ) -> list[Path]:
        """Write the report, the rows that findings point at, and the marks that are suspected.

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
        files = save(self.published(examples=examples), out, formats=formats)
        if examples:
            with examples_folder(out / "examples") as folder:
                files += [
                    written(frame, folder / f"{file_name(finding)}.parquet")
                    for finding, frame in self.frames().items()
                ]
                files += [
                    put(folder / f"{file_name(finding)}.npz", partial(_save_arrays, arrays))
                    for finding, arrays in self.pictures().items()
                ]
                if self.marks is not None and self.marks.marks:
                    raw = encode(self.marks)
                    files.append(put(folder / MARKS, lambda path: path.write_bytes(raw)))
        return files

    def frames(self) -> dict[str, pl.DataFrame]:
        """By finding that did not pass, the first rows it points at, as the source spells them.

        Returns:
            A column ``row`` with their ids, for detectors ``p``, ``suggested`` and ``detector``,
            then the columns of the source. The source is read once more.
        """
        parts: dict[str, list[pl.DataFrame]] = {name: [] for name in self._wanted}
        for name, batch, ids in self._pieces():
            found = batch.raw[ids - batch.start]
            said = self._said(name, ids)
            found = found.rename(_moved(found.columns, taken=[one.name for one in said]))
            parts[name].append(found.select(*said, pl.all()))
        return {
            name: pl.concat(found, how="vertical_relaxed") for name, found in parts.items() if found
        }

    def pictures(self) -> dict[str, dict[str, AnyArray]]:
        """By finding of a detector that did not pass, the pictures it points at.

        Returns:
            Arrays: ``images`` (n, h, w, c) as the source has them, and (n,) each ``row``, ``p``,
            ``suggested`` and ``detector``. The source is read once more.
        """
        if self.batches.schema.image is None:
            return {}
        found: dict[str, list[AnyArray]] = {}
        for name, batch, ids in self._pieces():
            if name in self.marked and batch.pixels is not None:
                found.setdefault(name, []).append(batch.pixels[ids - batch.start])
        return {
            name: {
                "images": np.concatenate(pixels),
                **{
                    column.name: column.fill_null("").to_numpy().astype(str)
                    if column.dtype == pl.String
                    else column.to_numpy()
                    for column in self._said(name, self._wanted[name])
                },
            }
            for name, pixels in found.items()
        }

    @cached_property
    def _wanted(self) -> dict[str, Ints]:
        """By finding that did not pass, the first rows it points at."""
        passed = {finding.id for finding in self.findings if finding.outcome == "pass"}
        return {
            name: rows[:MOST_ROWS]
            for name, rows in self.rows.items()
            if rows.size and name not in passed
        }

    def _pieces(self) -> Iterator[tuple[str, Batch, Ints]]:
        """Every batch with the ids of the rows in it that a finding wants."""
        if not self._wanted:
            return
        last = max(int(rows[-1]) for rows in self._wanted.values())
        for batch in self.batches:
            for name, rows in self._wanted.items():
                begin, end = np.searchsorted(rows, [batch.start, batch.start + batch.rows])
                if begin < end:
                    yield name, batch, rows[begin:end]
            if batch.start + batch.rows > last:
                break

    def _said(self, name: str, ids: Ints) -> list[pl.Series]:
        """Columns that tell a row's id, and what a detector says of it."""
        told, marked = [pl.Series("row", ids)], self.marked.get(name)
        if marked is None:
            return told
        places = np.searchsorted(marked.ids, ids)
        better = [marked.suggested[place] for place in places]
        spelled = [None if one is None else str(one) for one in better]
        return [
            *told,
            pl.Series("p", marked.p[places]),
            pl.Series("suggested", spelled, dtype=pl.String),
            pl.Series("detector", [name.partition("@")[0]] * len(ids), dtype=pl.String),
        ]


def _moved(columns: Sequence[str], *, taken: Sequence[str]) -> dict[str, str]:
    """By name of a column that has the name of one of ours, another name, which nobody has."""
    found: dict[str, str] = {}
    for name in sorted(set(columns) & set(taken)):
        other = f"column.{name}"
        while other in columns:
            other = f"column.{other}"
        found[name] = other
    return found


def _save_arrays(arrays: Mapping[str, AnyArray], path: Path) -> None:
    """Write arrays to exactly this path."""
    with path.open("wb") as file:
        np.savez_compressed(file, **cast("dict[str, Any]", arrays))


def _without_pictures(finding: Finding) -> Finding:
    """A finding that shows no row."""
    return msgspec.structs.replace(
        finding,
        flagged=tuple(msgspec.structs.replace(one, picture="") for one in finding.flagged),
        suspects=tuple(msgspec.structs.replace(one, views=None) for one in finding.suspects),
    )
