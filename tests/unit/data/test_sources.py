import numpy as np
import polars as pl
import pytest

from bartizan.core.entry import FLAGGED, CheckResult
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections.sources import ENTRY, Params, applies
from bartizan.data.rules import Rules
from bartizan.data.tally import NAMES
from inspected import NOW, batches, inspected, profile_of

SCHEMA = Schema(features=(Feature(name="a"),))


def world(*shares: float, n: int = 2000, seed: int = 0) -> pl.DataFrame:
    """Rows of the sources s0, s1, ... by share, two classes at random."""
    draws = rng(seed, "sources")
    counts = np.floor(np.array(shares) * n + 0.5).astype(int)
    names = np.repeat([f"s{i}" for i in range(len(shares))], counts)
    return pl.DataFrame(
        {
            "a": draws.standard_normal(len(names)),
            "who": draws.permutation(names),
            "y": np.where(draws.random(len(names)) < 0.3, "bad", "good"),
        }
    )


def brief(before: pl.DataFrame | None = None, **rules: object) -> Brief:
    made = Rules(source="who", **rules)  # type: ignore[arg-type] # of the test
    profile = None
    if before is not None:
        profile = profile_of(before, schema=SCHEMA, target="y", rules=made)
    return Brief(name="d", schema=SCHEMA, target="y", rules=made, profile=profile, now=NOW)


def seen(frame: pl.DataFrame, told: Brief, rows: int = 1 << 20) -> CheckResult:
    return inspected(ENTRY, frame, brief=told, rows=rows)


def over(result: CheckResult) -> float:
    assert result.measures[0].name == ENTRY.threshold[0]
    assert result.measures[0].value is not None
    return result.measures[0].value


def named(result: CheckResult) -> list[str]:
    return [flagged.value for flagged in result.flagged]


def test_a_source_above_its_quota_is_named_with_its_share() -> None:
    result = seen(world(0.5, 0.3, 0.2), brief(quota=0.4))
    assert over(result) == 0.5
    assert named(result) == ["s0"]
    assert "more than the quota of 40.0%" in result.flagged[0].why
    assert result.measures[1].value == 0.5


def test_a_quota_may_be_used_up() -> None:
    assert over(seen(world(0.4, 0.4, 0.2), brief(quota=0.4))) == 0


def test_a_source_that_grew_too_fast_is_named_and_others_are_not() -> None:
    told = brief(world(0.05, 0.45, 0.5), rate=2.0)
    result = seen(world(0.2, 0.4, 0.4, seed=1), told)
    assert over(result) == pytest.approx(0.2)
    assert named(result) == ["s0"]
    assert "4 times its share in the reference" in result.flagged[0].why


def test_growth_by_chance_is_no_growth() -> None:
    told = brief(world(*[0.01] * 100), rate=1.5)
    draws = rng(5)
    hits = 0
    for seed in range(60):
        shares = draws.multinomial(2000, [0.01] * 100) / 2000
        hits += over(seen(world(*shares, seed=seed), told)) > 0
    assert hits <= 7  # binomial of 60 and 0.05, 99 %


def test_a_new_source_that_floods_is_over_any_rate() -> None:
    told = brief(world(0.5, 0.5), rate=3.0)
    result = seen(world(0.45, 0.45, 0.1, seed=1), told)
    assert named(result) == ["s2"]
    assert over(result) == pytest.approx(0.1)
    assert result.measures[2].value == pytest.approx(0.1)


def test_a_new_source_of_few_rows_is_named_and_fails_nothing() -> None:
    told = brief(world(0.5, 0.5), rate=3.0)
    result = seen(world(0.497, 0.497, 0.006, seed=1), told)
    assert over(result) == 0
    assert named(result) == ["s2"]
    assert "not in the reference" in result.flagged[0].why


def test_a_source_of_one_class_is_named_and_fails_nothing() -> None:
    frame = world(0.4, 0.4, 0.2)
    frame = frame.with_columns(
        pl.when(pl.col("who") == "s2").then(pl.lit("bad")).otherwise(pl.col("y")).alias("y")
    )
    result = seen(frame, brief(quota=0.9))
    assert over(result) == 0
    assert named(result) == ["s2"]
    assert "100% of its 400 rows are of class 'bad'" in result.flagged[0].why
    assert result.measures[3].value == pytest.approx(0.2)


