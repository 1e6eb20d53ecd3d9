"""Tables as batches, cut as a test wants them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, Entry
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def schema_of(table: pl.DataFrame, *, target: str | None = None, **facts: object) -> Schema:
    """Numbers are numbers, texts are categories."""
    features = []
    for name in table.columns:
        if name == target:
            continue
        if table[name].dtype.is_numeric():
            features.append(Feature(name=name))
        else:
            texts = tuple(sorted(table[name].drop_nulls().unique().to_list())) or ("",)
            features.append(Feature(name=name, type="categorical", categories=texts))
    return Schema(features=tuple(features), **facts)  # type: ignore[arg-type]  # a test's own facts


def brief_of(table: pl.DataFrame, *, target: str | None = None) -> Brief:
    """What is known of a table."""
    return Brief(name="table", schema=schema_of(table, target=target), target=target, now=NOW)


def cut(table: pl.DataFrame, *, size: int = 1000, target: str | None = None) -> Iterator[Batch]:
    """Batches of at most that many rows; raw is text, as in a CSV file."""
    names = [name for name in table.columns if name != target] + ([target] if target else [])
    typed = [
        pl.col(name).cast(pl.Float64)
        if table[name].dtype.is_numeric() and name != target
        else pl.col(name).cast(pl.String)
        for name in names
    ]
    for start in range(0, table.height, size):
        part = table.slice(start, size)
        raw = part.select(pl.all().cast(pl.String))
        yield Batch(start=start, raw=raw, frame=part.select(typed))


def inspect(
    entry: Entry, table: pl.DataFrame, *, size: int = 1000, target: str | None = None, seed: int = 0
) -> CheckResult:
    """Show all batches of a table to an inspection of its own."""
    brief = brief_of(table, target=target)
    looking = entry.run(brief, params=entry.params, rng=rng(seed, entry.id))
    for batch in cut(table, size=size, target=target):
        looking.see(batch)
    found: CheckResult = looking.result()
    return found
