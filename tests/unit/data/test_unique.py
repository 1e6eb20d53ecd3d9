from collections import Counter

import polars as pl
import pytest

from bartizan.core.streams import rng
from bartizan.data.inspections import unique
from bartizan.data.rules import Rules
from unit.data.batches import clean, cut, inspected, outcome, put, rows_of, spelled, told


def ruled(*columns: tuple[str, ...]) -> Rules:
    return Rules(unique=columns)


def test_every_row_of_a_shared_key_counts_and_a_gap_is_no_key() -> None:
    table = put(clean(10), "id", {4: 2, 7: None})
    result = inspected(unique, cut(table, size=3), brief=told(rules=ruled(("id",))))
    assert rows_of(result) == [2, 4, 7]
    assert result.measures[0].value == pytest.approx(0.3)
    assert [place.why for place in result.flagged] == [
        "the key occurs more than once",
        "the key occurs more than once",
        "no value in the key",
    ]
    assert not any(place.value for place in result.flagged)


def test_a_key_of_two_columns_may_repeat_in_each() -> None:
    table = put(put(clean(6), "id", {1: 0, 3: 2}), "when", {1: "x", 3: clean(6)["when"][2]})
    result = inspected(unique, cut(table), brief=told(rules=ruled(("id", "when"))))
    assert rows_of(result) == [2, 3]


def test_it_agrees_with_counting() -> None:
    draw = rng(0, "keys")
    table = clean(500).with_columns(
        pl.Series("total", draw.integers(0, 30, 500)),
        pl.Series("failed", draw.integers(0, 30, 500)),
    )
    result = inspected(unique, cut(table, size=64), brief=told(rules=ruled(("total", "failed"))))
    keys = list(zip(table["total"], table["failed"], strict=True))
    counts = Counter(keys)
    assert rows_of(result) == [at for at, key in enumerate(keys) if counts[key] > 1]


def test_a_key_column_that_is_missing_is_said_with_the_nearest_name() -> None:
    table = clean(5).rename({"id": "idd"})
    result = inspected(unique, cut(table), brief=told(rules=ruled(("id",))))
    assert outcome(unique, result) == "fail"
    assert result.measures[0].value == 1.0
    assert "there is no column 'id'; did you mean 'idd'?" in result.remarks[0]


def test_one_missing_key_does_not_hide_what_is_wrong_with_another() -> None:
    table = put(clean(5), "id", {1: 0})
    result = inspected(unique, cut(table), brief=told(rules=ruled(("nothing",), ("id",))))
    assert "2 of 5 rows share theirs" in result.remarks[1]


def test_a_value_that_does_not_fit_is_no_key() -> None:
    table = put(spelled(clean(5)), "id", {1: "one", 2: "two"})
    assert rows_of(inspected(unique, cut(table), brief=told(rules=ruled(("id",))))) == [1, 2]


def test_one_spelling_of_a_letter_is_as_good_as_another() -> None:
    table = put(clean(4), "when", {0: "caf\u00e9", 1: "cafe\u0301"})
    assert rows_of(inspected(unique, cut(table), brief=told(rules=ruled(("when",))))) == [0, 1]


def test_without_a_rule_there_is_nothing_to_say() -> None:
    assert unique.applies(told(rules=Rules())) == "No rule says which columns must be unique."
