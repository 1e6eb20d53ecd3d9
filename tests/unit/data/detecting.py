"""A detector made up for tests of the stage: rows whose label is not the sign of column `a`."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.batches.arrays import AnyBatches, array_batches
from bartizan.adapt.batches.reading import open_batches
from bartizan.core.arrays import Ints
from bartizan.core.entry import (
    CheckResult,
    ControlResult,
    DetectorResult,
    Entry,
    SuspectedTrigger,
)
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.core.report import Report, Tool
from bartizan.core.trigger import Cells, Overlay
from bartizan.data.inspection import Brief
from bartizan.data.labelled import Labelled
from bartizan.data.request import Deep, Request
from bartizan.data.rules import Rules
from bartizan.data.verification import Verification
from bartizan.store import Store

Seen = list[Labelled]
TOOL = Tool(name="bartizan", version="0", catalog="sha256:0")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROOM = 4 << 30


@dataclass(frozen=True)
class Params:
    line: float = 0.0


@dataclass
class Sign:
    """What it was shown, and how it behaves."""

    finds: bool = True
    breaks: str = ""
    stops: bool = False
    why: str = ""

    def __post_init__(self) -> None:
        self.seen: Seen = []

    def applies(self, rows: Labelled) -> str:
        self.seen.append(rows)
        return self.why

    def control(self, *, rows: Labelled, rng: np.random.Generator) -> ControlResult:
        del rng
        return ControlResult(passed=self.finds, detail=f"planted in {len(rows.data.y)} rows")

    def run(
        self, rows: Labelled, *, params: Params, rng: np.random.Generator
    ) -> Generator[float, None, DetectorResult]:
        del rng
        yield 0.5
        if self.breaks:
            raise ValueError(self.breaks)
        if self.stops:
            raise KeyboardInterrupt
        data = rows.data
        wrong = (data.x[:, 0] > params.line) != (data.y == 1)
        places = np.flatnonzero(wrong).astype(np.int64)
        share = Measure(name="rows-believed-wrong", value=float(wrong.mean()), n=len(wrong))
        flagged = tuple(
            Flagged(row=int(data.ids[place]), column=_column(rows), value="3", why="odd")
            for place in places
        )
        check = CheckResult(
            measures=(share,), severity="high", flagged=flagged, rows=data.ids[places]
        )
        p = np.where(wrong, 0.001, 1.0)
        suggested = np.where(wrong, 1 - data.y, -1)
        return DetectorResult(
            check=check, p=p, suggested=suggested, triggers=_triggers(rows, places)
        )


def _column(rows: Labelled) -> str:
    return "" if rows.data.schema.image else rows.data.schema.names[0]


def _triggers(rows: Labelled, places: Ints) -> tuple[SuspectedTrigger, ...]:
    mark: Any
    width = rows.data.x.shape[1]
    if rows.data.schema.image:
        mark = Overlay(mask=np.where(np.arange(width) < 2, 1.0, 0.0), pattern=np.full(width, 255.0))
    else:
        name = rows.data.schema.names[0]
        mark = Cells(columns=np.array([0]), values=np.array([4057.0]), names=(name,))
    return (SuspectedTrigger(trigger=mark, target=1, rows=places),) if places.size else ()


def detector(
    name: str = "sign", *, sign: Sign | None = None
) -> tuple[Entry, Callable[[Labelled], str]]:
    """An entry, and what says whether it applies."""
    made = sign or Sign()
    entry = Entry(
        id=f"poison.{name}",
        kind="detector",
        title="Labels that are not the sign of a",
        run=made.run,
        params=Params(),
        needs=(),
        control=made.control,
        threshold=("rows-believed-wrong", "<=", 0.0),
        taxonomy=Taxonomy(),
        references=(),
        fix="Look at them.",
    )
    return entry, made.applies


def table(n: int = 40, *, wrong: tuple[int, ...] = (3, 31)) -> pl.DataFrame:
    """Labels are the sign of `a`, but for some rows."""
    a = np.where(np.arange(n) % 4 == 0, 1.0, -1.0) * (1 + np.arange(n) / n)
    y = (a > 0).astype(int)
    y[list(wrong)] = 1 - y[list(wrong)]
    return pl.DataFrame({"a": a, "b": np.arange(n) % 7 / 7, "y": y})


def looked(
    source: Any, sign: Sign, store: Store, *, target: str = "y", **more: Any
) -> Verification:
    """A run over data with one detector and no inspection."""
    rules = more.pop("rules", Rules())
    entry, applies = detector(sign=sign)
    more = {"limit_bytes": ROOM, **more}
    deep = Deep(entries=(entry,), applies={entry.id: applies}, **more)
    batches = _opened(source, target)
    brief = Brief(name="rows", schema=batches.schema, target=batches.target, rules=rules, now=NOW)
    request = Request(brief=brief, batches=batches, entries=(), deep=deep)
    return Verification(request, store=store, tool=TOOL, clock=lambda: NOW)


def _opened(source: Any, target: str) -> AnyBatches:
    arrays = array_batches(source, target=None) if isinstance(source, tuple) else None
    return arrays or open_batches(source, target=target, name="rows", batch_rows=16)


def ended(run: Verification) -> Report:
    for _ in run:
        pass
    return run.report()
