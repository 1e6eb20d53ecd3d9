import pickle
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.adapt.table import load_dataset
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.tables.inference import infer
from bartizan.core.arrays import Array
from bartizan.core.errors import SchemaError, ShapeError

FRAME = pl.DataFrame(
    {
        "whole": pl.Series([1, -5, None], dtype=pl.Int64),
        "byte": pl.Series([0, 255, 7], dtype=pl.UInt8),
        "real": [0.1, None, -1e300],
        "single": pl.Series([0.5, 1.25, None], dtype=pl.Float32),
        "truth": [True, None, False],
        "text": ["b", "", None],
        "grade": pl.Series(["lo", None, "hi"], dtype=pl.Enum(["hi", "lo", "unused"])),
        "loose": pl.Series(["u", "v", None], dtype=pl.Categorical),
        "day": [date(2024, 1, 2), None, date(1969, 1, 1)],
        "moment": [datetime(2024, 1, 2, 3, 4, 5, 6), None, datetime(1900, 1, 1)],  # noqa: DTZ001
        "aware": pl.Series([1, None, 2], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC")),
    }
)


def codec_of(frame: pl.DataFrame) -> Codec:
    schema = infer(frame.with_columns(y=pl.Series([0, 1, 0])), target="y").schema
    return Codec.of(schema, dtypes=frame.schema)


CODEC = codec_of(FRAME)


def test_rows_come_back_with_their_types_and_gaps() -> None:
    again = CODEC.decode(CODEC.encode(FRAME))
    assert again.dtypes == FRAME.dtypes
    assert again.rows() == FRAME.rows()


def test_a_codec_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(CODEC))  # noqa: S301 (our own bytes)
    assert again.decode(CODEC.encode(FRAME)).rows() == FRAME.rows()


def rows_of_numbers() -> st.SearchStrategy[Array]:
    numbers = st.floats(-1e6, 1e6) | st.just(float("nan")) | st.integers(-3, 3).map(float)
    row = st.lists(numbers, min_size=len(CODEC.columns), max_size=len(CODEC.columns))
    return st.lists(row, min_size=1, max_size=5).map(np.array)


@given(rows_of_numbers())
@settings(max_examples=60, deadline=None)
def test_rounding_is_exactly_what_survives_decoding(x: Array) -> None:
    rounded = CODEC.round(x)
    np.testing.assert_array_equal(CODEC.encode(CODEC.decode(x)), rounded)
    np.testing.assert_array_equal(CODEC.encode(CODEC.decode(rounded)), rounded)
    np.testing.assert_array_equal(CODEC.round(rounded), rounded)
    np.testing.assert_array_equal(np.isnan(rounded), np.isnan(x))


def test_values_beyond_a_type_come_to_its_end_instead_of_going_missing() -> None:
    x = np.full((1, len(CODEC.columns)), 1e30)
    row = CODEC.decode(x).row(0, named=True)
    assert row["byte"] == 255
    assert row["truth"] is True
    assert row["text"] == "b"
    assert row["whole"] > 2**62


def test_numbers_pass_through_unchanged_and_uncopied() -> None:
    table = load_dataset((np.array([[0.1, 2.0], [3.3, 4.5]]), [0, 1]), target=None)
    x = table.dataset.x
    assert isinstance(table.codec, Codec)
    assert table.codec.plain
    assert table.codec.round(x) is x
    assert table.codec.array(x) is x


def test_truth_values_are_numbers_and_text_is_not() -> None:
    assert codec_of(FRAME.select("whole", "truth")).numeric
    assert not codec_of(FRAME.select("whole", "text")).numeric


def test_columns_can_be_picked_and_renamed() -> None:
    made = CODEC.select(np.array([5, 0]), names=("word", "count"))
    assert made.decode(np.array([[1.0, 3.0]])).to_dicts() == [{"word": "b", "count": 3}]


def test_wrong_width_is_refused() -> None:
    with pytest.raises(ShapeError, match="expected rows of 11 columns"):
        CODEC.decode(np.zeros((2, 3)))


def test_missing_column_names_the_nearest() -> None:
    with pytest.raises(SchemaError, match=r"a column 'single', .* did you mean 'singel'"):
        CODEC.encode(FRAME.rename({"single": "singel"}))


def test_without_types_a_schema_gives_numbers_and_text() -> None:
    schema = infer(FRAME.with_columns(y=pl.Series([0, 1, 0])), target="y").schema
    kinds: dict[str, Any] = {c.name: c.dtype for c in Codec.of(schema).columns}
    assert kinds["whole"] == pl.Int64
    assert kinds["real"] == pl.Float64
    assert kinds["truth"] == kinds["text"] == pl.String


def test_numbers_in_a_test_set_of_a_text_column_stay_text() -> None:
    train = pl.DataFrame({"code": ["1", "2", "3+"], "y": [0, 1, 0]})
    schema = infer(train, target="y").schema
    test = load_dataset(pl.DataFrame({"code": [2, 1], "y": [0, 1]}), target="y", schema=schema)
    assert isinstance(test.codec, Codec)
    assert test.codec.decode(test.dataset.x)["code"].to_list() == ["2", "1"]
