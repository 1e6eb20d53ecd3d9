"""The inspection of labels that were other ones in the last registered version."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.data.codes import Coded
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import share
from bartizan.data.inspections.label_moves import Changes, compared
from bartizan.data.inspections.places import Places
from bartizan.data.inspections.planting import ROWS, altered, looked, part
from bartizan.data.keys import KEY_BYTES, Gathered, keys_of
from bartizan.data.label_book import LabelBook, book_of, named_columns, recoded

_PAIRS = 8
"""Pairs of labels that are told: the most frequent ones."""


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if brief.before is None:
        return "No version with labels was registered before this one."
    return "" if brief.target is not None else "No target is named."


class LabelChanges:
    """Keeps a hash and a label of every row: 12 bytes a row, and as many while it compares."""

    def __init__(self, *, before: LabelBook, target: str) -> None:
        self._before, self._target = before, target
        self._hashes, self._labels = Gathered(np.uint64), Coded(before.classes)
        self._first: int | None = None

    def see(self, batch: Batch) -> None:
        """Hash the next rows as the book does."""
        self._first = batch.start if self._first is None else self._first
        columns = named_columns(batch, target=self._target)
        self._hashes.add(keys_of(batch, columns=columns, key=self._before.key))
        self._labels.add(batch.frame[self._target])

    def result(self) -> CheckResult:
        """The share of rows known from before whose label is another one now."""
        classes = tuple(dict.fromkeys((*self._before.classes, *sorted(self._labels.classes))))
        codes = recoded(self._labels.codes, self._labels.classes, classes=classes)
        changes = compared(self._before, self._hashes.values, codes=codes, absent=len(classes))
        places = self._places(changes)
        rows = len(codes)
        return CheckResult(
            measures=(
                share(
                    "changed-labels",
                    hits=changes.changed,
                    rows=changes.known,
                    why="no row is known from the last registered version",
                ),
                share("known-rows", hits=changes.known, rows=rows),
            ),
            severity="high",
            flagged=places.flagged,
            rows=places.ids,
            remarks=self._told(changes, rows=rows, names=(*classes, "(none)")),
        )

    def _places(self, changes: Changes) -> Places:
        """Rows whose label their features did not have before."""
        places, first = Places(), self._first or 0
        places.rows(changes.rows + first)
        for row in changes.rows[:FLAGGED]:
            places.cell(int(row) + first, column=self._target, why="had another label before")
        return places

    def _told(self, changes: Changes, *, rows: int, names: tuple[str, ...]) -> tuple[str, ...]:
        pairs = [
            f"{names[source]!r} -> {names[goal]!r}: {count}"
            for source, goal, count in changes.pairs[:_PAIRS]
        ]
        more = f" and {len(changes.pairs) - _PAIRS} other pairs" * (len(changes.pairs) > _PAIRS)
        told = (
            (
                f"{changes.known} of {rows} rows are known from the last registered version, "
                f"which had {len(self._before.codes)}; of the others nothing is said."
            ),
            (
                "Where rows are alike in all columns, their labels are compared as a whole: the "
                "smallest number of changes that explains them counts."
            ),
        )
        return (*told, f"Changed: {', '.join(pairs)}{more}.") if pairs else told


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> LabelChanges:
    """Compare labels with those of the last registered version.

    Args:
        brief: The label book of that version, and the target.
        params: None.
        rng: Not used: the book brings its key.

    Returns:
        An inspection; `changed-labels` is 0..1 of the rows known from before, larger = worse.

    Cost: 12 bytes a row, and as many while it compares. Two different rows are taken for one with
        a chance of n^2 / 2^65.
    """
    del params, rng
    if brief.before is None or brief.target is None:
        return LabelChanges(before=_EMPTY, target=brief.target or "")
    return LabelChanges(before=brief.before, target=brief.target)


_EMPTY = LabelBook(
    key=bytes(KEY_BYTES),
    hashes=np.empty(0, dtype=np.uint64),
    codes=np.empty(0, dtype=np.uint32),
    classes=(),
)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A label that is changed after the rows were written down must be found."""
    some = part(sample, 0, min(ROWS, sample.rows))
    if not some.rows or brief.target is None:
        return ControlResult(passed=False, detail="no row with a label to plant a case in")
    told = replace(brief, before=book_of([some], target=brief.target, key=rng.bytes(KEY_BYTES)))
    row = some.rows // 2
    flipped = altered(some, row=row, cells={brief.target: "planted"}, raw="planted")
    before = looked(run(told, params=Params(), rng=rng), some)
    after = looked(run(told, params=Params(), rng=rng), flipped)
    pointed = after.rows is not None and bool(np.isin(row + some.start, after.rows))
    return ControlResult(
        passed=pointed and before.rows is None,
        detail=f"the label of row {row + some.start} was changed: "
        f"{'found' if pointed else 'not found'}; with no change "
        f"{0 if before.rows is None else len(before.rows)} of {some.rows} rows are pointed at",
    )


ENTRY = Entry(
    id="data.label-changes",
    kind="inspection",
    title="Labels that changed since the last registered version",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("changed-labels", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Availability poisoning", "Targeted poisoning"),
    ),
    references=(
        "Biggio, Nelson, Laskov (2011), Support vector machines under adversarial label noise",
    ),
    fix=(
        "Ask who changed these labels and why. Changes that are right, such as chargebacks that "
        "came in late, become the new state when you register this version, which writes down that "
        "labels changed and how many. Anything else is a label flip: restore the old labels."
    ),
)
