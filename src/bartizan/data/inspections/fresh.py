"""The inspection of time: rows new enough, none from the future, and a clock that goes right."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.names import nearest
from bartizan.adapt.tables.moments import moments
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import share
from bartizan.data.inspections.places import Places, hidden
from bartizan.data.inspections.planting import ROWS, looked, part, put

_DAY = 86_400 * 10**6
"""Microseconds of a day."""
_MEASURE = "untimely-rows"


@dataclass(frozen=True)
class Params:
    """How far a row may be ahead of our clock."""

    ahead_s: float = 300.0
    """Of times: clocks of machines that nobody sets differ by minutes."""
    ahead_of_day_h: float = 14.0
    """Of dates without a time: a day starts 14 hours earlier in Kiribati than in Greenwich."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    return "" if brief.rules.time is not None else "No rule says which column holds the time."


class Fresh:
    """Reads the time of every row."""

    def __init__(self, brief: Brief, *, params: Params) -> None:
        self._brief, self._params = brief, params
        self._column = brief.rules.time or ""
        self._places = Places(hide=hidden(brief.schema))
        self._now = round(brief.now.timestamp() * 10**6)
        self._absent = ""
        self._rows = self._unread = self._ahead = self._zoneless = 0
        self._newest: int | None = None
        self._furthest: int | None = None

    def see(self, batch: Batch) -> None:
        """Read the times of the next rows, as they are spelled."""
        self._rows += batch.rows
        if self._column not in batch.raw.columns:
            self._absent = nearest(self._column, batch.raw.columns)
            return
        made, zoneless = moments(batch.raw[self._column])
        times = made.to_physical()
        unread, ahead = times.is_null(), self._future(times)
        self._zoneless += zoneless
        self._unread += int(unread.sum())
        self._ahead += int(ahead.sum())
        self._newest = _later(self._newest, times.filter(~(unread | ahead)).max())
        self._furthest = _later(self._furthest, times.filter(ahead).max())
        self._places.add(batch, {self._column: unread}, why=lambda _, __: "no time is read here")
        self._places.add(batch, {self._column: ahead}, why=lambda _, __: "from the future")

    def _future(self, times: pl.Series) -> pl.Series:
        """Which rows are later than now, and later than a difference of clocks explains."""
        whole_day = (times % _DAY == 0).fill_null(value=False)
        day = self._now + round(self._params.ahead_of_day_h * 3600 * 10**6)
        moment = self._now + round(self._params.ahead_s * 10**6)
        return ((times > day) | ((times > moment) & ~whole_day)).fill_null(value=False)

    def result(self) -> CheckResult:
        """The share of rows without a time that can be true: all, where the newest is too old."""
        age = None if self._newest is None else (self._now - self._newest) / (3600 * 10**6)
        limit = self._brief.rules.max_age_h
        if self._absent:
            why = f"there is no column {self._column!r}{self._absent}"
            self._places.cell(None, column=self._column, why=why)
        old = age is not None and limit is not None and age > limit
        wrong = self._places.wrong_rows
        deciding = share(
            _MEASURE, hits=self._rows if old or self._absent else wrong, rows=self._rows
        )
        if self._set_back and self._rows:
            why = "our clock is behind the last registration, so no age can be told"
            deciding = Measure(name=_MEASURE, value=None, why=why)
        return CheckResult(
            measures=(
                deciding,
                share("rows-from-the-future", hits=self._ahead, rows=self._rows),
                share("rows-without-time", hits=self._unread, rows=self._rows),
                *self._age(age),
            ),
            severity="medium",
            flagged=self._places.flagged,
            rows=self._places.ids,
            remarks=self._told(age, old=old),
        )

    @property
    def _set_back(self) -> bool:
        """Whether our clock says that it is before the last version was registered."""
        at = self._brief.before_at
        slack = timedelta(seconds=self._params.ahead_s)
        return at is not None and self._brief.now + slack < at

    def _age(self, age: float | None) -> tuple[Measure, ...]:
        if age is None:
            return ()
        return (Measure(name="age-of-newest-row", value=max(age, 0.0), unit="hours", n=self._rows),)

    def _told(self, age: float | None, *, old: bool) -> tuple[str, ...]:
        """What was read, and what is wrong with it."""
        limit, told = self._brief.rules.max_age_h, []
        if self._absent:
            told.append(f"There is no column {self._column!r}{self._absent}. Every row is wrong.")
        if age is not None:
            allowed = "no limit is set" if limit is None else f"at most {limit:g} are allowed"
            told.append(f"The newest row is {age:.1f} hours old; {allowed}.")
        if old:
            told.append("The newest row is too old, so all of them are.")
        if self._unread:
            told.append(f"{self._unread} of {self._rows} rows have no time that can be read.")
        if self._ahead and self._furthest is not None:
            hours = (self._furthest - self._now) / (3600 * 10**6)
            told.append(
                f"{self._ahead} rows are from the future, by up to {hours:.1f} hours: their times "
                "are wrong, or our clock was set back."
            )
        if self._zoneless:
            told.append(f"{self._zoneless} times name no zone and were read as UTC.")
        if self._set_back and self._brief.before_at is not None:
            told.append(
                f"It is {_shown(self._brief.now)} by our clock, but the last version was "
                f"registered at {_shown(self._brief.before_at)}: the clock was set back."
            )
        return tuple(told)


