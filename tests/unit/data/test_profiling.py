import string
import tracemalloc

import numpy as np
import polars as pl
import pytest

from bartizan.core.errors import SchemaError
from bartizan.core.record import decode, encode
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.data.profile import DataProfile
from bartizan.data.profiling import Profiler
from bartizan.data.rules import Rules
from inspected import batches, profile_of, schema_of, table


def test_counts_and_moments_are_those_of_polars() -> None:
    frame = table(3000)
    profile = profile_of(frame, target="y")
    assert profile.rows == 3000
    assert [column.name for column in profile.columns] == frame.columns
    for column in profile.columns:
        values = frame[column.name]
        assert column.rows == 3000
        assert column.nulls == values.null_count()
        assert column.distinct == values.drop_nulls().n_unique()
        if values.dtype == pl.String:
            assert (column.min, column.max, column.mean) == (None, None, None)
        else:
            assert (column.min, column.max) == (values.min(), values.max())
            assert column.mean == pytest.approx(values.mean())
    assert profile.labels == dict(frame["y"].value_counts().sort("y").iter_rows())


@pytest.mark.parametrize("rows", [1, 7, 256, 599])
def test_the_profile_does_not_depend_on_how_rows_are_cut(rows: int) -> None:
    frame = table(600)
    rules = Rules(source="colour")
    whole = profile_of(frame, target="y", rules=rules)
    assert encode(profile_of(frame, target="y", rules=rules, rows=rows)) == encode(whole)


@pytest.mark.parametrize("rows", [9_000, 50_001])
def test_the_sample_does_not_depend_on_how_many_rows_are_cut(rows: int) -> None:
    frame = pl.DataFrame({"a": rng(0).standard_normal(170_000), "b": np.arange(170_000)})
    assert encode(profile_of(frame, rows=rows)) == encode(profile_of(frame))


def test_bins_count_rows_that_did_not_choose_them() -> None:
    profile = profile_of(table(3000), target="y")
    for column in profile.columns:
        assert column.bins is not None
        assert column.bins.rows == 3000 - 3000 // 5
        if column.name == "gaps":
            assert 150 < column.bins.missing < 350


def test_a_large_data_set_is_sampled() -> None:
    profile = profile_of(pl.DataFrame({"a": rng(0).standard_normal(120_000)}))
    (column,) = profile.columns
    assert column.bins is not None
    assert column.bins.rows == 45_000
    counts = np.array(column.bins.counts)[1:-1]
    assert abs(counts / 45_000 - 0.05).max() < 0.015


def test_another_seed_draws_another_sample() -> None:
    frame = pl.DataFrame({"a": rng(0).standard_normal(60_000)})
    assert profile_of(frame, seed=0).columns != profile_of(frame, seed=1).columns


def test_a_profile_survives_being_stored() -> None:
    profile = profile_of(table(500), target="y", rules=Rules(source="colour"))
    assert decode(encode(profile), kind=DataProfile) == profile


# What a profile may not give away


def test_columns_of_personal_data_and_of_row_names_leave_only_counts() -> None:
    frame = pl.DataFrame(
        {"mail": [f"p{i}@x.org" for i in range(500)], "id": range(500), "a": range(500)}
    )
    schema = schema_of(
        frame,
        mail=Feature(name="mail", type="categorical", categories=("?",), personal=True),
        id=Feature(name="id", type="integer", identifier=True),
    )
    mail, number, _ = profile_of(frame, schema=schema).columns
    for column in (mail, number):
        assert (column.bins, column.min, column.max, column.mean) == (None, None, None, None)
        assert (column.rows, column.nulls, column.distinct) == (500, 0, 500)
    assert b"@x.org" not in encode(profile_of(frame, schema=schema))


def test_no_category_of_fewer_than_ten_rows_is_named() -> None:
    words = [f"rare{i}" for i in range(400) for _ in range(9)] + ["often"] * 4000
    frame = pl.DataFrame({"a": rng(0).permutation(np.array(words))})
    stored = encode(profile_of(frame, rules=Rules(source="a")))
    assert b"often" in stored
    assert b"rare" not in stored


