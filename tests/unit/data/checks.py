"""A data set and inspections made up for tests of the stage itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Flagged, Measure, Severity, Taxonomy
from bartizan.core.schema import Feature, Schema
from bartizan.data.inspection import Brief
from bartizan.data.request import Request

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SCHEMA = Schema(features=(Feature(name="amount"), Feature(name="name", personal=True)))


@dataclass
class Rows:
    """Ten numbers in batches of four; stands for a file."""

    values: list[float] = field(default_factory=lambda: [float(v) for v in range(10)])
    batch_rows: int = 4
    rows: int = 0
    digest: str | None = None
    broken_at: int | None = None

    def __iter__(self) -> Iterator[Batch]:
        self.rows = 0
        for start in range(0, len(self.values), self.batch_rows):
            if self.broken_at is not None and start >= self.broken_at:
                raise KeyboardInterrupt
            part = self.values[start : start + self.batch_rows]
            frame = pl.DataFrame({"amount": part, "name": ["Ann"] * len(part)})
            self.rows += len(part)
            yield Batch(start=start, raw=frame, frame=frame)
        self.digest = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Params:
    line: float = 7.0


@dataclass
class Above:
    """Points at amounts above a line."""

    line: float
    seen: int = 0
    found: list[int] = field(default_factory=list)

    def see(self, batch: Batch) -> None:
        self.seen += batch.rows
        over = (batch.frame["amount"] > self.line).arg_true()
        self.found += [batch.start + int(place) for place in over]

    def result(self) -> CheckResult:
        share = Measure(name="share-above", value=len(self.found) / self.seen, n=self.seen)
        places = tuple(Flagged(row=row, column="amount", why="too much") for row in self.found[:2])
        return CheckResult(
            measures=(share,),
            severity="high",
            flagged=places,
            rows=np.array(self.found, dtype=np.int64),
        )


def entry(
    name: str = "above",
    *,
    makes: Callable[[float], Any] = Above,
    finds: bool = True,
    accepted: float = 0.0,
) -> Entry:
    """An inspection of amounts."""

    def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Any:
        return makes(params.line)

    def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
        return ControlResult(passed=finds, detail=f"{sample.rows} rows, {finds}")

    return Entry(
        id=f"data.{name}",
        kind="inspection",
        title="Amounts above the line",
        run=run,
        params=Params(),
        needs=(),
        control=control,
        threshold=("share-above", "<=", accepted),
        taxonomy=Taxonomy(),
        references=(),
        fix="Lower them.",
    )


def request(*entries: Entry, rows: Any = None, fail_on: Severity = "high", **more: Any) -> Request:
    """A check of ten amounts."""
    return Request(
        brief=Brief(name="amounts", schema=SCHEMA, now=NOW),
        batches=cast("Any", Rows() if rows is None else rows),
        entries=entries,
        fail_on=fail_on,
        **more,
    )