def _later(first: int | None, second: object) -> int | None:
    """The later one of two moments that may not be known."""
    if not isinstance(second, int):
        return first
    return second if first is None else max(first, second)


def _shown(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Fresh:
    """Read the time of each row and compare it with our clock.

    Args:
        brief: The column of times, the largest age, the clock, and when the last version was
            registered.
        params: How far a row may be ahead of our clock.
        rng: Not used.

    Returns:
        An inspection; `untimely-rows` is 0..1, larger = worse: rows from the future or without a
        time that can be read; 1 where the newest row is too old. Unknown where our clock is
        behind the last registration: then it was set back.
    """
    del rng
    return Fresh(brief, params=params)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Rows of now must pass; one from the future and rows a day too old must be found."""
    some = part(sample, 0, min(ROWS, sample.rows))
    column = brief.rules.time
    if not some.rows or column is None:
        return ControlResult(passed=False, detail="no row with a time to plant a case in")
    limit = brief.rules.max_age_h or 24.0
    rules = msgspec.structs.replace(brief.rules, max_age_h=limit)
    told = replace(brief, rules=rules, before_at=None)
    row = some.rows // 2
    now = _timed(some, column, at=brief.now)
    future = _timed(now, column, at=brief.now + timedelta(days=2), row=row)
    old = _timed(some, column, at=brief.now - timedelta(hours=limit + 24))
    good, ahead, late = (
        looked(run(told, params=Params(), rng=rng), batch) for batch in (now, future, old)
    )
    found = ahead.rows is not None and ahead.rows.tolist() == [row + some.start]
    return ControlResult(
        passed=good.measures[0].value == 0.0 and found and late.measures[0].value == 1.0,
        detail=f"row {row + some.start} was put into the future: "
        f"{'found' if found else 'not found'}; rows of now: {_value(good)} untimely, rows a day "
        f"too old: {_value(late)}",
    )


def _value(result: CheckResult) -> str:
    value = result.measures[0].value
    return "unknown" if value is None else f"{value:.0%}"


def _timed(batch: Batch, column: str, *, at: datetime, row: int | None = None) -> Batch:
    """The rows, or one of them, with another time."""
    text = at.isoformat()
    if row is None:
        times = pl.Series(column, [text]).new_from_index(0, batch.rows)
    else:
        times = put(batch.raw[column], row=row, value=text)
    return replace(batch, raw=batch.raw.with_columns(times))


ENTRY = Entry(
    id="data.fresh",
    kind="inspection",
    title="Times that can be true, and rows that are new enough",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=(_MEASURE, "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=("ISO 8601-1:2019, on the representation of dates and times",),
    fix=(
        "Where rows are too old, find the feed that stopped: a model that learns from stale data "
        "does not see what fraud looks like today. Correct times that cannot be true, write zones "
        "with them, and set the clock of this machine from a source that you trust."
    ),
)
