import polars as pl
import pytest

from bartizan.data.inspections import leakage
from unit.data.batches import TARGET, clean, cut, inspected, outcome, put, rows_of, spelled, told


def other(rows: int = 50) -> pl.DataFrame:
    return clean(rows).with_columns(pl.col("amount") / 7)


def test_rows_of_the_other_set_are_found_whatever_their_label_and_name() -> None:
    there = pl.concat([other(), clean()[[7, 8]]])
    there = put(put(there, TARGET, {50: "odd"}), "id", {50: 9999, 51: 8888})
    result = inspected(leakage, cut(clean(100)), brief=told(others={"test": cut(there, size=9)}))
    assert rows_of(result) == [7, 8]
    assert result.measures[0].value == pytest.approx(0.02)
    assert result.flagged[0].why == "occurs in 'test' as well"
    assert outcome(leakage, result) == "fail"


def test_one_row_of_a_thousand_does_not_spoil_a_test() -> None:
    brief = told(others={"test": cut(clean()[[7]])})
    result = inspected(leakage, cut(pl.concat([clean(), other(700)])), brief=brief)
    assert outcome(leakage, result) == "pass"
    assert rows_of(result) == [7]


def test_a_row_that_is_in_two_sets_counts_once() -> None:
    brief = told(others={"test": cut(clean()[[7]]), "holdout": cut(clean()[[7, 9]])})
    result = inspected(leakage, cut(clean(100)), brief=brief)
    assert rows_of(result) == [7, 9]
    assert result.measures[0].value == pytest.approx(0.02)


def test_the_same_rows_are_found_in_another_spelling() -> None:
    brief = told(others={"test": cut(spelled(clean()[:40]))})
    assert rows_of(inspected(leakage, cut(clean(60)), brief=brief)) == [*range(40)]


def test_a_set_without_rows_does_not_pass() -> None:
    brief = told(others={"test": cut(clean()[:0]), "holdout": cut(other())})
    result = inspected(leakage, cut(clean(60)), brief=brief)
    assert outcome(leakage, result) == "inconclusive"
    assert result.measures[0].why == "'test' holds no rows"


def test_a_set_that_lacks_a_column_cannot_be_compared_and_does_not_pass() -> None:
    brief = told(others={"test": cut(clean(60).drop("amount"))})
    result = inspected(leakage, cut(clean(60)), brief=brief)
    assert outcome(leakage, result) == "inconclusive"
    assert result.measures[0].why == "'test' has no column 'amount'"


@pytest.mark.parametrize(("shared", "found"), [(1, "inconclusive"), (50, "fail")])
def test_beside_a_set_that_cannot_be_compared_only_a_failure_is_certain(
    shared: int, found: str
) -> None:
    brief = told(others={"a": cut(clean()[:shared]), "b": cut(clean(60).drop("amount"))})
    result = inspected(leakage, cut(clean()), brief=brief)
    assert outcome(leakage, result) == found
    assert "Not compared: 'b' has no column 'amount'." in result.remarks


def test_without_another_set_there_is_nothing_to_say() -> None:
    assert leakage.applies(told(others={})).startswith("No other data set")
