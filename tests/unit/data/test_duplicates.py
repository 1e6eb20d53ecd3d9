from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.batch import Batch
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections import duplicates
from bartizan.data.inspections.duplicates import twins_of
from unit.data.batches import (
    NOW,
    SCHEMA,
    TARGET,
    clean,
    cut,
    inspected,
    outcome,
    put,
    rows_of,
    spelled,
    told,
)


def test_repeated_rows_and_contradictions_are_counted_apart() -> None:
    table = pl.concat([clean(100), clean(100)[:30]])
    table = put(table, TARGET, {101: "fraud", 102: "fraud"})  # rows 1 and 2 are normal
    result = inspected(duplicates, cut(table, size=40), brief=told())
    against, repeated, largest = (one.value for one in result.measures)
    assert against == pytest.approx(2 / 130)
    assert repeated == pytest.approx(28 / 130)
    assert largest == pytest.approx(2 / 130)
    assert rows_of(result) == [1, 2, 101, 102]  # of two that disagree, nobody knows which is right
    assert outcome(duplicates, result) == "fail"


def test_honest_data_full_of_repeated_rows_passes() -> None:
    result = inspected(duplicates, cut(pl.concat([clean(50)] * 8)), brief=told())
    assert outcome(duplicates, result) == "pass"
    assert result.measures[1].value == pytest.approx(7 / 8)


def test_one_flipped_label_among_many_twins_is_the_only_one_pointed_at() -> None:
    table = put(pl.concat([clean()[1:2]] * 500), TARGET, {77: "fraud"})
    result = inspected(duplicates, cut(table), brief=told())
    assert rows_of(result) == [77]
    assert result.measures[0].value == pytest.approx(1 / 500)


def test_columns_that_only_name_a_row_do_not_tell_rows_apart() -> None:
    table = put(pl.concat([clean(10), clean(10)]), "id", {at: 100 + at for at in range(10, 20)})
    result = inspected(duplicates, cut(table), brief=told())
    assert result.measures[1].value == pytest.approx(0.5)


def test_values_that_do_not_fit_count_as_they_are_spelled() -> None:
    table = spelled(pl.concat([clean()[:1]] * 4))
    table = put(table, "amount", {0: "ten", 1: "ten", 2: "eleven", 3: None})
    for size in (1, 2, 4):
        result = inspected(duplicates, cut(table, size=size), brief=told())
        assert result.measures[1].value == pytest.approx(1 / 4)


def brute(keys: list[int], codes: list[int]) -> tuple[int, int, int, list[int]]:
    groups = defaultdict(list)
    for row, key in enumerate(keys):
        groups[key].append(row)
    against, named = 0, []
    for rows in groups.values():
        counts = Counter(codes[row] for row in rows if codes[row] >= 0)
        if not counts:
            continue
        most = max(counts.values())
        against += sum(counts.values()) - most
        lead = [code for code, count in counts.items() if count == most]
        alone = lead[0] if len(lead) == 1 else None
        named += [row for row in rows if codes[row] >= 0 and codes[row] != alone]
    pairs = Counter(zip(keys, codes, strict=True))
    return len(keys) - len(pairs), max(pairs.values()), against, sorted(named)


@pytest.mark.parametrize("at_once", [1, 7, 1000])
@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_counting(seed: int, at_once: int) -> None:
    draw = rng(seed, "twins")
    keys = draw.integers(0, 40, 200).astype(np.uint64)
    codes = draw.integers(-1, 4, 200).astype(np.int32)
    found = twins_of(keys, codes, at_once=at_once)
    expected = brute(keys.tolist(), codes.tolist())
    assert (found.repeats, found.largest, found.against) == expected[:3]
    assert found.contradicting.tolist() == expected[3]


def test_rows_without_labels_agree_with_nothing() -> None:
    table = clean(10).with_columns(pl.lit(None, dtype=pl.String).alias(TARGET))
    result = inspected(duplicates, cut(table), brief=told())
    assert outcome(duplicates, result) == "inconclusive"
    assert result.measures[0].why == "no row has a label"


def test_images_are_compared_by_their_pixels() -> None:
    pixels = rng(0, "pixels").integers(0, 255, (6, 4, 4, 1)).astype(np.uint8)
    pixels[5] = pixels[0]
    labels = pl.DataFrame({TARGET: ["a", "b", "a", "b", "a", "b"]})
    schema = Schema(image=Image(height=4, width=4, channels=1))
    brief = Brief(name="pictures", schema=schema, target=TARGET, now=NOW)
    batch = Batch(start=0, raw=labels, frame=labels, pixels=pixels)
    result = inspected(duplicates, [batch], brief=brief)
    assert rows_of(result) == [0, 5]
    assert duplicates.control(brief=brief, sample=batch, rng=rng(0, "control")).passed


def test_it_says_where_there_is_nothing_to_compare() -> None:
    names = Schema(features=(Feature(name="id", identifier=True),))
    assert duplicates.applies(told(schema=names)).startswith("No column describes a row")
    assert duplicates.applies(told(target=None)).startswith("No target")
    assert duplicates.applies(told(schema=SCHEMA)) == ""
