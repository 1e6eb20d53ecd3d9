"""The inspection of characters that deceive: look-alikes, invisible ones, turned directions."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.planting import looked
from bartizan.detect.spelling import DAMAGED, deceptions, skeleton

_ODD = r"[^\t\n\r -~]"
"""Whatever is no printable ASCII, and no tab or end of line."""
_SHOWN = 40
"""Characters of a value in a report."""
_LONG = 64
"""Characters of the longest category: longer ones are sentences, which nobody compares at a
glance."""


@dataclass(frozen=True)
class Params:
    """How much is kept."""

    categories: int = 1 << 16
    """Distinct values of a column up to which they are compared with each other: beyond it, they
    are no categories. 65,536 of 20 letters are 6 MB."""


@dataclass
class _Spelled:
    """One spelling of a category."""

    rows: int = 0
    places: list[Ints] = field(default_factory=list)
    """Row ids, of spellings that are not ASCII; 8 bytes a row."""


class Spellings:
    """Looks at every text column, as the source spells it; numbers hold no text."""

    def __init__(self, brief: Brief, *, params: Params) -> None:
        self._shown = {one.name for one in brief.schema.features if not one.personal}
        self._shown |= {brief.target} if brief.target else set()
        kinds = {one.name for one in brief.schema.features if one.categories}
        self._kinds: dict[str, dict[str, _Spelled] | None] = {name: {} for name in kinds}
        if brief.target is not None:
            self._kinds[brief.target] = {}
        self._most = params.categories
        self._rows = 0
        self._bad: list[Ints] = []
        """Row ids, 8 bytes for each value that deceives; so are the next."""
        self._damaged: list[Ints] = []
        self._flagged: dict[str, list[Flagged]] = {}
        """The first of each column, so that batches of any size name the same places."""

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        self._rows += batch.rows
        for name in batch.raw.columns:
            column = batch.raw[name]
            if column.dtype in (pl.Categorical, pl.Enum):
                column = column.cast(pl.String)
            if column.dtype == pl.String:
                self._look(name, column, start=batch.start)

    def _look(self, name: str, column: pl.Series, *, start: int) -> None:
        text = "".join(column.str.join("").to_list())  # one pass in C over all values
        odd = not (text.isascii() and text.isprintable()) and column.str.contains(_ODD)
        if isinstance(odd, pl.Series):
            spots = np.flatnonzero(odd.fill_null(value=False).to_numpy())
            self._judge(name, column.gather(spots), spots + start)
        self._count(name, column, start=start)

    def _judge(self, name: str, values: pl.Series, ids: Ints) -> None:
        """Look at values that are no plain ASCII, each distinct one once."""
        broken = values.str.contains(DAMAGED).to_numpy()
        self._damaged.append(ids[broken])
        told = {value: deceptions(value) for value in values.unique().to_list()}
        bad = [value for value, kinds in told.items() if kinds]
        if not bad:
            return
        spots = np.flatnonzero(values.is_in(bad).to_numpy())
        self._bad.append(ids[spots])
        kept = self._flagged.setdefault(name, [])
        for spot in spots[: FLAGGED - len(kept)].tolist():
            why = "holds " + "; ".join(told[values[spot]])
            kept.append(self._flag(int(ids[spot]), name, value=values[spot], why=why))

    def _flag(self, row: int, name: str, *, value: str, why: str) -> Flagged:
        shown = ascii(value[:_SHOWN])[1:-1] if name in self._shown else ""
        return Flagged(row=row, column=name, value=shown, why=why)

    def _count(self, name: str, column: pl.Series, *, start: int) -> None:
        """Remember the spellings of a category, until they are too many to be categories."""
        known = self._kinds.get(name)
        if known is None:
            return
        for value, count in column.drop_nulls().value_counts(name="rows of it").iter_rows():
            spelled = known.setdefault(value, _Spelled())
            spelled.rows += count
            if not value.isascii():
                same = (column == value).fill_null(value=False).to_numpy()
                spelled.places.append(np.flatnonzero(same) + start)
            if len(known) > self._most:  # text, or names of rows
                self._kinds[name] = None
                return

    def _twins(self) -> Iterator[tuple[str, str, str, Ints]]:
        """Column, the rarer spelling, the other one, rows of the rarer."""
        for name, known in self._kinds.items():
            homes: dict[str, list[str]] = {}
            for value in sorted(value for value in known or {} if len(value) <= _LONG):
                homes.setdefault(skeleton(value), []).append(value)
            for values in homes.values():
                if len(values) > 1:
                    yield from self._pairs(name, known or {}, values)

    @staticmethod
    def _pairs(
        name: str, known: dict[str, _Spelled], values: list[str]
    ) -> Iterator[tuple[str, str, str, Ints]]:
        usual = max(values, key=lambda value: (value.isascii(), known[value].rows))
        for value in values:
            if value != usual and not value.isascii():
                yield name, value, usual, np.concatenate(known[value].places)

    def result(self) -> CheckResult:
        """The share of rows with a value that deceives."""
        flagged = [one for kept in self._flagged.values() for one in kept]
        pairs = sorted(self._twins(), key=lambda pair: (int(pair[3][0]), pair[0]))
        bad = _joined(self._bad)
        both = _joined([bad, *(rows for *_, rows in pairs)])
        for name, value, _, rows in pairs:
            why = f"looks like another value of the column ({len(rows)} rows)"
            flagged.append(self._flag(int(rows[0]), name, value=value, why=why))
        first = sorted(flagged, key=lambda one: (one.row or 0, one.column))
        return CheckResult(
            measures=(
                _measure("deceptive-rows", len(both), self._rows),
                _measure("rows-with-hidden-or-mixed-characters", len(bad), self._rows),
                _measure("rows-with-damaged-encoding", len(_joined(self._damaged)), self._rows),
            ),
            severity="medium",
            flagged=tuple(first[:FLAGGED]),
            rows=both,
            remarks=self._remarks(),
        )

    def _remarks(self) -> tuple[str, ...]:
        wide = sorted(name for name, known in self._kinds.items() if known is None)
        if not wide:
            return ()
        text = (
            f"Values of {', '.join(wide)} were looked at one by one and not compared with each "
            f"other: there are more than {self._most} different ones."
        )
        return (text,)


def _joined(parts: list[Ints]) -> Ints:
    """Row ids, ascending, each once."""
    return np.unique(np.concatenate([np.empty(0, np.int64), *parts]))


def _measure(name: str, count: int, rows: int) -> Measure:
    if not rows:
        return Measure(name=name, value=None, why="there is no row")
    return Measure(name=name, value=count / rows, n=rows)


def applies(brief: Brief) -> str:
    """Why this has nothing to say about the data; empty where it has."""
    if brief.schema.image is not None:
        return "Rows are images, and hold no text."
    if not brief.schema.features and brief.target is None:
        return "There is no column."
    return ""


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Spellings:
    """Look for characters that deceive people or filters.

    Args:
        brief: Its schema says which columns hold categories, and which are personal.
        params: How much is kept.
        rng: Not used.
    """
    del rng
    return Spellings(brief, params=params)


_PLANTED = "p\u0430ypal \u202eexe"
"""A Cyrillic letter among Latin ones, and an override of direction."""


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant a disguised word in one cell of the first batch: it must be found, in that row."""
    if not sample.rows:
        return ControlResult(passed=False, detail="there is no row to plant a case in")
    texts = [name for name in sample.raw.columns if sample.raw[name].dtype == pl.String]
    name = texts[0] if texts else "planted text"
    row = int(rng.integers(sample.rows))
    before = sample.raw[name].to_list() if texts else [""] * sample.rows
    before[row] = _PLANTED
    raw = sample.raw.with_columns(pl.Series(name, before, dtype=pl.String))
    batch = Batch(start=sample.start, raw=raw, frame=sample.frame)
    rows = looked(run(brief, params=Params(), rng=rng), batch).rows
    seen = rows is not None and sample.start + row in rows
    return ControlResult(
        passed=seen,
        detail=f"a disguised word in row {sample.start + row} was {'found' if seen else 'missed'}",
    )


ENTRY = Entry(
    id="data.confusables",
    kind="inspection",
    title="Characters that deceive",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("deceptive-rows", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020", "AML.T0043"),
        owasp_ml=("ML02:2023", "ML01:2023"),
        nist_ai_100_2=("Data poisoning",),
    ),
    references=(
        "Unicode Technical Standard #39, Unicode security mechanisms",
        "Boucher and Anderson (2021), Trojan Source: invisible vulnerabilities",
        "Boucher et al. (2022), Bad characters: imperceptible NLP attacks, IEEE S&P",
    ),
    fix=(
        "Look at the rows named. Bring text to NFKC and refuse invisible characters where data "
        "enters, before the model learns from it and before it answers."
    ),
)
