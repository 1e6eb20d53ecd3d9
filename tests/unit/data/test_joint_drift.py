import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from bartizan.core.entry import CheckResult
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.schema import Feature
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections.drift import ENTRY as COLUMNS
from bartizan.data.inspections.joint_drift import ENTRY, Params, applies
from inspected import NOW, batches, brief_of, inspected, schema_of, table

BRIEF = brief_of(table(4000), target="y")


def seen(frame: pl.DataFrame, brief: Brief = BRIEF, **more: object) -> CheckResult:
    return inspected(ENTRY, frame, brief=brief, **more)  # type: ignore[arg-type] # of the test


def drift(frame: pl.DataFrame, brief: Brief = BRIEF) -> float:
    value = seen(frame, brief).measures[0].value
    assert value is not None
    return value


def pairs(n: int, *, correlation: float, seed: int) -> pl.DataFrame:
    """Ten normal columns, of which two may go together."""
    normal = rng(seed).standard_normal((n, 10))
    normal[:, 1] = correlation * normal[:, 0] + np.sqrt(1 - correlation**2) * normal[:, 1]
    return pl.DataFrame(normal, orient="row")


def test_new_rows_of_the_same_kind_show_nothing() -> None:
    result = seen(table(3000, seed=1))
    assert result.measures[0].value == 0
    assert result.measures[0].name == ENTRY.threshold[0]


def test_a_change_of_correlation_that_no_column_shows_is_found() -> None:
    brief = brief_of(pairs(5000, correlation=0.0, seed=0))
    other = pairs(5000, correlation=0.5, seed=1)
    assert drift(pairs(5000, correlation=0.0, seed=2), brief) == 0
    assert inspected(COLUMNS, other, brief=brief).measures[0].value == 0
    assert drift(other, brief) > 0


def test_shuffled_labels_are_found_though_as_many_rows_have_each() -> None:
    frame = table(3000, seed=1)
    shuffled = frame.with_columns(pl.Series("y", rng(2).permutation(frame["y"].to_numpy())))
    assert drift(shuffled) > 0


def test_a_shift_of_one_column_and_a_new_category_are_found() -> None:
    frame = table(3000, seed=1)
    assert drift(frame.with_columns(pl.col("n2") + 0.6)) > 0
    mask = pl.Series(np.arange(3000) % 8 == 0)
    violet = pl.when(mask).then(pl.lit("violet")).otherwise(pl.col("colour")).alias("colour")
    assert drift(frame.with_columns(violet)) > 0


@pytest.mark.parametrize("rows", [1, 13, 299])
def test_the_result_does_not_depend_on_how_rows_are_cut(rows: int) -> None:
    frame = table(300, seed=1).with_columns(pl.col("n2") + 0.5)
    assert seen(frame, rows=rows) == seen(frame)


def test_the_stated_rate_holds_on_two_hundred_clean_splits() -> None:
    runs, hits = 200, 0
    schema = schema_of(table(500, d=3).drop("y"))
    for seed in range(runs):
        frame = table(500, seed=seed, d=3).drop("y")
        brief = brief_of(frame.head(300), schema=schema)
        hits += drift(frame.tail(200), brief) > 0
    assert hits <= binom.ppf(0.99, runs, ENTRY.params.rate)


def test_what_many_rows_show_without_meaning_is_said_and_does_not_count() -> None:
    rows = rng(0).standard_normal(80_000)
    brief = brief_of(pl.DataFrame({"a": rows[:40_000]}))
    other = pl.DataFrame({"a": rows[40_000:] + 0.05})
    result = seen(other, brief, params=Params(effect=0.01))
    assert result.measures[0].value == 0
    assert result.measures[1].value is not None
    assert result.measures[1].value < 0.001
    assert "It does not count" in result.remarks[-1]


def test_columns_of_personal_data_are_left_out() -> None:
    frame = table(3000)
    schema = schema_of(frame, target="y", n2=Feature(name="n2", personal=True))
    brief = brief_of(frame, schema=schema, target="y")
    assert drift(table(3000, seed=1).with_columns(pl.col("n2") + 9), brief) == 0


@pytest.mark.parametrize("rows", [1, 49])
def test_too_few_rows_are_no_pass(rows: int) -> None:
    few, many = table(rows, seed=1), table(3000, seed=1)
    measure = seen(few).measures[0]
    assert measure.value is None
    assert f"the data {rows}; 50 of each are needed" in measure.why
    brief = brief_of(few, schema=BRIEF.schema, target="y")
    assert seen(many, brief).measures[0].value is None


def test_no_rows_are_no_pass() -> None:
    assert ENTRY.run(BRIEF, params=Params(), rng=rng(0)).result().measures[0].value is None


def test_a_reference_of_another_schema_is_refused() -> None:
    other = brief_of(table(300).drop("n0"), target="y").profile
    brief = Brief(name="d", schema=BRIEF.schema, target="y", profile=other, now=NOW)
    with pytest.raises(SchemaError, match="another schema"):
        ENTRY.run(brief, params=Params(), rng=rng(0))


def test_a_column_that_is_all_missing_now_is_found() -> None:
    assert drift(table(3000, seed=1).with_columns(pl.lit(None, pl.Float64).alias("n3"))) > 0


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"rate": 1.0}, {"effect": -0.1}, {"effect": 1.0}])
def test_settings_that_are_no_shares_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Params(**wrong)


def test_it_says_why_it_has_nothing_to_say() -> None:
    assert applies(BRIEF) == ""
    assert "No reference is named" in applies(Brief(name="d", schema=BRIEF.schema, now=NOW))
    same = brief_of(pl.DataFrame({"a": [1.0] * 300}))
    assert "no joint sketch" in applies(same)


def controlled(frame: pl.DataFrame, brief: Brief) -> bool:
    (sample,) = batches(frame, schema=brief.schema, target=brief.target)
    return bool(ENTRY.control(brief=brief, sample=sample, rng=rng(3)).passed)


def test_the_control_finds_a_joint_change_planted_in_the_users_own_rows() -> None:
    assert controlled(table(2000), BRIEF)


def test_the_control_fails_where_nothing_could_be_found() -> None:
    assert not controlled(table(60), BRIEF)
    same = pl.DataFrame({"a": [1.0] * 500})
    assert not controlled(same, brief_of(same))
    alone = pl.DataFrame({"a": rng(0).standard_normal(500)})
    assert not controlled(alone, brief_of(alone))