def test_names_of_sources_that_look_personal_are_not_kept() -> None:
    people = [f"{letter * 3}@example.org" for letter in string.ascii_lowercase]
    frame = pl.DataFrame({"who": people * 40, "a": range(26 * 40)})
    schema = Schema(features=(Feature(name="a", type="integer"),))
    profile = profile_of(frame, schema=schema, rules=Rules(source="who"))
    assert profile.sources == {}
    assert b"@example" not in encode(profile)


def test_sources_of_ten_rows_are_named_and_the_others_lumped() -> None:
    frame = pl.DataFrame({"who": ["a"] * 10 + ["b"] * 9 + ["c"] * 30 + [None] * 2})
    frame = frame.with_columns(pl.Series("x", range(51)))
    profile = profile_of(frame, schema=schema_of(frame.select("x")), rules=Rules(source="who"))
    assert profile.sources == {"": 11, "a": 10, "c": 30}


def test_no_more_than_a_thousand_classes_are_named() -> None:
    frame = pl.DataFrame({"a": range(3000), "y": [f"k{i % 1500}" for i in range(3000)]})
    labels = profile_of(frame, target="y").labels
    assert len(labels) == 1001
    assert sum(labels.values()) == 3000


# Bad input


def test_a_data_set_of_one_row_has_a_profile_without_a_joint_sketch() -> None:
    profile = profile_of(pl.DataFrame({"a": [1.0], "b": ["x"]}))
    assert profile.rows == 1
    assert profile.joint is None


def test_a_data_set_without_rows_has_an_empty_profile() -> None:
    schema = Schema(features=(Feature(name="a"),))
    profile = Profiler(schema, target=None, rules=Rules(), rng=rng(0)).profile()
    assert profile.rows == 0
    assert profile.columns[0].bins is None


def test_a_column_of_nothing_and_a_constant_one_have_profiles() -> None:
    frame = pl.DataFrame(
        {"nothing": pl.Series([None] * 300, dtype=pl.Float64), "five": [5] * 300, "x": range(300)}
    )
    nothing, five, _ = profile_of(frame).columns
    assert (nothing.nulls, nothing.distinct, nothing.min) == (300, 0, None)
    assert nothing.bins is not None
    assert nothing.bins.missing == 240
    assert (five.distinct, five.min, five.max, five.mean) == (1, 5, 5, 5)


def test_infinite_and_huge_numbers_leave_finite_moments() -> None:
    values = [np.inf, -np.inf, 1e308, 1e308, 1e308, -1e308] * 50
    frame = pl.DataFrame({"a": values, "b": range(300)})
    column = profile_of(frame).columns[0]
    assert (column.min, column.max) == (-1e308, 1e308)
    assert column.mean == pytest.approx(5e307)
    assert column.nulls == 100


def test_a_column_of_a_hundred_thousand_categories_has_a_short_profile() -> None:
    words = rng(0).integers(0, 100_000, 150_000).astype(str)
    profile = profile_of(
        pl.DataFrame({"a": words}),
        schema=Schema(features=(Feature(name="a", type="categorical", categories=("0",)),)),
    )
    true = len(np.unique(words))
    assert profile.columns[0].distinct == pytest.approx(true, rel=0.07)
    assert len(encode(profile)) < 5_000


def test_two_thousand_columns_have_a_profile() -> None:
    frame = pl.DataFrame(rng(0).integers(0, 5, (400, 2000)), orient="row")
    profile = profile_of(frame)
    assert len(profile.columns) == 2000
    assert profile.joint is not None


def test_memory_does_not_grow_with_the_rows() -> None:
    schema = Schema(features=(Feature(name="a"),))
    (batch,) = batches(pl.DataFrame({"a": rng(0).standard_normal(60_000)}), schema=schema)
    profiler = Profiler(schema, target=None, rules=Rules(), rng=rng(0))
    for _ in range(3):
        profiler.see(batch)
    held = []
    tracemalloc.start()
    for _ in range(12):
        profiler.see(batch)
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[-1] < held[2] + 1_000_000


def test_a_source_column_that_is_not_there_is_named() -> None:
    with pytest.raises(SchemaError, match="'who' names the source"):
        profile_of(pl.DataFrame({"a": [1, 2]}), rules=Rules(source="who"))
