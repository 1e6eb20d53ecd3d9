"""Data sets of polars frames, and what an inspection or a profile says of them."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.reading import open_batches
from bartizan.core.entry import CheckResult, Entry
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.profile import DataProfile
from bartizan.data.profiling import Profiler
from bartizan.data.rules import Rules

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NO_RULES = Rules()


def schema_of(frame: pl.DataFrame, *, target: str | None = None, **more: Feature) -> Schema:
    """Numbers, whole numbers and categories as the frame has them; `more` in place of some."""
    features = []
    for column in frame.iter_columns():
        if column.name == target:
            continue
        if column.dtype == pl.String:
            names = tuple(sorted(column.drop_nulls().unique().to_list())) or ("none",)
            made = Feature(name=column.name, type="categorical", categories=names)
        else:
            whole = column.dtype.is_integer()
            made = Feature(name=column.name, type="integer" if whole else "number")
        features.append(more.get(column.name, made))
    return Schema(features=tuple(features))


def batches(
    frame: pl.DataFrame, *, schema: Schema, target: str | None = None, rows: int = 1 << 20
) -> list[Batch]:
    """The frame in batches of so many rows."""
    return list(
        open_batches(frame, schema=schema, target=target, batch_rows=rows, batch_cells=1 << 30)
    )


def profile_of(
    frame: pl.DataFrame,
    *,
    schema: Schema | None = None,
    target: str | None = None,
    rules: Rules = NO_RULES,
    rows: int = 1 << 20,
    seed: int = 0,
) -> DataProfile:
    """The profile of a frame that is read in batches of so many rows."""
    schema = schema or schema_of(frame, target=target)
    profiler = Profiler(schema, target=target, rules=rules, rng=rng(seed))
    for batch in batches(frame, schema=schema, target=target, rows=rows):
        profiler.see(batch)
    return profiler.profile()


def brief_of(
    frame: pl.DataFrame,
    *,
    schema: Schema | None = None,
    target: str | None = None,
    rules: Rules = NO_RULES,
    **more: Any,
) -> Brief:
    """A brief for data like the frame, with the frame as reference unless `more` has another."""
    schema = schema or schema_of(frame, target=target)
    more.setdefault("profile", profile_of(frame, schema=schema, target=target, rules=rules))
    return Brief(name="d", schema=schema, target=target, rules=rules, now=NOW, **more)


def inspected(
    entry: Entry,
    frame: pl.DataFrame,
    *,
    brief: Brief,
    rows: int = 1 << 20,
    seed: int = 1,
    params: Any = None,
) -> CheckResult:
    """What an inspection says of a frame that is read in batches of so many rows."""
    shown = entry.run(brief, params=params or entry.params, rng=rng(seed))
    for batch in batches(frame, schema=brief.schema, target=brief.target, rows=rows):
        shown.see(batch)
    result: CheckResult = shown.result()
    return result


def table(n: int, *, seed: int = 0, d: int = 6) -> pl.DataFrame:
    """Numbers, whole numbers, a mostly empty number, and categories, which depend on each other."""
    draws = rng(seed, "table")
    mixed = draws.standard_normal((n, d)) @ (np.eye(d) + 0.3)
    names = np.array(["red", "green", "blue"])
    return pl.DataFrame({f"n{i}": mixed[:, i] for i in range(d)}).with_columns(
        pl.Series("whole", draws.poisson(3.0, n)),
        pl.Series("rare", np.where(draws.random(n) < 0.95, 0.0, mixed[:, 0])),
        pl.Series("gaps", mixed[:, 1]).set(pl.Series(draws.random(n) < 0.1), None),
        pl.Series("colour", names[np.digitize(mixed[:, 2], [-0.5, 1.0])]),
        pl.Series("y", np.where(mixed[:, 0] + mixed[:, -1] > 0, "yes", "no")),
    )
