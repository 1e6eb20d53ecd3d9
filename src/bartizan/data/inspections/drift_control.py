"""Plants drift in one column of the user's own rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, ControlResult
from bartizan.data.inspection import Brief, Inspection
from bartizan.data.inspections.halves import SURE, against, halves, swapped
from bartizan.data.inspections.reference import cells_of

_SHARE = 3
"""One row in three is given the same value: a change that 100 rows show."""


def planted_drift(run: Callable[..., Inspection], params: Any) -> Callable[..., ControlResult]:
    """The control of an inspection for drift of single columns."""

    def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
        """Half of the rows is the reference; a third of the other half gets one value."""
        first, second = halves(sample, rng=rng)
        here = against(brief, first, rng=rng)
        column = _column(here, second)
        if column is None:
            return ControlResult(passed=False, detail="no column has two different values")
        strict = replace(params, rate=SURE)
        clean = shown(run(here, params=strict, rng=rng), second)
        dirty = shown(run(here, params=strict, rng=rng), _spoilt(second, column=column, rng=rng))
        found = [flagged.column for flagged in dirty.flagged]
        alarms = [flagged.column for flagged in clean.flagged]
        return ControlResult(
            passed=column in found and not alarms,
            detail=(
                f"of {sample.rows} rows one half was the reference; with a third of the other "
                f"half set to one value of {column!r}, that column was "
                f"{'found' if column in found else 'not found'}; without, "
                f"{len(alarms)} columns were found"
            ),
        )

    return control


def shown(inspection: Inspection, batch: Batch) -> CheckResult:
    """What a fresh inspection says of one batch."""
    inspection.see(batch)
    return inspection.result()


def _column(brief: Brief, batch: Batch) -> str | None:
    """The column with the most different values, of those that are compared."""
    counts = {name: batch.frame[name].drop_nulls().n_unique() for name in cells_of(brief)}
    if not counts or max(counts.values()) < 2:
        return None
    return max(counts, key=lambda name: counts[name])


def _spoilt(batch: Batch, *, column: str, rng: np.random.Generator) -> Batch:
    """A third of the rows with the rarest value of a column."""
    values = batch.frame[column]
    rarest = (
        values.drop_nulls()
        .value_counts(name="count")
        .sort("count", values.name)
        .get_column(values.name)[0]
    )
    rows = rng.permutation(batch.rows)[: batch.rows // _SHARE]
    mask = np.zeros(batch.rows, dtype=bool)
    mask[rows] = True
    planted = pl.select(
        pl.when(pl.Series(mask)).then(pl.lit(rarest, dtype=values.dtype)).otherwise(values)
    ).to_series()
    return swapped(batch, column=column, values=planted)
