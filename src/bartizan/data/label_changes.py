"""The inspection of labels that were other ones in the last registered version."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from bartizan.adapt.batch import Batch
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.data.codes import Coded
from bartizan.data.counted import share
from bartizan.data.inspection import Brief
from bartizan.data.keys import KEY_BYTES, SLICE, Gathered, keys_of, slices_of
from bartizan.data.label_book import LabelBook, book_of, named_columns, recoded
from bartizan.data.places import Places
from bartizan.data.planting import ROWS, altered, looked, part

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

    def _places(self, changes: "Changes") -> Places:
        """Rows whose label their features did not have before."""
        places, first = Places(), self._first or 0
        places.rows(changes.rows + first)
        for row in changes.rows[:FLAGGED]:
            places.cell(int(row) + first, column=self._target, why="had another label before")
        return places

    def _told(self, changes: "Changes", *, rows: int, names: tuple[str, ...]) -> tuple[str, ...]:
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


@dataclass(frozen=True)
class Changes:
    """How labels moved between two versions."""

    known: int
    """Rows that are in both, each as often as it is in both."""
    changed: int
    """The fewest of them that must have got another label."""
    pairs: tuple[tuple[int, int, int], ...]
    """(code before, code now, rows), most frequent first."""
    rows: Ints
    """Positions of known rows with a label that rows alike to them have more often than before,
    ascending."""


def compared(
    before: LabelBook, keys: AnyArray, *, codes: AnyArray, absent: int, at_once: int = SLICE
) -> Changes:
    """Compare the labels of rows with those of a book.

    Several rows may be alike; their labels are then two multisets. Of a rows before and b rows
    now with these features, min(a, b) are known, and of these as many have changed as the two
    multisets do not share.

    Args:
        before: The book; its classes have the codes that they have in it.
        keys: Hash of each row under the key of the book, shape (n,).
        codes: Its label, shape (n,), uint32.
        absent: The code of rows without a label.
        at_once: Rows compared at a time.

    Cost: n log n; 12 bytes a row, and 8 for each row that is pointed at.
    """
    known, pairs, rows = 0, Counter[tuple[int, int]](), Gathered(np.int64)
    for here in slices_of(keys, rows=at_once):
        now = pl.DataFrame({"key": keys[here], "code": codes[here], "row": here})
        low = np.searchsorted(before.hashes, now["key"][0], side="left")
        high = np.searchsorted(before.hashes, now["key"][-1], side="right")
        old = before.codes[low:high]
        old = np.where(old == len(before.classes), np.uint32(absent), old)
        both, moved, added = changes_of(_counted(before.hashes[low:high], old), _counted_of(now))
        known += both
        pairs.update({(source, goal): count for source, goal, count in moved})
        rows.add(now.join(added, on=["key", "code"], how="semi")["row"].to_numpy())
    ranked = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return Changes(
        known=known,
        changed=pairs.total(),
        pairs=tuple((source, goal, count) for (source, goal), count in ranked),
        rows=np.sort(rows.values),
    )


def _counted(keys: AnyArray, codes: AnyArray) -> pl.DataFrame:
    return _counted_of(pl.DataFrame({"key": keys, "code": codes}))


def _counted_of(rows: pl.DataFrame) -> pl.DataFrame:
    """How often each hash has each label: columns key, code, count."""
    return rows.group_by("key", "code").agg(pl.len().cast(pl.Int64).alias("count"))


def changes_of(
    before: pl.DataFrame, now: pl.DataFrame
) -> tuple[int, list[tuple[int, int, int]], pl.DataFrame]:
    """Compare two multisets of labels for each hash.

    Args:
        before: Columns key, code, count, each pair once.
        now: The same of the new version.

    Returns:
        Rows that are in both; (code before, code now, rows) of those that changed, in no order;
        and hashes and labels that these have more often than before: columns key, code.
    """
    both = before.select("key").unique().join(now.select("key").unique(), on="key")
    old, new = (one.join(both, on="key", how="semi") for one in (before, now))
    sizes = _sizes(old).join(_sizes(new), on="key", suffix="_now")
    known = int(sizes.select(pl.min_horizontal("size", "size_now")).to_series().sum())
    pair = old.join(new, on=["key", "code"], how="full", suffix="_now", coalesce=True).with_columns(
        (pl.col("count_now").fill_null(0) - pl.col("count").fill_null(0)).alias("more")
    )
    added = pair.filter(pl.col("more") > 0).select("key", "code", count="more")
    removed = pair.filter(pl.col("more") < 0).select("key", "code", count=-pl.col("more"))
    moved = _spread(removed).join(_spread(added), on=["key", "turn"], suffix="_now")
    pairs = moved.group_by("code", "code_now").agg(pl.len().alias("rows"))
    concerned = added.join(moved.select("key").unique(), on="key", how="semi")
    return known, pairs.rows(), concerned.select("key", "code")


def _sizes(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.group_by("key").agg(pl.col("count").sum().alias("size"))


def _spread(counts: pl.DataFrame) -> pl.DataFrame:
    """One line for each row, numbered within its hash in the order of the labels."""
    lines = counts.sort("key", "code").select(
        pl.col("key").repeat_by("count").alias("key"), pl.col("code").repeat_by("count")
    )
    flat = lines.explode("key", "code")
    return flat.with_columns(pl.int_range(pl.len()).over("key").alias("turn"))


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
