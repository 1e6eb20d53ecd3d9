"""The inspection of rows that also occur in a data set that must share none with this one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import share
from bartizan.data.inspections.known import describes, feature_columns
from bartizan.data.inspections.places import Places
from bartizan.data.inspections.planting import ROWS, looked, part
from bartizan.data.keys import Gathered, drawn_seed, marks_of


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if not brief.others:
        return "No other data set is named that must share no row with this one."
    return describes(brief)


class Leakage:
    """Knows a hash of every row of the other sets: 8 bytes for each of their rows."""

    def __init__(self, brief: Brief, *, rng: np.random.Generator) -> None:
        self._seed = drawn_seed(rng)
        self._columns = feature_columns(brief)
        self._lacking: dict[str, str] = {}
        self._others = {name: self._hashes(name, batches) for name, batches in brief.others.items()}
        self._shared = dict.fromkeys(self._others, 0)
        self._places = Places()
        self._rows = 0

    def _hashes(self, name: str, batches: Iterable[Batch]) -> AnyArray:
        """Ascending hashes of the rows of another set, each once."""
        found = Gathered(np.uint64)
        for batch in batches:
            if batch.pixels is None:
                have = frozenset(batch.raw.columns)
                absent = next((one for one in self._columns if one not in have), None)
                if absent is not None:
                    self._lacking.setdefault(name, absent)
            found.add(marks_of(batch, columns=self._columns, seed=self._seed))
        return np.unique(found.values)

    def see(self, batch: Batch) -> None:
        """Look the next rows up."""
        self._rows += batch.rows
        keys = marks_of(batch, columns=self._columns, seed=self._seed)
        anywhere = np.zeros(batch.rows, dtype=np.bool_)
        for name, known in self._others.items():
            here = known[np.searchsorted(known, keys) % len(known)] == keys if len(known) else None
            if here is None or not here.any():
                continue
            self._shared[name] += int(here.sum())
            anywhere |= here
            for row in np.flatnonzero(here)[:FLAGGED]:
                self._places.cell(batch.start + int(row), why=f"occurs in {name!r} as well")
        self._places.rows(np.flatnonzero(anywhere) + batch.start)

    def result(self) -> CheckResult:
        """The share of rows that occur in another set."""
        shared = share("shared-rows", hits=self._places.wrong_rows, rows=self._rows)
        why = self._blind()
        if why and shared.value is not None:
            value = shared.value or None  # of what cannot be compared, all rows may be shared
            shared = Measure(
                name=shared.name, value=value, why=why, low=value, high=1.0, n=self._rows
            )
        return CheckResult(
            measures=(shared,),
            severity="high",
            flagged=self._places.flagged,
            rows=self._places.ids,
            remarks=(
                *(
                    f"{count} of {self._rows} rows have the features of a row of {name!r}, which "
                    f"holds {len(self._others[name])} different rows."
                    for name, count in self._shared.items()
                ),
                *([f"Not compared: {why}."] if why else ()),
                (
                    "Compared without label and identifiers. Rows of few or coarse columns can be "
                    "alike by chance; a model knows them by heart all the same."
                ),
            ),
        )

    def _blind(self) -> str:
        """Why no row of another set can be alike to one of ours, if none can."""
        for name, known in self._others.items():
            if name in self._lacking:
                return f"{name!r} has no column {self._lacking[name]!r}"
            if not len(known):
                return f"{name!r} holds no rows"
        return ""


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Leakage:
    """Look up each row among those of the other sets, by a hash of its features.

    Args:
        brief: The other sets, which are read here, once.
        params: None.
        rng: Seed of the hashes.

    Returns:
        An inspection; `shared-rows` is 0..1, larger = worse.

    Cost: 8 bytes for each row of the other sets, twice that while they are sorted; n log m.
    """
    del params
    return Leakage(brief, rng=rng)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A row of this data that is put into another set must be found, and it alone."""
    some = part(sample, 0, min(ROWS, sample.rows))
    if not some.rows:
        return ControlResult(passed=False, detail="the data holds no row to plant a case in")
    row = some.rows // 2
    planted = part(some, row, row + 1)
    without = looked(run(_beside(brief, part(some, 0, 0)), params=Params(), rng=rng), some)
    after = looked(run(_beside(brief, planted), params=Params(), rng=rng), some)
    pointed = after.rows is not None and bool(np.isin(row + some.start, after.rows))
    return ControlResult(
        passed=pointed and without.rows is None,
        detail=f"row {row + some.start} was put into another set: "
        f"{'found' if pointed else 'not found'}; with nothing in it, "
        f"{0 if without.rows is None else len(without.rows)} rows",
    )


def _beside(brief: Brief, batch: Batch) -> Brief:
    return replace(brief, others={"planted": [batch]})


ENTRY = Entry(
    id="data.leakage",
    kind="inspection",
    title="Rows shared with another set",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("shared-rows", "<=", 0.01),
    taxonomy=Taxonomy(nist_ai_100_2=("Availability poisoning",)),
    references=(
        (
            "Kapoor and Narayanan (2023), Leakage and the reproducibility crisis in "
            "machine-learning-based science, Patterns 4"
        ),
    ),
    fix=(
        "Take shared rows out of the test set, or split again with rows that are alike on one "
        "side (and rows of one account, device or day as well). Up to the share that is shown, "
        "what the test says of the model is memory."
    ),
)
