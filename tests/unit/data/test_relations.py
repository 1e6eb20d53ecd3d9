import msgspec
import polars as pl
import pytest

from bartizan.core.errors import ConfigError
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections import relations
from unit.data.batches import NOW, SCHEMA, clean, cut, inspected, outcome, put, rows_of, told


def ruled(*rules: str) -> Brief:
    return told(schema=msgspec.structs.replace(SCHEMA, relations=rules))


def test_rows_that_break_a_rule_are_found_and_the_rule_is_named() -> None:
    table = put(clean(10), "failed", {4: 50})
    result = inspected(relations, cut(table), brief=ruled("failed <= total", "total >= 0"))
    assert rows_of(result) == [4]
    assert result.flagged[0].why == "breaks `failed <= total`"
    assert result.remarks == (
        "`failed <= total`: broken in 1 of 10 rows.",
        "`total >= 0`: broken in 0 of 10 rows.",
    )


def test_a_row_that_breaks_two_rules_counts_once() -> None:
    table = put(clean(10), "failed", {4: 50})
    result = inspected(relations, cut(table), brief=ruled("failed <= total", "failed < 20"))
    assert result.measures[0].value == pytest.approx(0.1)


def test_a_row_with_a_gap_in_a_rule_is_counted_apart() -> None:
    result = inspected(relations, cut(clean(8)), brief=ruled("note >= 0"))
    assert rows_of(result) == []
    assert "not to be judged in 2, for a value is missing" in result.remarks[0]


def test_a_rule_that_can_be_judged_nowhere_does_not_pass() -> None:
    table = clean(10).with_columns(pl.lit(None, dtype=pl.Float64).alias("note"))
    result = inspected(relations, cut(table), brief=ruled("failed <= total", "note >= 0"))
    assert outcome(relations, result) == "inconclusive"
    assert "note >= 0" in result.measures[0].why


def test_broken_rows_fail_even_beside_a_rule_that_can_be_judged_nowhere() -> None:
    table = clean(10).with_columns(pl.lit(None, dtype=pl.Float64).alias("note"))
    table = put(table, "failed", {1: 99})
    result = inspected(relations, cut(table), brief=ruled("failed <= total", "note >= 0"))
    assert outcome(relations, result) == "fail"


def test_grades_are_compared_by_their_order() -> None:
    # `grade` holds the codes 0 = low and 1 = high.
    table = clean(4).with_columns(pl.Series("grade", ["low", "high", "odd", "low"]))
    assert rows_of(inspected(relations, cut(table), brief=ruled("grade >= 1"))) == [0, 3]


def test_it_agrees_with_a_loop_over_the_rows() -> None:
    draw = rng(0, "loop")
    table = clean(200).with_columns(pl.Series("failed", draw.integers(0, 12, 200)))
    rule = "failed * 2 = total + 1"
    found = rows_of(inspected(relations, cut(table, size=33), brief=ruled(rule)))
    rows = table.iter_rows(named=True)
    assert found == [at for at, row in enumerate(rows) if row["failed"] * 2 != row["total"] + 1]


@pytest.mark.parametrize("rule", ["missng <= total", "failed <= ", "failed.real <= 1"])
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    with pytest.raises(ConfigError, match="relation"):
        inspected(relations, cut(clean(5)), brief=ruled(rule))


def test_of_two_thousand_columns_only_those_of_the_rule_are_read() -> None:
    names = [f"c{at}" for at in range(2000)]
    schema = Schema(
        features=tuple(Feature(name=name) for name in names), relations=("c3 <= c1999",)
    )
    table = pl.DataFrame({name: [1.0, 2.0] for name in names})
    table = put(table, "c3", {1: 5.0})
    batches = cut(table, schema=schema, target=None)
    brief = Brief(name="wide", schema=schema, now=NOW)
    assert rows_of(inspected(relations, batches, brief=brief)) == [1]


def test_a_rule_that_cannot_be_broken_leaves_the_control_without_a_case() -> None:
    brief = ruled("failed = failed")
    assert not relations.control(brief=brief, sample=cut(clean(5))[0], rng=rng(0, "c")).passed
