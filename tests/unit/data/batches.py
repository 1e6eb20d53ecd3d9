"""Batches of small tables, for tests of inspections."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.fitted import fitted
from bartizan.core.entry import CheckResult
from bartizan.core.finding import Outcome, Threshold
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.core.verdict import judged
from bartizan.data.inspection import Brief
from bartizan.data.label_book import book_of
from bartizan.data.profile import DataProfile
from bartizan.data.profiling import Profiler
from bartizan.data.rules import Rules

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCHEMA = Schema(
    features=(
        Feature(name="id", type="integer", identifier=True),
        Feature(name="amount", type="number", min=0, max=100),
        Feature(name="failed", type="integer", min=0),
        Feature(name="total", type="integer", min=0),
        Feature(name="colour", type="categorical", categories=("red", "green", "blue")),
        Feature(name="grade", type="ordered", categories=("low", "high")),
        Feature(name="note", type="number", missing=True),
        Feature(name="age", type="number", personal=True, min=0, max=120),
    ),
    relations=("failed <= total",),
)
TARGET = "label"
CANARY = ("id", "amount", "total")
"""Columns of the known rows that must be there."""


def cut(
    table: pl.DataFrame, *, schema: Schema = SCHEMA, target: str | None = TARGET, size: int = 1000
) -> list[Batch]:
    """A table in batches of `size` rows; one batch where it has no rows."""
    made = []
    for start in range(0, max(table.height, 1), size):
        raw = table[start : start + size]
        frame, unfit = fitted(raw, schema=schema, target=target)
        made.append(Batch(start=start, raw=raw, frame=frame, unfit=unfit))
    return made


def clean(rows: int = 300) -> pl.DataFrame:
    """The first rows, at most 1,000, of a table that no inspection is against, under `told`."""
    return _whole()[:rows]


@cache
def _whole(rows: int = 1000) -> pl.DataFrame:
    draw = rng(3, "clean")
    total = draw.integers(1, 10, rows)
    note = [None if at % 4 == 0 else float(at % 7) for at in range(rows)]
    table = {
        "id": np.arange(rows),
        "amount": draw.uniform(0, 100, rows).round(3),
        "failed": draw.integers(0, total + 1),
        "total": total,
        "colour": draw.choice(["red", "green", "blue"], rows),
        "grade": draw.choice(["low", "high"], rows),
        "note": note,
        "age": draw.integers(18, 90, rows).astype(float),
        "when": [(NOW - timedelta(minutes=at)).isoformat() for at in range(rows)],
        TARGET: ["fraud" if at % 5 == 0 else "normal" for at in range(rows)],
    }
    return pl.DataFrame(table, strict=False)


def spelled(table: pl.DataFrame) -> pl.DataFrame:
    """The same as text, as a CSV has it."""
    return table.select(pl.all().cast(pl.String))


def put(table: pl.DataFrame, column: str, cells: Mapping[int, Any]) -> pl.DataFrame:
    """The table with other values in some rows of a column."""
    values = table[column].to_list()
    for row, value in cells.items():
        values[row] = value
    return table.with_columns(pl.Series(column, values, dtype=table[column].dtype))


def told(table: pl.DataFrame | None = None, **changes: Any) -> Brief:
    """A brief under which every inspection of `clean` applies."""
    return replace(_told_of_all() if table is None else _told(table), **changes)


@cache
def _told_of_all() -> Brief:
    return _told(clean())


def _told(table: pl.DataFrame) -> Brief:
    rules = Rules(
        unique=(("id",), ("id", "when")),
        time="when",
        max_age_h=24,
        growth=1.5,
        source="colour",
        quota=0.6,
    )
    other = clean(40).with_columns(pl.col("amount") / 7)
    return Brief(
        name="payments",
        schema=SCHEMA,
        target=TARGET,
        rules=rules,
        profile=profiled(clean(1000), rules=rules),
        before=book_of(cut(table), target=TARGET, key=bytes(range(32))),
        before_rows=table.height,
        others={"test": cut(other)},
        canaries=clean(4).select(CANARY),
        now=NOW,
    )


def profiled(reference: pl.DataFrame, *, rules: Rules) -> DataProfile:
    """What a table of this kind looks like."""
    profiler = Profiler(SCHEMA, target=TARGET, rules=rules, rng=rng(1, "profile"))
    for batch in cut(reference):
        profiler.see(batch)
    return profiler.profile()


def inspected(
    module: ModuleType,
    batches: Sequence[Batch],
    *,
    brief: Brief,
    seed: int = 0,
    params: object = None,
) -> CheckResult:
    """What an inspection says of all batches."""
    inspection = module.run(
        brief, params=module.Params() if params is None else params, rng=rng(seed, "inspection")
    )
    for batch in batches:
        inspection.see(batch)
    result: CheckResult = inspection.result()
    return result


def outcome(module: ModuleType, result: CheckResult) -> Outcome:
    """The verdict that a report would show."""
    name, op, line = module.ENTRY.threshold
    assert result.measures[0].name == name
    value = line if result.line is None else result.line
    threshold = Threshold(measure=name, op=op, value=value, source="default")
    return judged(result.measures[0], threshold, unsure=module.ENTRY.unsure)[0]


def rows_of(result: CheckResult) -> list[int]:
    return [] if result.rows is None else result.rows.tolist()


def plain(result: CheckResult) -> tuple[object, ...]:
    """A result as something that can be compared."""
    return (
        result.measures,
        result.severity,
        result.line,
        result.flagged,
        result.remarks,
        rows_of(result),
    )
