import msgspec
import polars as pl
import pytest

from bartizan.core.streams import rng
from bartizan.data import missing
from bartizan.data.profile import ColumnProfile, DataProfile
from unit.data.batches import SCHEMA, clean, cut, inspected, outcome, put, rows_of, spelled, told


def reference(*, rows: int, nulls: int) -> DataProfile:
    column = ColumnProfile(name="note", rows=rows, nulls=nulls, distinct=min(7, rows))
    return DataProfile(rows=rows, columns=(column,))


def noted(rows: int, gaps: int) -> pl.DataFrame:
    note = [None] * gaps + [1.0] * (rows - gaps)
    return clean(rows).with_columns(pl.Series("note", note, dtype=pl.Float64))


def test_a_gap_that_nobody_declared_fails_and_a_declared_one_does_not() -> None:
    table = put(put(clean(10), "amount", {3: None}), "note", {1: None})
    result = inspected(missing, cut(table), brief=told(profile=None))
    assert rows_of(result) == [3]
    assert result.measures[0].value == pytest.approx(0.1)
    assert outcome(missing, result) == "fail"


def test_an_all_null_column_fails_every_row() -> None:
    table = clean(10).with_columns(pl.lit(None, dtype=pl.Float64).alias("amount"))
    assert inspected(missing, cut(table), brief=told()).measures[0].value == 1.0


def test_what_does_not_fit_its_type_is_not_missing() -> None:
    table = put(spelled(clean(10)), "amount", {3: "lots", 4: ""})
    assert rows_of(inspected(missing, cut(table), brief=told(profile=None))) == [4]


@pytest.mark.parametrize(
    ("gaps", "share"),
    [
        (250, 0.0),  # as usual
        (280, 0.0),  # no chance, but within the tolerance
        (500, 0.25),
        (0, 0.25),  # gaps that vanish were filled by somebody
        (1000, 0.75),
    ],
)
def test_an_unusual_share_counts_by_its_difference(gaps: int, share: float) -> None:
    brief = told(profile=reference(rows=100_000, nulls=25_000))
    result = inspected(missing, cut(noted(1000, gaps)), brief=brief)
    assert result.measures[0].value == pytest.approx(share)
    assert (outcome(missing, result) == "pass") is (share == 0)


def test_a_difference_that_chance_explains_does_not_count() -> None:
    brief = told(profile=reference(rows=20, nulls=4))
    result = inspected(missing, cut(noted(20, 8)), brief=brief)
    assert result.measures[0].value == 0


def test_columns_of_the_reference_without_rows_are_not_compared() -> None:
    brief = told(profile=reference(rows=0, nulls=0))
    assert inspected(missing, cut(clean(10)), brief=brief).measures[0].value == 0


def test_rows_without_a_label_are_told() -> None:
    result = inspected(missing, cut(put(clean(10), "label", {3: None})), brief=told(profile=None))
    assert "1 rows have no label." in result.remarks


def test_where_every_column_may_have_gaps_a_case_can_still_be_planted() -> None:
    features = tuple(msgspec.structs.replace(one, missing=True) for one in SCHEMA.features)
    schema = msgspec.structs.replace(SCHEMA, features=features)
    found = missing.control(
        brief=told(schema=schema), sample=cut(clean(10))[0], rng=rng(0, "control")
    )
    assert found.passed, found.detail
