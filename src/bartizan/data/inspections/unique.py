"""The inspection of keys: what must occur once occurs once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.names import nearest
from bartizan.core.arrays import Mask
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import share
from bartizan.data.inspections.places import Places
from bartizan.data.inspections.planting import ROWS, looked, part, picked
from bartizan.data.keys import Gathered, drawn_seed, frame_marks, repeated


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    return "" if brief.rules.unique else "No rule says which columns must be unique."


class Key:
    """One tuple of columns: 9 bytes a row."""

    def __init__(self, columns: tuple[str, ...], *, seed: int) -> None:
        self.columns, self._seed = columns, seed
        self.absent = ""
        """Why there is no such key, if a column is missing."""
        self._hashes, self._empty = Gathered(np.uint64), Gathered(np.bool_)

    def see(self, batch: Batch) -> None:
        """Hash the key of the next rows."""
        chosen = []
        for name in self.columns:
            # A column of `frame` that the source lacks is null throughout: it is no key either.
            table = batch.frame if name in batch.frame.columns else batch.raw
            if name not in batch.raw.columns or name not in table.columns:
                self.absent = f"there is no column {name!r}{nearest(name, batch.raw.columns)}"
                return
            chosen.append(table[name])
        frame = pl.DataFrame(chosen)
        self._hashes.add(frame_marks(frame, seed=self._seed))
        self._empty.add(frame.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy())

    def judged(self, rows: int) -> tuple[Mask, Mask]:
        """Which rows share their key, and which have none; shape (n,) both."""
        if self.absent:
            return np.zeros(rows, dtype=np.bool_), np.ones(rows, dtype=np.bool_)
        empty = self._empty.values
        return repeated(self._hashes.values) & ~empty, empty


class Unique:
    """Keeps a hash of every key, and compares them at the end."""

    def __init__(self, brief: Brief, *, rng: np.random.Generator) -> None:
        self._keys = [Key(columns, seed=drawn_seed(rng)) for columns in brief.rules.unique]
        self._rows = 0
        self._first = 0

    def see(self, batch: Batch) -> None:
        """Hash the keys of the next rows."""
        self._first = self._first if self._rows else batch.start
        self._rows += batch.rows
        for key in self._keys:
            key.see(batch)

    def result(self) -> CheckResult:
        """The share of rows without a key of their own."""
        places, told = Places(), []
        for key in self._keys:
            twice, empty = key.judged(self._rows)
            wrong = np.flatnonzero(twice | empty)
            places.rows(wrong + self._first)
            told.append(_told(key, twice=twice, empty=empty))
            if key.absent:
                places.cell(None, column=", ".join(key.columns), why=key.absent)
                continue
            for row in wrong[:FLAGGED]:
                why = "no value in the key" if empty[row] else "the key occurs more than once"
                places.cell(int(row) + self._first, column=", ".join(key.columns), why=why)
        return CheckResult(
            measures=(self._measure(places),),
            severity="high",
            flagged=places.flagged,
            rows=places.ids,
            remarks=tuple(told),
        )

    def _measure(self, places: Places) -> Measure:
        return share("rows-without-own-key", hits=places.wrong_rows, rows=self._rows)


def _told(key: Key, *, twice: Mask, empty: Mask) -> str:
    name = " + ".join(map(repr, key.columns))
    if key.absent:
        return f"Key {name}: {key.absent}; no row has a key."
    return (
        f"Key {name}: {int(twice.sum())} of {len(twice)} rows share theirs with another row, "
        f"{int(empty.sum())} have a gap in it."
    )


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Unique:
    """Look for rows that share a key that should be theirs alone, or have none.

    Every row of a group that shares a key counts: which of them is the right one, nobody knows.
    A key with a missing or unfit value counts as none.

    Args:
        brief: The rules name the columns of each key.
        params: None.
        rng: Seeds of the hashes.

    Returns:
        An inspection; `rows-without-own-key` is 0..1, larger = worse.

    Cost: 9 bytes a row for each key, and 13 more while it sorts. Two different keys are taken
        for one with a chance of n^2 / 2^65: 3 in 100 million for a million rows.
    """
    del params
    return Unique(brief, rng=rng)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A row that is there twice must be found."""
    some = part(sample, 0, min(ROWS, sample.rows))
    if not some.rows:
        return ControlResult(passed=False, detail="the data holds no row to plant a case in")
    row = some.rows // 2
    twice = picked(some, [*range(some.rows), row])
    after = looked(run(brief, params=Params(), rng=rng), twice)
    wrong: Sequence[int] = [] if after.rows is None else after.rows.tolist()
    passed = {row + some.start, some.rows + some.start} <= set(wrong)
    return ControlResult(
        passed=passed,
        detail=f"row {row + some.start} was shown twice: {'found' if passed else 'not found'}",
    )


ENTRY = Entry(
    id="data.unique",
    kind="inspection",
    title="Keys that occur once",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-without-own-key", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=("Breck et al. (2019), Data Validation for Machine Learning, SysML",),
    fix=(
        "Find out why a key came twice: a batch that was loaded again, a join that multiplied "
        "rows, or records that somebody added under a key that is taken. Keep one row of each "
        "key. A key column that is missing has to come back, or the rule has to go."
    ),
)
