import polars as pl
import pytest

from bartizan.data.inspections import labels
from bartizan.data.profile import DataProfile
from unit.data.batches import TARGET, clean, cut, inspected, outcome, put, told


def mixed(**counts: int) -> pl.DataFrame:
    names = [name for name, count in counts.items() for _ in range(count)]
    return pl.concat([clean()[:1]] * len(names)).with_columns(pl.Series(TARGET, names))


def against(**counts: int) -> DataProfile:
    return DataProfile(rows=sum(counts.values()), columns=(), labels=counts)


@pytest.mark.parametrize(
    ("fraud", "found"), [(1000, "pass"), (1700, "pass"), (2000, "inconclusive"), (3500, "fail")]
)
def test_a_shift_of_more_than_a_tenth_fails_beyond_doubt(fraud: int, found: str) -> None:
    brief = told(profile=against(fraud=1000, normal=9000))
    table = mixed(fraud=fraud, normal=10_000 - fraud)
    result = inspected(labels, cut(table), brief=brief)
    assert result.measures[0].value == pytest.approx(abs(fraud - 1000) / 10_000)
    assert outcome(labels, result) == found


def test_a_few_rows_settle_nothing() -> None:
    brief = told(profile=against(fraud=1000, normal=9000))
    assert outcome(labels, inspected(labels, cut(mixed(normal=9, fraud=1)), brief=brief)) == (
        "inconclusive"
    )


def test_millions_of_rows_do_not_fail_on_nothing() -> None:
    brief = told(profile=against(fraud=1_000_000, normal=9_000_000))
    result = inspected(labels, cut(mixed(fraud=3200, normal=26_800), size=10**5), brief=brief)
    assert outcome(labels, result) == "pass"
    assert any("0.000" in one or "e-" in one for one in result.remarks)  # significant, and told
    assert "Class 'fraud': 10.667% of the rows, 10.000% in the reference" in " ".join(
        result.remarks
    )


def test_a_class_that_the_reference_does_not_have_fails_however_rare() -> None:
    brief = told(profile=against(fraud=1000, normal=9000))
    table = put(mixed(fraud=500, normal=4500), TARGET, {7: "fruad"})
    result = inspected(labels, cut(table), brief=brief)
    assert outcome(labels, result) == "fail"
    assert result.flagged[0].value == "fruad"
    assert result.measures[1].value == pytest.approx(1 / 5000)


def test_a_class_that_vanished_is_told() -> None:
    brief = told(profile=against(fraud=50, normal=9950))
    result = inspected(labels, cut(mixed(normal=5000)), brief=brief)
    assert "Class 'fraud': 0.000% of the rows, 0.500% in the reference" in " ".join(result.remarks)


def test_rows_without_a_label_are_left_out() -> None:
    brief = told(profile=against(fraud=500, normal=500))
    table = put(mixed(fraud=2000, normal=2001), TARGET, {4000: None})
    assert inspected(labels, cut(table), brief=brief).measures[0].n == 4000


def test_a_label_column_of_nothing_settles_nothing() -> None:
    table = clean(10).with_columns(pl.lit(None, dtype=pl.String).alias(TARGET))
    result = inspected(labels, cut(table), brief=told())
    assert result.measures[0].why == "no row has a label"


def test_without_a_reference_there_is_nothing_to_say() -> None:
    assert labels.applies(told(profile=None)).startswith("There is no reference")
    assert labels.applies(told(target=None)) == "No target is named."
