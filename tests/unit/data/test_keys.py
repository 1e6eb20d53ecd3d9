from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.rows.canonical import row_keys
from bartizan.core.streams import rng
from bartizan.data.keys import drawn_seed, frame_marks, keys_of, marks_of, repeated, slices_of
from unit.data.batches import SCHEMA, clean, cut, put, spelled

NAMES = SCHEMA.names


def test_equal_rows_have_equal_marks_and_others_have_not() -> None:
    table = pl.concat([clean(200), clean(200)])
    marks = marks_of(cut(table)[0], columns=NAMES, seed=7)
    assert (marks[:200] == marks[200:]).all()
    assert len(np.unique(marks)) == 200


def test_marks_do_not_depend_on_cuts_or_on_how_the_source_spells() -> None:
    whole = marks_of(cut(clean(60))[0], columns=NAMES, seed=7)
    for table in (clean(60), spelled(clean(60))):
        parts = [marks_of(batch, columns=NAMES, seed=7) for batch in cut(table, size=7)]
        assert np.array_equal(np.concatenate(parts), whole)


def test_another_seed_gives_other_marks() -> None:
    batch = cut(clean(60))[0]
    first, second = (marks_of(batch, columns=NAMES, seed=seed) for seed in (7, 8))
    assert not np.isin(first, second).any()


def test_zero_has_no_sign_and_a_gap_is_no_zero() -> None:
    frame = pl.DataFrame({"a": [0.0, -0.0, None], "b": ["x", "x", "x"]})
    marks = frame_marks(frame, seed=1)
    assert marks[0] == marks[1] != marks[2]


@pytest.mark.parametrize("seed", range(3))
def test_a_million_rows_of_few_values_do_not_collide(seed: int) -> None:
    side = np.arange(1000)
    frame = pl.DataFrame({"a": np.repeat(side, 1000), "b": np.tile(side, 1000)})
    assert len(np.unique(frame_marks(frame, seed=drawn_seed(rng(seed, "marks"))))) == 10**6


def test_columns_that_change_places_are_other_rows() -> None:
    first = frame_marks(pl.DataFrame({"a": [1.0], "b": [2.0]}), seed=1)
    second = frame_marks(pl.DataFrame({"a": [2.0], "b": [1.0]}), seed=1)
    assert first[0] != second[0]


def test_the_same_stray_in_two_columns_is_not_the_same_row() -> None:
    table = spelled(clean(2))
    table = pl.concat([table[:1], table[:1]])
    table = put(put(table, "amount", {0: "ten", 1: None}), "total", {0: None, 1: "ten"})
    marks = marks_of(cut(table)[0], columns=NAMES, seed=1)
    assert marks[0] != marks[1]


def test_stored_keys_count_what_does_not_fit_as_missing() -> None:
    table = put(spelled(pl.concat([clean(1)] * 2)), "amount", {0: "ten", 1: None})
    keys = keys_of(cut(table)[0], columns=NAMES, key=bytes(32))
    assert keys[0] == keys[1]


def test_stored_keys_are_the_same_however_often_rows_repeat() -> None:
    key = bytes(range(32))
    few = cut(clean(50))[0]
    many = cut(pl.concat([clean(50)] * 4))[0]
    keys = row_keys(few.frame.select(NAMES), key=key)
    assert np.array_equal(keys_of(few, columns=NAMES, key=key), keys)
    assert np.array_equal(keys_of(many, columns=NAMES, key=key), np.tile(keys, 4))


def test_images_of_equal_bytes_and_another_form_differ() -> None:
    raw = pl.DataFrame({"label": ["a", "b"]})
    pixels = np.zeros((2, 2, 4, 1), dtype=np.uint8)
    batch = Batch(start=0, raw=raw, frame=raw, pixels=pixels)
    turned = replace(batch, pixels=pixels.reshape(2, 4, 2, 1))
    first, second = (keys_of(one, columns=(), key=bytes(32)) for one in (batch, turned))
    assert first[0] == first[1]
    assert first[0] != second[0]
    assert marks_of(batch, columns=(), seed=1)[0] != first[0]


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_slices_hold_every_row_once_and_part_no_key(rows: int) -> None:
    keys = rng(0, "slices").integers(0, 9, 60).astype(np.uint64)
    found = [*slices_of(keys, rows=rows)]
    assert sorted(np.concatenate(found).tolist()) == [*range(60)]
    assert sum(len(np.unique(keys[part])) for part in found) == len(np.unique(keys))
    for part in found:
        assert part.tolist() == sorted(part.tolist(), key=lambda row: (keys[row], row))


def test_repeated_keys_are_those_that_occur_twice() -> None:
    keys = np.array([5, 1, 5, 9, 5], dtype=np.uint64)
    assert repeated(keys).tolist() == [True, False, True, False, True]


def test_no_rows_have_no_groups() -> None:
    assert [*slices_of(np.empty(0, dtype=np.uint64))] == []
    assert repeated(np.empty(0, dtype=np.uint64)).shape == (0,)
