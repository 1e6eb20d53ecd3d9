import numpy as np
import polars as pl
import pytest

from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections import ranges
from unit.data.batches import NOW, clean, cut, inspected, put, rows_of, told


def alone(feature: Feature) -> Brief:
    return Brief(name="one", schema=Schema(features=(feature,)), now=NOW)


def wrong(feature: Feature, values: list[object]) -> list[int]:
    brief = alone(feature)
    table = pl.DataFrame({feature.name: values}, strict=False)
    return rows_of(inspected(ranges, cut(table, schema=brief.schema, target=None), brief=brief))


def test_limits_belong_to_the_range() -> None:
    feature = Feature(name="a", min=0, max=1)
    assert wrong(feature, [0.0, 1.0, -0.0, 1 + 1e-12, -1e-12, 0.5]) == [3, 4]


@pytest.mark.parametrize(("low", "high", "found"), [(0, None, [0]), (None, 0, [2]), (-9, 9, [])])
def test_one_limit_is_enough(low: float | None, high: float | None, found: list[int]) -> None:
    assert wrong(Feature(name="a", min=low, max=high), [-1.0, 0.0, 1.0]) == found


def test_what_is_missing_or_no_number_is_not_out_of_range() -> None:
    assert wrong(Feature(name="a", min=5, max=6), [None, "nan", "text", "5.5", "7"]) == [4]


def test_large_whole_numbers_are_compared_whole() -> None:
    feature = Feature(name="a", type="integer", max=2**53)
    assert wrong(feature, [2**53, 2**53 + 2, -(2**62)]) == [1]


def test_a_row_counts_once_and_each_cell_is_told() -> None:
    table = put(put(clean(10), "amount", {2: 101.0, 4: -1.0}), "failed", {2: -1})
    result = inspected(ranges, cut(table), brief=told())
    assert result.measures[0].value == pytest.approx(0.2)
    assert result.remarks == (
        "3 cells are out of range, by column: 'amount' 2, 'failed' 1 (10 rows).",
    )
    assert {place.why for place in result.flagged} == {
        "outside: at least 0 and at most 100",
        "outside: at least 0",
    }


def test_columns_without_limits_leave_nothing_to_look_at() -> None:
    assert ranges.applies(alone(Feature(name="a")))
    assert ranges.applies(
        alone(Feature(name="a", type="ordered", categories=("x", "y"), min=0, max=1))
    )


@pytest.mark.parametrize(
    "feature",
    [
        Feature(name="a", min=-1e-9, max=1e-9),
        Feature(name="a", max=-5),
        Feature(name="a", min=7.5),
        Feature(name="a", min=0, max=0),
        Feature(name="a", type="integer", min=3, max=2**31),
    ],
)
def test_a_case_can_be_planted_beyond_every_limit(feature: Feature) -> None:
    brief = alone(feature)
    value = feature.max if feature.max is not None else feature.min
    made = int(value or 0) if feature.type == "integer" else value
    table = pl.DataFrame({"a": np.full(5, made)})
    sample = cut(table, schema=brief.schema, target=None)[0]
    assert ranges.control(brief=brief, sample=sample, rng=rng(0, "control")).passed
