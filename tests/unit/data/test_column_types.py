import polars as pl
import pytest

from bartizan.adapt.batches.reading import open_batches
from bartizan.core.schema import Feature, Image, Schema
from bartizan.data.inspection import Brief
from bartizan.data.inspections import column_types
from bartizan.data.rules import Rules
from unit.data.batches import NOW, clean, cut, inspected, outcome, put, rows_of, spelled, told


def test_a_column_of_mixed_types_is_told_by_row_and_value() -> None:
    table = put(spelled(clean(10)), "amount", {3: "ten", 7: "1,5"})
    result = inspected(column_types, cut(table), brief=told())
    assert result.measures[0].value == pytest.approx(0.2)
    assert rows_of(result) == [3, 7]
    assert [place.value for place in result.flagged] == ["ten", "1,5"]
    assert result.flagged[0].why == "no value of type number"
    assert outcome(column_types, result) == "fail"


def test_an_unknown_column_fails_every_row_and_the_nearest_name_is_said() -> None:
    table = clean(10).rename({"amount": "amuont"})
    result = inspected(column_types, cut(table), brief=told())
    assert result.measures[0].value == 1.0
    assert result.measures[2].value == pytest.approx(1 / 9)
    text = " ".join(result.remarks)
    assert "Missing: amount; did you mean 'amuont'?" in text
    assert "Not declared: amuont; did you mean 'amount'?" in text


def test_a_column_that_comes_late_is_as_unknown_as_one_that_comes_early() -> None:
    batches = [*cut(clean(10)), *cut(clean(10).with_columns(pl.lit(1).alias("late")))]
    assert inspected(column_types, batches, brief=told()).measures[0].value == 1.0


def test_a_missing_target_fails() -> None:
    result = inspected(column_types, cut(clean(10).drop("label")), brief=told())
    assert outcome(column_types, result) == "fail"


def test_a_column_that_a_rule_names_is_known() -> None:
    table = clean(10).with_columns(pl.lit("shop").alias("sender"))
    known = told(rules=Rules(time="when", source="sender"))
    assert outcome(column_types, inspected(column_types, cut(table), brief=known)) == "pass"
    assert outcome(column_types, inspected(column_types, cut(table), brief=told())) == "fail"


def test_a_schema_that_nobody_declared_weighs_less() -> None:
    table = put(spelled(clean(10)), "amount", {3: "ten"})
    declared = inspected(column_types, cut(table), brief=told())
    assumed = inspected(column_types, cut(table), brief=told(assumed=True))
    assert (declared.severity, assumed.severity) == ("high", "medium")


def test_two_thousand_columns_are_looked_at() -> None:
    names = [f"c{at}" for at in range(2000)]
    schema = Schema(features=tuple(Feature(name=name) for name in names))
    table = pl.DataFrame({name: ["1", "2", "3"] for name in names})
    table = put(put(table, "c1999", {1: "x"}), "c7", {2: "y"})
    batches = cut(table, schema=schema, target=None)
    brief = Brief(name="wide", schema=schema, now=NOW)
    result = inspected(column_types, batches, brief=brief)
    assert rows_of(result) == [1, 2]
    assert {place.column for place in result.flagged} == {"c7", "c1999"}


def test_a_value_that_is_far_too_long_is_cut_short() -> None:
    table = put(spelled(clean(5)), "amount", {1: "x" * 10_000})
    place = inspected(column_types, cut(table), brief=told()).flagged[0]
    assert len(place.value) == 80


def test_rows_that_are_images_have_no_columns() -> None:
    schema = Schema(image=Image(height=2, width=2, channels=1))
    brief = Brief(name="pictures", schema=schema, now=NOW)
    assert column_types.applies(brief) == "Rows are images: there are no columns to look at."


def test_two_columns_of_one_name_never_come_this_far() -> None:
    with pytest.raises(pl.exceptions.DuplicateError):
        pl.DataFrame([pl.Series("a", [1]), pl.Series("a", [2])])


def test_it_reads_what_is_read_from_a_file(tmp_path: object) -> None:
    path = f"{tmp_path}/payments.csv"
    put(spelled(clean(300)), "total", {250: "many"}).write_csv(path)
    batches = open_batches(path, schema=told().schema, target="label", batch_rows=100)
    assert rows_of(inspected(column_types, list(batches), brief=told())) == [250]
