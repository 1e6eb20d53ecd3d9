"""Plants a source that floods the user's own rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.core.entry import ControlResult
from bartizan.data.inspection import Brief, Inspection
from bartizan.data.inspections.drift_control import shown
from bartizan.data.profile import DataProfile
from bartizan.data.tally import Tally, source_of

_PLANTED = "planted by the control"


def planted_flood(run: Callable[..., Inspection], params: Any) -> Callable[..., ControlResult]:
    """The control of an inspection for sources."""

    def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
        """A new source takes the rows it needs to break a limit; at first it has none."""
        before = source_of(sample, rules=brief.rules)
        if before is None:
            return ControlResult(passed=False, detail="no column names sources")
        here = _own(brief, before)
        quota = brief.rules.quota
        share = 0.5 if quota is None else (1 + quota) / 2
        rows = rng.permutation(sample.rows)[: round(share * sample.rows)]
        flooded = _flooded(sample, before, rows=rows, column=str(brief.rules.source))
        found = shown(run(here, params=params, rng=rng), flooded)
        named = [one.value for one in found.flagged if one.value == _PLANTED or not one.value]
        value = found.measures[0].value
        return ControlResult(
            passed=value is not None and value >= len(rows) / sample.rows > 0 and bool(named),
            detail=(
                f"a new source was given {len(rows)} of {sample.rows} rows; sources over their "
                f"limit were found to have {0 if value is None else value:.1%} of them"
            ),
        )

    return control


def _own(brief: Brief, sources: pl.Series) -> Brief:
    """The same brief with the sample's own sources as the reference."""
    tally = Tally()
    tally.see(sources)
    profile = DataProfile(rows=len(sources), columns=(), sources=tally.named(most=None, least=1))
    return replace(brief, profile=profile, target=None)


def _flooded(batch: Batch, before: pl.Series, *, rows: Ints, column: str) -> Batch:
    """The batch with some rows from the planted source."""
    mask = np.zeros(batch.rows, dtype=bool)
    mask[rows] = True
    planted = pl.when(pl.Series(mask)).then(pl.lit(_PLANTED)).otherwise(before).alias(column)
    return replace(batch, raw=batch.raw.with_columns(planted))
