from collections import Counter

import numpy as np
import polars as pl
import pytest

from bartizan.core.streams import rng
from bartizan.data.inspections import label_changes
from bartizan.data.inspections.label_moves import changes_of, compared
from bartizan.data.label_book import LabelBook, book_of
from unit.data.batches import TARGET, clean, cut, inspected, outcome, put, rows_of, told

KEY = bytes(range(32))


def test_a_flipped_label_is_found_with_its_row_and_its_pair() -> None:
    table = put(clean(100), TARGET, {5: "normal", 10: "normal", 11: "fraud"})
    mixed = table[rng(0, "order").permutation(100)]
    before = book_of(cut(clean(100), size=7), target=TARGET, key=KEY)
    result = inspected(label_changes, cut(mixed, size=9), brief=told(before=before))
    assert sorted(mixed["id"].gather(rows_of(result))) == [5, 10, 11]
    assert result.measures[0].value == pytest.approx(0.03)
    assert result.remarks[-1] == "Changed: 'fraud' -> 'normal': 2, 'normal' -> 'fraud': 1."
    assert outcome(label_changes, result) == "fail"


def test_new_rows_and_lost_rows_are_no_changes() -> None:
    before = book_of(cut(clean(100)), target=TARGET, key=KEY)
    table = pl.concat([clean(300)[20:], clean(300)[:0]])
    result = inspected(label_changes, cut(table), brief=told(before=before))
    assert outcome(label_changes, result) == "pass"
    assert result.measures[0].n == 80
    assert result.measures[1].value == pytest.approx(80 / 280)


def test_a_label_that_came_or_went_is_a_change() -> None:
    before = book_of(cut(put(clean(50), TARGET, {3: None})), target=TARGET, key=KEY)
    table = put(clean(50), TARGET, {4: None})
    result = inspected(label_changes, cut(table), brief=told(before=before))
    assert rows_of(result) == [3, 4]
    assert "'(none)' -> 'normal': 1, 'normal' -> '(none)': 1" in result.remarks[-1].replace(
        "'normal' -> '(none)': 1, '(none)' -> 'normal': 1",
        "'(none)' -> 'normal': 1, 'normal' -> '(none)': 1",
    )


def test_a_label_that_was_never_seen_is_a_change_too() -> None:
    before = book_of(cut(clean(50)), target=TARGET, key=KEY)
    result = inspected(
        label_changes, cut(put(clean(50), TARGET, {3: "stolen"})), brief=told(before=before)
    )
    assert result.remarks[-1] == "Changed: 'normal' -> 'stolen': 1."


def test_rows_that_are_alike_are_compared_as_a_whole() -> None:
    one = clean()[1:2]
    old = pl.concat([one] * 10).with_columns(pl.Series(TARGET, ["a"] * 6 + ["b"] * 4))
    new = pl.concat([one] * 8).with_columns(pl.Series(TARGET, ["b"] * 5 + ["a"] * 3))
    before = book_of(cut(old), target=TARGET, key=KEY)
    result = inspected(label_changes, cut(new), brief=told(before=before))
    # 8 of the 10 are still there: at most 4 b and 3 a among them are as before.
    assert result.measures[0].n == 8
    assert result.measures[0].value == pytest.approx(1 / 8)
    assert result.remarks[-1] == "Changed: 'a' -> 'b': 1."


def test_the_same_twins_in_another_order_have_not_changed() -> None:
    one = clean()[1:2]
    old = pl.concat([one] * 4).with_columns(pl.Series(TARGET, ["a", "b", "a", "b"]))
    before = book_of(cut(old), target=TARGET, key=KEY)
    result = inspected(label_changes, cut(old[[3, 1, 2, 0]]), brief=told(before=before))
    assert outcome(label_changes, result) == "pass"


def counted(keys: list[int], codes: list[int]) -> pl.DataFrame:
    pairs = Counter(zip(keys, codes, strict=True))
    rows = [(key, code, count) for (key, code), count in pairs.items()]
    return pl.DataFrame(
        rows,
        schema={"key": pl.UInt64, "code": pl.UInt32, "count": pl.Int64},
        orient="row",
    )


@pytest.mark.parametrize("seed", range(10))
def test_it_agrees_with_multisets(seed: int) -> None:
    draw = rng(seed, "changes")
    old = (draw.integers(0, 15, 60).tolist(), draw.integers(0, 3, 60).tolist())
    new = (draw.integers(0, 15, 50).tolist(), draw.integers(0, 4, 50).tolist())
    found, pairs, _ = changes_of(counted(*old), counted(*new))
    known = changed = 0
    for key in set(old[0]) & set(new[0]):
        here, there = (
            Counter(code for k, code in zip(*side, strict=True) if k == key) for side in (new, old)
        )
        both = min(here.total(), there.total())
        known += both
        changed += both - (here & there).total()
    assert found == known
    assert sum(rows for _, _, rows in pairs) == changed


@pytest.mark.parametrize("at_once", [1, 7, 33])
def test_how_many_rows_are_compared_at_a_time_changes_nothing(at_once: int) -> None:
    draw = rng(0, "slices")
    book = LabelBook(
        key=KEY,
        hashes=np.sort(draw.integers(0, 15, 60)).astype(np.uint64),
        codes=draw.integers(0, 4, 60).astype(np.uint32),  # 3 = none
        classes=("a", "b", "c"),
    )
    keys = draw.integers(0, 20, 80).astype(np.uint64)
    codes = draw.integers(0, 6, 80).astype(np.uint32)
    whole = compared(book, keys, codes=codes, absent=5)
    parts = compared(book, keys, codes=codes, absent=5, at_once=at_once)
    assert (parts.known, parts.changed, parts.pairs) == (whole.known, whole.changed, whole.pairs)
    assert parts.rows.tolist() == whole.rows.tolist()
    assert whole.changed > 0


def test_rows_that_nobody_knows_settle_nothing() -> None:
    before = book_of(cut(clean(50)), target=TARGET, key=KEY)
    table = clean(50).with_columns(pl.col("amount") / 3)
    result = inspected(label_changes, cut(table), brief=told(before=before))
    assert outcome(label_changes, result) == "inconclusive"
    assert result.measures[0].why == "no row is known from the last registered version"


def test_many_pairs_are_cut_short() -> None:
    names = [f"k{at}" for at in range(20)]
    old = clean(20).with_columns(pl.Series(TARGET, names))
    new = clean(20).with_columns(pl.Series(TARGET, names[1:] + names[:1]))
    before = book_of(cut(old), target=TARGET, key=KEY)
    result = inspected(label_changes, cut(new), brief=told(before=before))
    assert result.remarks[-1].endswith("and 12 other pairs.")
    assert np.isclose(result.measures[0].value or 0, 1.0)


def test_without_an_earlier_version_there_is_nothing_to_say() -> None:
    assert label_changes.applies(told(before=None)).startswith("No version")
    assert label_changes.applies(told(target=None)) == "No target is named."
