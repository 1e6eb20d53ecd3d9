"""Cases for the controls of inspections, planted in the user's own first batch."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, ControlResult
from bartizan.data.inspection import Brief, Inspection

ROWS = 1_000
"""Rows of the first batch that a control works on: enough to hide one among, and quick."""

Fresh = Callable[[Brief], Inspection]
"""Makes a fresh inspection of the entry under control."""


def part(batch: Batch, start: int, stop: int) -> Batch:
    """Rows from `start` up to `stop` of a batch, counted from its first row."""
    rows = slice(start, stop)
    return Batch(
        start=batch.start + start,
        raw=batch.raw[rows],
        frame=batch.frame[rows],
        unfit={name: mask[rows] for name, mask in batch.unfit.items() if mask[rows].any()},
        pixels=None if batch.pixels is None else batch.pixels[rows],
    )


def picked(batch: Batch, rows: list[int]) -> Batch:
    """Some rows of a batch, in any order and as often as they are named; ids start with its."""
    return Batch(
        start=batch.start,
        raw=batch.raw[rows],
        frame=batch.frame[rows],
        unfit={name: mask.gather(rows) for name, mask in batch.unfit.items()},
        pixels=None if batch.pixels is None else batch.pixels[rows],
    )


def altered(batch: Batch, *, row: int, cells: Mapping[str, object], raw: str = "?") -> Batch:
    """A batch with other values in some cells of one row.

    Args:
        batch: The rows.
        row: Position in the batch.
        cells: By column, what stands there in `frame`; None = nothing. Cells are fit then.
        raw: How it is spelled in `raw`, where that is text.
    """
    frame, table, unfit = batch.frame, batch.raw, dict(batch.unfit)
    for name, value in cells.items():
        frame = frame.with_columns(put(frame[name], row=row, value=value))
        if name in table.columns and table[name].dtype == pl.String:
            table = table.with_columns(put(table[name], row=row, value=raw))
        if name in unfit:
            unfit[name] = put(unfit[name], row=row, value=False)
    return replace(batch, raw=table, frame=frame, unfit=unfit)


def put(column: pl.Series, *, row: int, value: object) -> pl.Series:
    """A column with another value in one row."""
    here = pl.Series(np.arange(len(column)) == row)
    other = pl.Series(column.name, [value], dtype=column.dtype).new_from_index(0, len(column))
    return other.zip_with(here, column)


def looked(inspection: Inspection, *batches: Batch) -> CheckResult:
    """What an inspection says after some batches."""
    for batch in batches:
        inspection.see(batch)
    return inspection.result()


def found(
    fresh: Fresh,
    *,
    brief: Brief,
    sample: Batch,
    plant: Callable[[Batch, int, Brief], Batch],
    what: str,
) -> ControlResult:
    """Whether an inspection finds one row that is made wrong.

    The row is one that the inspection has nothing against; it must be pointed at afterwards, and
    the share of wrong rows must grow. Where every row is wrong from the start, there is none to
    plant in: the row that is pointed at has to do.

    Args:
        fresh: Makes the inspection, from the brief.
        brief: What it is told.
        sample: The first batch of the data; its first `ROWS` rows are used.
        plant: ``plant(batch, row, brief)`` makes that row wrong.
        what: What is planted, in words.
    """
    some = part(sample, 0, min(ROWS, sample.rows))
    if not some.rows:
        return ControlResult(passed=False, detail="the data holds no row to plant a case in")
    before = looked(fresh(brief), some)
    row = _good_row(before, some)
    after = looked(fresh(brief), plant(some, row, brief))
    old, new = before.measures[0].value or 0.0, after.measures[0].value or 0.0
    pointed = after.rows is not None and bool(np.isin(row + some.start, after.rows))
    return ControlResult(
        passed=pointed and (new > old or old >= 1.0),
        detail=f"{what} in row {row + some.start}: {'found' if pointed else 'not found'}; "
        f"{before.measures[0].name} went from {old:.2%} to {new:.2%} of {some.rows} rows",
    )


def _good_row(result: CheckResult, batch: Batch) -> int:
    """Position of a row that nothing is wrong with, as far into the batch as its middle."""
    wrong = np.zeros(batch.rows, dtype=np.bool_)
    if result.rows is not None:
        wrong[result.rows - batch.start] = True
    good = np.flatnonzero(~wrong)
    return int(good[len(good) // 2]) if len(good) else batch.rows // 2
