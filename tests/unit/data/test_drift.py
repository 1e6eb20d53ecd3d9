import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from bartizan.core.entry import FLAGGED, CheckResult
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.finding import Threshold
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.streams import rng
from bartizan.core.verdict import judged
from bartizan.data.inspection import Brief
from bartizan.data.inspections.drift import ENTRY, Params, applies
from inspected import NOW, batches, brief_of, inspected, profile_of, schema_of, table
from timing import within

BRIEF = brief_of(table(6000), target="y")


def seen(frame: pl.DataFrame, brief: Brief = BRIEF, **more: object) -> CheckResult:
    return inspected(ENTRY, frame, brief=brief, **more)  # type: ignore[arg-type] # of the test


def columns(result: CheckResult) -> set[str]:
    return {flagged.column for flagged in result.flagged}


def outcome(result: CheckResult) -> str:
    measure, op, value = ENTRY.threshold
    line = Threshold(measure=measure, op=op, value=value, source="default")
    return judged(result.measures[0], line, unsure=ENTRY.unsure)[0]


def test_new_rows_of_the_same_kind_pass() -> None:
    result = seen(table(4000, seed=1))
    assert outcome(result) == "pass"
    assert result.flagged == ()
    assert result.measures[0].name == ENTRY.threshold[0]
    assert (result.measures[0].low, result.measures[0].high) == (None, None)


def test_a_shift_is_found_in_its_column_alone() -> None:
    result = seen(table(4000, seed=1).with_columns(pl.col("n2") + 0.25))
    assert outcome(result) == "fail"
    assert columns(result) == {"n2"}
    assert result.measures[0].value == pytest.approx(1 / 11)
    assert "stability index" in result.flagged[0].why


def test_a_new_category_is_found_and_named_as_none_of_the_others() -> None:
    mask = pl.Series(np.arange(4000) % 20 == 0)
    other = table(4000, seed=1).with_columns(
        pl.when(mask).then(pl.lit("violet")).otherwise(pl.col("colour")).alias("colour")
    )
    result = seen(other)
    assert columns(result) == {"colour"}
    assert result.flagged[0].value == "(any other)"


def test_missing_values_are_a_change_like_any() -> None:
    mask = pl.Series(np.arange(4000) % 20 == 0)
    other = table(4000, seed=1).with_columns(
        pl.when(mask).then(None).otherwise(pl.col("n1")).alias("n1")
    )
    result = seen(other)
    assert columns(result) == {"n1"}
    assert result.flagged[0].value == "(missing)"


def test_labels_that_shift_are_found_under_the_target() -> None:
    frame = table(4000, seed=1)
    flipped = pl.Series(np.arange(4000) % 5 == 0)
    result = seen(
        frame.with_columns(pl.when(flipped).then(pl.lit("yes")).otherwise(pl.col("y")).alias("y"))
    )
    assert columns(result) == {"y"}


def test_text_where_numbers_are_due_and_infinite_numbers_are_seen_as_missing() -> None:
    frame = table(4000, seed=1)
    odd = frame.with_columns(pl.Series("n1", [np.inf] * 200 + frame["n1"].to_list()[200:]))
    assert columns(seen(odd)) == {"n1"}


@pytest.mark.parametrize("rows", [1, 13, 299])
def test_the_result_does_not_depend_on_how_rows_are_cut(rows: int) -> None:
    frame = table(300, seed=1).with_columns(pl.col("n2") + 0.5)
    assert seen(frame, rows=rows) == seen(frame)


def test_every_column_is_in_the_curves() -> None:
    result = seen(table(1000, seed=1))
    assert [series.name for series in result.series] == [
        "adjusted p-value",
        "total variation",
        "stability index",
    ]
    assert all(len(series.x) == 11 for series in result.series)


def test_what_many_rows_show_without_meaning_is_said_and_does_not_count() -> None:
    rows = rng(0).standard_normal(400_000)
    brief = brief_of(pl.DataFrame({"a": rows[:200_000]}))
    result = seen(pl.DataFrame({"a": rows[200_000:] + 0.03}), brief, params=Params(effect=0.02))
    assert result.series[0].y[0] < 0.001
    assert outcome(result) == "pass"
    assert "1 columns differ beyond chance" in " ".join(result.remarks)


def test_of_many_columns_that_drift_the_worst_are_named() -> None:
    draws = rng(0)
    before = draws.standard_normal((1000, 60))
    shift = np.linspace(0.5, 3, 60)
    brief = brief_of(pl.DataFrame(before, orient="row"))
    result = seen(pl.DataFrame(draws.standard_normal((1000, 60)) + shift, orient="row"), brief)
    assert result.measures[0].value == 1
    assert len(result.flagged) == FLAGGED
    assert result.flagged[0].column in {f"column_{i}" for i in range(50, 60)}


# Rates


def test_the_stated_rate_holds_on_two_hundred_clean_splits() -> None:
    runs, hits = 200, 0
    schema = schema_of(table(500, d=3).drop("y"))
    for seed in range(runs):
        frame = table(500, seed=seed, d=3).drop("y")
        brief = brief_of(frame.head(300), schema=schema)
        hits += outcome(seen(frame.tail(200), brief, seed=seed)) != "pass"
    assert hits <= binom.ppf(0.99, runs, ENTRY.params.rate)