def test_sources_that_differ_by_chance_are_not_named_for_a_class() -> None:
    assert named(seen(world(*[0.01] * 100), brief(quota=0.9))) == []


def test_rows_without_a_source_are_a_source() -> None:
    frame = world(0.5, 0.5).with_columns(
        pl.when(pl.col("who") == "s0").then(None).otherwise(pl.col("who")).alias("who")
    )
    result = seen(frame, brief(quota=0.4))
    assert named(result) == ["(no source)", "s1"]
    assert over(result) == 1


@pytest.mark.parametrize("rows", [1, 13, 299])
def test_the_result_does_not_depend_on_how_rows_are_cut(rows: int) -> None:
    frame, told = world(0.6, 0.3, 0.1, n=300), brief(world(0.2, 0.8), quota=0.4, rate=2.0)
    assert seen(frame, told, rows) == seen(frame, told)


def test_names_that_are_personal_are_not_told() -> None:
    frame = world(0.7, 0.2, 0.1).with_columns(pl.col("who") + "@example.org")
    result = seen(frame, brief(quota=0.4))
    assert named(result) == [""]
    assert over(result) == pytest.approx(0.7)


def test_at_most_so_many_sources_are_named_as_a_person_reads() -> None:
    result = seen(world(*[0.02] * 50), brief(quota=0.01))
    assert len(result.flagged) == FLAGGED
    assert over(result) == 1


# Bad input


def test_a_rate_that_nothing_can_be_held_against_is_no_pass() -> None:
    measure = seen(world(0.5, 0.5), brief(quota=0.9, rate=2.0)).measures[0]
    assert measure.value is None
    assert "no reference says" in measure.why
    assert over(seen(world(0.95, 0.05), brief(quota=0.9, rate=2.0))) == 0.95


def test_a_column_that_names_rows_is_no_column_of_sources() -> None:
    names = pl.Series("who", np.arange(NAMES + 2).astype(str))
    frame = pl.DataFrame({"a": np.zeros(NAMES + 2), "who": names, "y": ["x"] * (NAMES + 2)})
    measure = seen(frame, brief(quota=0.5)).measures[0]
    assert measure.value is None
    assert "names rows and not sources" in measure.why


def test_no_rows_are_no_pass() -> None:
    empty = ENTRY.run(brief(quota=0.5), params=Params(), rng=rng(0)).result()
    assert empty.measures[0].value is None


def test_a_source_column_that_is_not_there_is_named() -> None:
    with pytest.raises(SchemaError, match="'who' names the source"):
        seen(world(0.5, 0.5).drop("who"), brief(quota=0.5))


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"rate": 1.0}, {"gap": -0.1}, {"gap": 1.1}])
def test_settings_that_are_no_shares_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Params(**wrong)


# Where it applies, and its control


def test_it_says_why_it_has_nothing_to_say() -> None:
    assert applies(brief(quota=0.5)) == ""
    assert applies(brief(world(0.5, 0.5), rate=2.0)) == ""
    assert "neither a quota nor a rate" in applies(brief())
    assert "no reference says" in applies(brief(rate=2.0))
    nothing = Brief(name="d", schema=SCHEMA, now=NOW)
    assert "name no column" in applies(nothing)


@pytest.mark.parametrize(
    "rules", [{"quota": 0.3}, {"quota": 0.95}, {"rate": 2.0}, {"quota": 0.5, "rate": 5.0}]
)
def test_the_control_finds_a_source_that_floods_the_users_own_rows(rules: dict[str, float]) -> None:
    told = brief(None, **rules)
    (sample,) = batches(world(0.2, 0.5, 0.3), schema=SCHEMA, target="y")
    assert ENTRY.control(brief=told, sample=sample, rng=rng(0)).passed


def test_the_control_fails_where_no_flood_could_be_found() -> None:
    (sample,) = batches(world(0.5, 0.5), schema=SCHEMA, target="y")
    assert not ENTRY.control(brief=brief(quota=1.0), sample=sample, rng=rng(0)).passed
    unnamed = Brief(name="d", schema=SCHEMA, now=NOW)
    assert not ENTRY.control(brief=unnamed, sample=sample, rng=rng(0)).passed
