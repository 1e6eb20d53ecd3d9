"""Plants a lost and a changed canary in the user's own rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Mask
from bartizan.core.entry import ControlResult
from bartizan.data.inspection import Brief, Inspection
from bartizan.data.inspections.drift_control import shown
from bartizan.data.inspections.halves import swapped, taken

_CANARIES = 3
"""One is removed, one is changed, one is left alone."""


def planted_loss(run: Callable[..., Inspection], params: Any) -> Callable[..., ControlResult]:
    """The control of an inspection for canaries."""

    def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
        """Three rows of the sample are the canaries; one of them is left alone."""
        canaries = sample.frame.unique(maintain_order=True).head(_CANARIES)
        column = _column(canaries)
        if canaries.height < _CANARIES or column is None:
            return ControlResult(passed=False, detail="fewer than three rows differ")
        here = replace(brief, canaries=canaries)
        clean = shown(run(here, params=params, rng=rng), sample)
        kept = taken(sample, rows=np.flatnonzero(~_equal(sample, canaries[0])))
        spoilt = _spoilt(kept, rows=_equal(kept, canaries[1]), column=column)
        found = shown(run(here, params=params, rng=rng), spoilt)
        value, before = found.measures[0].value, clean.measures[0].value
        passed = value == 2 / _CANARIES and before == 0 and len(found.flagged) == 2
        return ControlResult(
            passed=passed,
            detail=(
                f"of three rows one was removed and one changed in {column!r}: {value:.0%} were "
                f"found missing, and {before:.0%} before"
            ),
        )

    return control


def _column(canaries: pl.DataFrame) -> str | None:
    """A column in which the row to be changed has a value; the last such, which is the target."""
    names = [name for name in canaries.columns if canaries[name].slice(1, 1).null_count() == 0]
    return names[-1] if names and canaries.height > 1 else None


def _equal(batch: Batch, row: pl.DataFrame) -> Mask:
    """Which rows are equal to one row; shape (n,)."""
    same = [pl.col(name).eq_missing(pl.lit(row[name][0], row.schema[name])) for name in row.columns]
    return batch.frame.select(pl.all_horizontal(same).alias("same"))["same"].to_numpy()


def _spoilt(batch: Batch, *, rows: Mask, column: str) -> Batch:
    """The batch with another value in one column of some rows."""
    values = batch.frame[column]
    changed = pl.lit("?") + values if values.dtype == pl.String else values + 1
    planted = pl.select(pl.when(pl.Series(rows)).then(changed).otherwise(values)).to_series()
    return swapped(batch, column=column, values=planted)