# Personal columns


def private() -> Schema:
    frame = table(10)
    return schema_of(
        frame.drop("y"),
        colour=Feature(name="colour", type="categorical", categories=("red",), personal=True),
        n0=Feature(name="n0", identifier=True),
    )


def test_values_of_personal_columns_are_not_compared_and_their_gaps_are() -> None:
    schema = private()
    brief = brief_of(table(3000), schema=schema, target="y")
    same = table(3000, seed=1)
    assert seen(same.with_columns(pl.lit("red").alias("colour")), brief).flagged == ()
    result = seen(same.with_columns(pl.lit(None, pl.String).alias("colour")), brief)
    assert columns(result) == {"colour"}
    assert result.flagged[0].value == ""
    assert "2 columns hold personal data" in " ".join(result.remarks)


# Bad input


def test_a_column_that_is_all_missing_in_one_of_the_two_drifts() -> None:
    frame, other = table(2000), table(2000, seed=1)
    empty = pl.lit(None, pl.Float64).alias("n3")
    schema = schema_of(frame, target="y")
    assert columns(seen(other.with_columns(empty), BRIEF)) == {"n3"}
    brief = brief_of(frame.with_columns(empty), schema=schema, target="y")
    assert columns(seen(other, brief)) == {"n3"}
    assert seen(other.with_columns(empty), brief).flagged == ()


def test_a_column_that_is_constant_in_both_is_no_drift_until_it_changes() -> None:
    five = pl.DataFrame({"a": [5] * 500, "b": range(500)})
    brief = brief_of(five)
    assert seen(five, brief).flagged == ()
    for other in (4, 6):
        changed = five.with_columns(pl.lit(other).alias("a"))
        assert columns(seen(changed, brief)) == {"a"}


def test_one_row_is_compared_and_a_reference_of_one_row_is_not() -> None:
    assert outcome(seen(table(1, seed=1))) == "pass"
    brief = brief_of(table(1), schema=BRIEF.schema, target="y")
    result = seen(table(100, seed=1), brief)
    assert outcome(result) == "inconclusive"
    assert "the reference has 1 rows" in result.measures[0].why


def test_no_rows_are_no_pass() -> None:
    assert outcome(ENTRY.run(BRIEF, params=Params(), rng=rng(0)).result()) == "inconclusive"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (table(100).drop("n0"), "the profile lacks 1 columns .'n0'"),
        (table(100).with_columns(extra=1), "the data lacks 1 columns .'extra'"),
        (table(100).with_columns(pl.lit("a").alias("n0")), "'n0' holds numbers here and categor"),
        (table(100).with_columns(pl.lit(1).alias("colour")), "'colour' holds categories here and"),
    ],
)
def test_a_reference_of_another_schema_is_refused(other: pl.DataFrame, why: str) -> None:
    strange = Brief(
        name="d", schema=BRIEF.schema, target="y", profile=profile_of(other, target="y"), now=NOW
    )
    with pytest.raises(SchemaError, match=why):
        ENTRY.run(strange, params=Params(), rng=rng(0))


@pytest.mark.slow
def test_two_thousand_columns_and_few_rows_take_seconds() -> None:
    draws = rng(0)
    frame = pl.DataFrame(draws.integers(0, 9, (460, 2000)), orient="row")
    brief = brief_of(frame.head(400))
    result = within(8, lambda: seen(frame.tail(60), brief))
    assert outcome(result) == "pass"


def test_a_hundred_thousand_categories_are_one_cell_of_others() -> None:
    schema = Schema(features=(Feature(name="a", type="categorical", categories=("0",)),))
    words = pl.DataFrame({"a": rng(0).integers(0, 100_000, 120_000).astype(str)})
    brief = brief_of(words.head(60_000), schema=schema)
    assert outcome(seen(words.tail(60_000), brief)) == "pass"


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"rate": 1.0}, {"effect": -0.1}, {"effect": 1.0}])
def test_settings_that_are_no_shares_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Params(**wrong)  # type: ignore[arg-type] # floats all


# Where it applies, and its control


def test_it_says_why_it_has_nothing_to_say() -> None:
    assert applies(BRIEF) == ""
    assert "No reference is named" in applies(Brief(name="d", schema=BRIEF.schema, now=NOW))
    pictures = Schema(image=Image(height=2, width=2, channels=1))
    brief = Brief(name="d", schema=pictures, profile=BRIEF.profile, now=NOW)
    assert "Rows are images" in applies(brief)


def controlled(frame: pl.DataFrame, brief: Brief) -> bool:
    (sample,) = batches(frame, schema=brief.schema, target=brief.target)
    return bool(ENTRY.control(brief=brief, sample=sample, rng=rng(3)).passed)


def test_the_control_finds_drift_planted_in_the_users_own_rows() -> None:
    assert controlled(table(2000), BRIEF)


def test_the_control_fails_where_nothing_could_be_found() -> None:
    assert not controlled(table(8), BRIEF)
    same = pl.DataFrame({"a": [1.0] * 500})
    assert not controlled(same, brief_of(same))
