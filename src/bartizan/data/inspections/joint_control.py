"""Plants a change of how columns go together in the user's own rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import ControlResult
from bartizan.data.inspection import Brief, Inspection
from bartizan.data.inspections.drift_control import shown
from bartizan.data.inspections.halves import SURE, against, halves, swapped
from bartizan.data.inspections.reference import cells_of


def planted_joint(run: Callable[..., Inspection], params: Any) -> Callable[..., ControlResult]:
    """The control of an inspection for drift of all columns together."""

    def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
        """Half of the rows is the reference; in the other, every second column is sorted."""
        first, second = halves(sample, rng=rng)
        here = against(brief, first, rng=rng)
        if here.profile is None or here.profile.joint is None:
            return ControlResult(
                passed=False, detail=f"{sample.rows} rows are too few, or all are alike"
            )
        strict = replace(params, rate=SURE)
        clean = shown(run(here, params=strict, rng=rng), second).measures[0].value
        dirty = shown(run(here, params=strict, rng=rng), _sorted(second, brief=here))
        found = dirty.measures[0].value
        if clean is None or found is None:
            return ControlResult(passed=False, detail=dirty.measures[0].why)
        return ControlResult(
            passed=found > 0 and not clean,
            detail=(
                f"of {sample.rows} rows one half was the reference; the other half, its values "
                f"sorted in every second column so that each column kept its values, had a joint "
                f"drift of {found:.2%}, and {clean:.2%} as it was"
            ),
        )

    return control


def _sorted(batch: Batch, *, brief: Brief) -> Batch:
    """Every second column sorted by itself: each column as before, but all of them go together."""
    for name in list(cells_of(brief))[::2]:
        batch = swapped(batch, column=name, values=batch.frame[name].sort())
    return batch
