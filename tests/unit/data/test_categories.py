from dataclasses import replace

import polars as pl
import pytest

from bartizan.core.schema import Feature, Schema
from bartizan.data.inspection import Brief
from bartizan.data.inspections import categories
from timing import within
from unit.data.batches import NOW, TARGET, clean, cut, inspected, outcome, put, rows_of, told


def test_a_typo_names_the_category_that_was_meant() -> None:
    table = put(clean(20), "colour", {4: "gren", 5: "violet", 6: None})
    result = inspected(categories, cut(table), brief=told())
    assert rows_of(result) == [4, 5]
    assert [place.why for place in result.flagged] == ["unknown; did you mean 'green'?", "unknown"]
    assert "'gren' 1 times (did you mean 'green'?)" in " ".join(result.remarks)


def test_a_label_that_the_reference_does_not_have_is_unknown() -> None:
    result = inspected(categories, cut(put(clean(), TARGET, {5: "fruad"})), brief=told())
    assert rows_of(result) == [5]
    assert result.flagged[0].why == "unknown; did you mean 'fraud'?"
    assert outcome(categories, result) == "fail"


def test_without_a_reference_labels_are_known_from_the_last_version() -> None:
    brief = told(profile=None)
    assert rows_of(inspected(categories, cut(put(clean(), TARGET, {5: "odd"})), brief=brief)) == [5]


def test_a_label_column_with_typos_is_seen_even_where_no_label_is_known() -> None:
    brief = told(profile=None, before=None)
    table = put(pl.concat([clean()] * 4), TARGET, {5: "fruad", 600: "Normal", 601: "NORMAL "})
    result = inspected(categories, cut(table, size=100), brief=brief)
    assert rows_of(result) == [5, 600, 601]
    text = " ".join(result.remarks)
    assert "'fruad' (1 rows), did you mean 'fraud'" in text
    assert "Nobody said which labels there are" in text


def test_where_no_label_is_known_other_labels_are_no_typos() -> None:
    brief = told(profile=None, before=None)
    result = inspected(categories, cut(put(clean(), TARGET, {5: "stolen"})), brief=brief)
    assert rows_of(result) == []


def test_a_hundred_thousand_categories_cost_no_time() -> None:
    names = tuple(f"merchant {at}" for at in range(100_000))
    schema = Schema(features=(Feature(name="m", type="categorical", categories=names),))
    table = pl.DataFrame({"m": [*names, *names, "merchnt 7", "shop"]})
    batches = cut(table, schema=schema, target=None, size=20_000)
    brief = Brief(name="m", schema=schema, now=NOW)
    result = within(3, lambda: inspected(categories, batches, brief=brief))
    assert rows_of(result) == [200_000, 200_001]
    assert result.flagged[0].why == "unknown; did you mean 'merchant 7'?"


def test_of_personal_data_neither_the_value_nor_its_neighbour_is_said() -> None:
    feature = Feature(name="c", type="categorical", categories=("catholic", "none"), personal=True)
    schema = Schema(features=(feature,))
    table = pl.DataFrame({"c": ["none", "cathlic"]})
    brief = Brief(name="c", schema=schema, now=NOW)
    result = inspected(categories, cut(table, schema=schema, target=None), brief=brief)
    assert rows_of(result) == [1]
    assert (result.flagged[0].value, result.flagged[0].why) == ("", "unknown")
    assert "cath" not in " ".join(result.remarks)


def test_a_column_of_nothing_but_unknown_texts_is_counted_in_bounded_memory() -> None:
    table = clean(5).with_columns(pl.lit("red").alias("colour"))
    table = pl.concat([table] * 1000).with_columns(
        pl.Series("colour", [f"new {at}" for at in range(5000)])
    )
    result = inspected(categories, cut(table), brief=told())
    assert result.measures[0].value == 1.0
    assert "and 995 more" in " ".join(result.remarks)


def test_all_missing_is_no_unknown_category() -> None:
    table = clean(10).with_columns(pl.lit(None, dtype=pl.String).alias("colour"))
    assert rows_of(inspected(categories, cut(table), brief=told())) == []


@pytest.mark.parametrize("target", [None, TARGET])
def test_it_applies_where_there_is_something_to_know(target: str | None) -> None:
    brief = replace(told(), schema=Schema(features=(Feature(name="a"),)), target=target)
    assert bool(categories.applies(brief)) is (target is None)
