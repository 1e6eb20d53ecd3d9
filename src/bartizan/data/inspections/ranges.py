"""The inspection of numbers: none outside what the schema says can occur."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.schema import Feature
from bartizan.data.inspection import Brief
from bartizan.data.inspections.cellwise import Cellwise, Test, found_in
from bartizan.data.inspections.counted import tables_only
from bartizan.data.inspections.planting import altered, found


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if why := tables_only(brief):
        return why
    if brief.assumed:
        return "Nobody declared limits; those of the rows that were seen say nothing of others."
    return "" if _bounded(brief) else "No column of numbers has a smallest or largest value."


def _bounded(brief: Brief) -> list[Feature]:
    """Quantities with a limit; codes have categories instead."""
    return [
        one
        for one in brief.schema.features
        if one.type in ("number", "integer") and not (one.min is None and one.max is None)
    ]


def _outside(feature: Feature) -> Test:
    """Finds values beyond a limit; a missing one is not. The extremes are looked at first."""
    low = -math.inf if feature.min is None else feature.min
    high = math.inf if feature.max is None else feature.max

    def test(column: pl.Series) -> pl.Series | None:
        least, most = column.min(), column.max()
        if not isinstance(least, int | float) or not isinstance(most, int | float):
            return None  # nothing is there
        return None if least >= low and most <= high else (column < low) | (column > high)

    return test


def _limits(feature: Feature) -> str:
    low = "" if feature.min is None else f"at least {feature.min:g}"
    high = "" if feature.max is None else f"at most {feature.max:g}"
    return "outside: " + " and ".join(word for word in (low, high) if word)


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Cellwise:
    """Look for numbers below `min` or above `max`.

    Args:
        brief: The schema.
        params: None.
        rng: Not used.

    Returns:
        An inspection; `rows-out-of-range` is 0..1, larger = worse.
    """
    del params, rng
    tests = {one.name: _outside(one) for one in _bounded(brief)}
    limits = {one.name: _limits(one) for one in _bounded(brief)}

    def wrong(batch: Batch) -> Mapping[str, pl.Series]:
        return found_in(batch.frame, tests)

    return Cellwise(
        brief,
        measure="rows-out-of-range",
        what="are out of range",
        wrong=wrong,
        why=lambda column, _: limits[column],
    )


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A number beyond its limit must be found."""
    bounded = _bounded(brief)
    if not bounded:
        return ControlResult(passed=False, detail=applies(brief))
    one = bounded[0]
    beyond = _beyond(one)

    def fresh(told: Brief) -> Cellwise:
        return run(told, params=Params(), rng=rng)

    def plant(batch: Batch, row: int, told: Brief) -> Batch:
        del told
        return altered(batch, row=row, cells={one.name: beyond}, raw=str(beyond))

    return found(
        fresh, brief=brief, sample=sample, plant=plant, what=f"{one.name!r} beyond its limit"
    )


def _beyond(feature: Feature) -> float:
    """A number outside the limits, whole where the column is."""
    if feature.max is not None:
        made = np.floor(feature.max) + max(1.0, abs(feature.max))
    else:
        low = feature.min or 0.0
        made = np.ceil(low) - max(1.0, abs(low))
    return int(made) if feature.type == "integer" else float(made)


ENTRY = Entry(
    id="data.ranges",
    kind="inspection",
    title="Numbers within their declared range",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-out-of-range", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Backdoor poisoning",)
    ),
    references=(
        "Breck et al. (2019), Data Validation for Machine Learning, SysML",
        "Pleiter et al. (2023), Tabdoor: out-of-bounds triggers in tables",
    ),
    fix=(
        "Correct the rows that are listed, or widen min and max in the schema where such values "
        "are real. Values far outside the range are the cheapest trigger of a backdoor: look at "
        "the labels of these rows before you keep them."
    ),
)
