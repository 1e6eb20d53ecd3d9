"""The inspection of repeated rows: how many there are, and whether their labels agree."""

from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Measure, Taxonomy
from bartizan.data.codes import Coded
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import share
from bartizan.data.inspections.known import describes, feature_columns
from bartizan.data.inspections.places import Places
from bartizan.data.inspections.planting import ROWS, altered, looked, part, picked
from bartizan.data.keys import SLICE, Gathered, drawn_seed, marks_of, slices_of


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if brief.target is None:
        return "No target is named, so that no rows can contradict each other."
    return describes(brief)


@dataclass(frozen=True)
class Twins:
    """Rows that are alike in their features, and what their labels say."""

    rows: int
    labelled: int
    """Rows that have a label."""
    repeats: int
    """Rows that are alike, label included, to one before them."""
    largest: int
    """Rows of the largest group of rows that are alike in features and label."""
    against: int
    """Rows that say another label than most of those that are alike to them."""
    contradicting: Ints
    """Positions of these rows, ascending; where no label has most rows, of all concerned."""


def twins_of(keys: AnyArray, codes: AnyArray, *, at_once: int = SLICE) -> Twins:
    """Compare rows with equal keys.

    Args:
        keys: Hash of each row's features, shape (n,), uint64.
        codes: Its label, shape (n,), >= 0; -1 = none, which contradicts nothing.
        at_once: Rows compared at a time.

    Cost: n log n; 12 bytes a row, and 8 for each row that contradicts.
    """
    parts = [
        _compared(keys[rows], codes[rows], rows=rows) for rows in slices_of(keys, rows=at_once)
    ]
    none = np.empty(0, dtype=np.int64)
    return Twins(
        rows=len(keys),
        labelled=int((codes >= 0).sum()),
        repeats=sum(part.repeats for part in parts),
        largest=max((part.largest for part in parts), default=0),
        against=sum(part.against for part in parts),
        contradicting=np.sort(np.concatenate([none, *(part.contradicting for part in parts)])),
    )


def _compared(keys: AnyArray, codes: AnyArray, *, rows: Ints) -> Twins:
    """Rows in the order of their keys, shape (n,); `rows` are their positions in the data."""
    group = np.cumsum(np.append(True, keys[1:] != keys[:-1])) - 1
    width = int(codes.max(initial=0)) + 2
    pairs, pair, counts = np.unique(
        group * width + codes + 1, return_inverse=True, return_counts=True
    )
    of_pair, labelled = pairs // width, pairs % width > 0
    most, total = np.zeros((2, int(group[-1]) + 1), dtype=np.int64)
    np.maximum.at(most, of_pair[labelled], counts[labelled])
    np.add.at(total, of_pair[labelled], counts[labelled])
    leaders = np.bincount(of_pair[labelled & (counts == most[of_pair])], minlength=len(most))
    minority = labelled & ((counts < most[of_pair]) | (leaders[of_pair] > 1))
    return Twins(
        rows=len(keys),
        labelled=int((codes >= 0).sum()),
        repeats=len(keys) - len(pairs),
        largest=int(counts.max()),
        against=int((total - most).sum()),
        contradicting=rows[minority[pair]],
    )


class Duplicates:
    """Keeps a hash and a label of every row: 12 bytes a row, and as many while it compares."""

    def __init__(self, brief: Brief, *, rng: np.random.Generator) -> None:
        self._seed = drawn_seed(rng)
        self._columns = feature_columns(brief)
        self._target = brief.target or ""
        self._hashes, self._labels = Gathered(np.uint64), Coded()
        self._first: int | None = None

    def see(self, batch: Batch) -> None:
        """Hash the next rows."""
        self._first = batch.start if self._first is None else self._first
        self._hashes.add(marks_of(batch, columns=self._columns, seed=self._seed))
        self._labels.add(batch.frame[self._target])

    def result(self) -> CheckResult:
        """The share of rows whose label contradicts that of rows alike to them."""
        twins = twins_of(self._hashes.values, self._labels.codes)
        first = self._first or 0
        places = Places()
        places.rows(twins.contradicting + first)
        for row in twins.contradicting[:FLAGGED]:
            places.cell(int(row) + first, why="rows alike in all features have another label")
        return CheckResult(
            measures=(
                self._measure(twins),
                share("repeated-rows", hits=twins.repeats, rows=twins.rows),
                share("most-repeated-row", hits=twins.largest, rows=twins.rows),
            ),
            severity="medium",
            flagged=places.flagged,
            rows=places.ids,
            remarks=self._told(twins),
        )

    def _measure(self, twins: Twins) -> Measure:
        """Rows without a label contradict nothing, and agree with nothing either."""
        why = "no row has a label" if twins.rows else "the data holds no rows"
        return share("contradicting-rows", hits=twins.against, rows=twins.labelled, why=why)

    def _told(self, twins: Twins) -> tuple[str, ...]:
        return (
            (
                f"{twins.repeats} of {twins.rows} rows repeat one before them, label and all; "
                f"the most frequent row occurs {twins.largest} times. Columns that only name a row "
                "are left out."
            ),
            (
                f"{twins.against} rows say another label than most rows that are alike to them: no "
                "model can get them right together with the others."
            ),
            (
                "Rows that repeat with one label do not decide: many honest data sets are full of "
                "them. Keep them on one side of a split, and see data.leakage."
            ),
        )


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Duplicates:
    """Look for rows that are alike, and for labels of theirs that contradict each other.

    In each group of rows that are alike in their features, all rows but those with the most
    frequent label contradict: a lower bound of the error of any model on this data.

    Args:
        brief: The schema and the target.
        params: None.
        rng: Seed of the hashes.

    Returns:
        An inspection; `contradicting-rows` is 0..1, larger = worse.

    Cost: 12 bytes a row, and as many while it compares. Two different rows are taken for one
        with a chance of n^2 / 2^65.
    """
    del params
    return Duplicates(brief, rng=rng)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A row that is there again with another label must be found."""
    some = part(sample, 0, min(ROWS, sample.rows))
    if not some.rows or brief.target is None:
        return ControlResult(passed=False, detail="no row with a label to plant a case in")
    row = some.rows // 2
    twice = picked(some, [*range(some.rows), row, row])
    named = altered(twice, row=row, cells={brief.target: "planted a"}, raw="planted a")
    for extra in (some.rows, some.rows + 1):
        named = altered(named, row=extra, cells={brief.target: "planted b"}, raw="planted b")
    before = looked(run(brief, params=Params(), rng=rng), twice)
    after = looked(run(brief, params=Params(), rng=rng), named)
    old, new = before.measures[0].value or 0.0, after.measures[0].value or 0.0
    pointed = after.rows is not None and bool(np.isin(row + some.start, after.rows))
    return ControlResult(
        passed=pointed and new > old,
        detail=f"row {row + some.start} was shown thrice, with two labels: contradicting rows "
        f"went from {old:.2%} to {new:.2%}",
    )


ENTRY = Entry(
    id="data.duplicates",
    kind="inspection",
    title="Repeated rows, and labels that contradict each other",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("contradicting-rows", "<=", 0.01),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=(
        "Northcutt, Athalye, Mueller (2021), Pervasive label errors in test sets, NeurIPS",
    ),
    fix=(
        "Look at the groups that are listed and decide which label is right; rows that nobody can "
        "tell apart may lack a feature that tells them apart. One row that occurs very often is "
        "weighed as often: ask who sent it."
    ),
)
