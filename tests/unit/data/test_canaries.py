import numpy as np
import polars as pl
import pytest

from bartizan.core.entry import FLAGGED, CheckResult
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.schema import Feature
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections.canaries import ENTRY, Params, applies
from inspected import NOW, batches, inspected, schema_of, table

ROWS = table(500)
SCHEMA = schema_of(ROWS, target="y")
CANARIES = ROWS.slice(100, 4)


def told(canaries: pl.DataFrame | None = CANARIES) -> Brief:
    return Brief(name="d", schema=SCHEMA, target="y", canaries=canaries, now=NOW)


def seen(frame: pl.DataFrame, brief: Brief | None = None, rows: int = 1 << 20) -> CheckResult:
    return inspected(ENTRY, frame, brief=brief or told(), rows=rows)


def missing(result: CheckResult) -> float:
    assert result.measures[0].name == ENTRY.threshold[0]
    assert result.measures[0].value is not None
    return result.measures[0].value


def changed(frame: pl.DataFrame, *, row: int, **values: object) -> pl.DataFrame:
    """The frame with some values of one row changed."""
    at = pl.int_range(pl.len()) == row
    return frame.with_columns(
        pl.when(at).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def test_canaries_that_came_through_pass_wherever_they_are() -> None:
    shuffled = ROWS.sample(fraction=1.0, shuffle=True, seed=1)
    result = seen(shuffled)
    assert missing(result) == 0
    assert result.flagged == ()
    assert result.rows is None


def test_a_canary_that_was_dropped_is_missing() -> None:
    result = seen(pl.concat([ROWS.head(101), ROWS.tail(398)]))
    assert missing(result) == 0.25
    assert result.flagged[0].why == "canary 2 is missing, and no row is like it"


@pytest.mark.parametrize("column", ["n0", "whole", "colour", "y"])
def test_a_canary_that_was_changed_is_named_by_the_column(column: str) -> None:
    value: object = {"n0": 123.456, "whole": 77, "colour": "mauve", "y": "maybe"}[column]
    result = seen(changed(ROWS, row=102, **{column: value}))
    assert missing(result) == 0.25
    (flagged,) = result.flagged
    assert (flagged.row, flagged.column) == (102, column)
    assert flagged.value == ""
    assert flagged.why == f"canary 3 is missing; the row most like it differs in {column}"
    assert result.rows is not None
    assert result.rows.tolist() == [102]


def test_all_changed_columns_are_named() -> None:
    result = seen(changed(ROWS, row=102, n0=9.0, n1=None, y="maybe"))
    assert result.flagged[0].why.endswith("differs in n0, n1, y")


def test_the_smallest_change_of_a_number_counts() -> None:
    value = ROWS["n0"][100]
    assert missing(seen(changed(ROWS, row=100, n0=value * (1 + 2**-52)))) == 0.25


def test_missing_values_of_a_canary_must_be_missing() -> None:
    place = int(ROWS["gaps"].is_null().arg_true()[0])
    brief = told(ROWS.slice(place, 1))
    assert missing(seen(ROWS, brief)) == 0
    assert missing(seen(changed(ROWS, row=place, gaps=0.0), brief)) == 1


def test_canaries_are_counted_as_often_as_they_were_planted() -> None:
    brief = told(pl.concat([CANARIES, CANARIES.head(1)]))
    once = seen(ROWS, brief)
    assert missing(once) == 0.2
    assert "1 of 2 copies of canary 1 are missing" in once.flagged[0].why
    assert missing(seen(pl.concat([ROWS, CANARIES.head(1)]), brief)) == 0


def test_more_copies_than_planted_are_said_and_fail_nothing() -> None:
    result = seen(pl.concat([ROWS, CANARIES]))
    assert missing(result) == 0
    assert "4 rows more than planted" in result.remarks[-1]


def test_rows_that_are_equally_near_are_said_to_be() -> None:
    frame = pl.concat([changed(ROWS, row=102, y="maybe"), ROWS.slice(102, 1).with_columns(y=None)])
    why = seen(frame).flagged[0].why
    assert "the first of 2 most like it differs in y" in why


def test_another_canary_is_not_taken_for_a_changed_one() -> None:
    twin = changed(ROWS.slice(100, 1), row=0, y="other")
    brief = told(pl.concat([ROWS.slice(100, 1), twin]))
    result = seen(ROWS, brief)
    assert result.flagged[0].why == "canary 2 is missing, and no row is like it"


def test_canaries_may_leave_columns_out() -> None:
    brief = told(CANARIES.select("n0", "y"))
    assert missing(seen(changed(ROWS, row=100, n1=0.0), brief)) == 0
    assert missing(seen(changed(ROWS, row=100, y="maybe"), brief)) == 0.25


@pytest.mark.parametrize("rows", [1, 13, 101])
def test_the_result_does_not_depend_on_how_rows_are_cut(rows: int) -> None:
    frame = changed(changed(ROWS.head(150), row=102, y="maybe"), row=103, n0=4.0, colour="x")
    result = seen(frame, rows=rows)
    whole = seen(frame)
    assert (result.measures, result.flagged, result.remarks) == (
        whole.measures,
        whole.flagged,
        whole.remarks,
    )
    assert np.array_equal(np.array(result.rows), np.array(whole.rows))


def test_no_more_canaries_are_named_or_traced_than_said() -> None:
    brief = told(ROWS.head(60))
    other = table(400, seed=9)
    assert len(seen(other, brief).flagged) == FLAGGED
    moved = changed(ROWS, row=5, y="maybe")
    few = inspected(ENTRY, moved, brief=brief, params=Params(traced=5))
    assert few.flagged[0].why == "canary 6 is missing, and no row is like it"


def test_values_of_personal_columns_are_not_told() -> None:
    schema = schema_of(ROWS, target="y", n0=Feature(name="n0", personal=True))
    brief = Brief(name="d", schema=schema, target="y", canaries=CANARIES, now=NOW)
    result = seen(changed(ROWS, row=100, n0=555.0), brief)
    assert "555" not in str(result)
    assert result.flagged[0].column == "n0"


# Bad input


def test_canaries_with_a_column_of_their_own_are_refused() -> None:
    with pytest.raises(SchemaError, match="canaries have a column 'extra'"):
        seen(ROWS, told(CANARIES.with_columns(extra=1)))


def test_canaries_of_another_type_are_refused() -> None:
    with pytest.raises(SchemaError, match="'n0' holds a value that is no number"):
        seen(ROWS, told(CANARIES.with_columns(pl.lit("much").alias("n0"))))


@pytest.mark.parametrize("canaries", [CANARIES.head(0), pl.DataFrame(), None])
def test_no_canaries_are_refused_and_said_not_to_apply(canaries: pl.DataFrame | None) -> None:
    assert applies(told(canaries)) != ""
    with pytest.raises(SchemaError, match="no canary rows"):
        ENTRY.run(told(canaries), params=Params(), rng=rng(0))


def test_it_applies_where_there_are_canaries() -> None:
    assert applies(told()) == ""


def test_of_data_without_rows_nothing_can_be_said() -> None:
    result = ENTRY.run(told(), params=Params(), rng=rng(0)).result()
    assert result.measures[0].value is None


def test_a_negative_number_to_trace_is_refused() -> None:
    with pytest.raises(ConfigError):
        Params(traced=-1)


# Control


def test_the_control_finds_a_lost_and_a_changed_canary_in_the_users_own_rows() -> None:
    (sample,) = batches(ROWS, schema=SCHEMA, target="y")
    assert ENTRY.control(brief=told(), sample=sample, rng=rng(0)).passed


@pytest.mark.parametrize("rows", [1, 2])
def test_the_control_fails_where_rows_are_too_few(rows: int) -> None:
    (sample,) = batches(ROWS.head(rows), schema=SCHEMA, target="y")
    assert not ENTRY.control(brief=told(), sample=sample, rng=rng(0)).passed
