from typing import Any

import polars as pl
import pytest

from bartizan.adapt.batches.fitted import fitted
from bartizan.core.schema import Feature, Schema

SCHEMA = Schema(
    features=(
        Feature(name="n"),
        Feature(name="i", type="integer"),
        Feature(name="c", type="categorical", categories=("1", "2.5", " x", "true", "ä")),
    )
)


def cell(value: Any, *, column: str, dtype: Any = None) -> tuple[Any, bool]:
    """What one cell becomes, and whether it is unfit."""
    raw = pl.DataFrame({column: pl.Series([value], dtype=dtype)})
    frame, unfit = fitted(raw, schema=SCHEMA, target="y")
    assert frame.columns == ["n", "i", "c", "y"]
    assert frame.dtypes == [pl.Float64, pl.Int64, pl.String, pl.String]
    marks = unfit.get(column)
    return frame[column][0], marks is not None and bool(marks[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", 1.0), (" 2.5\t", 2.5), ("1e3", 1000.0), ("+5", 5.0), ("-0", 0.0), ("007", 7.0),
     ("True", 1.0), ("false", 0.0), ("9007199254740993", 2.0**53)],
)  # fmt: skip
def test_texts_that_are_numbers_are_numbers(text: str, expected: float) -> None:
    assert cell(text, column="n") == (expected, False)


@pytest.mark.parametrize("column", ["n", "i"])
@pytest.mark.parametrize("text", ["", " ", "NA", "n/a", " #N/A", "NaN", "nan", "null", None])
def test_words_for_a_gap_are_gaps_and_fit(column: str, text: str | None) -> None:
    assert cell(text, column=column, dtype=pl.String) == (None, False)


@pytest.mark.parametrize("column", ["n", "i"])
@pytest.mark.parametrize("text", ["abc", "1,5", "0x10", "1_000", "inf", "-Infinity", "1e999", "٣"])
def test_other_texts_do_not_fit(column: str, text: str) -> None:
    assert cell(text, column=column) == (None, True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", 1), (" 1 ", 1), ("1.0", 1), ("1.", 1), ("1e3", 1000), ("1e18", 10**18), ("TRUE", 1),
     ("007", 7), (2.0, 2),
     ("9007199254740993", 2**53 + 1), ("9007199254740993.000", 2**53 + 1), (True, 1),
     ("-9223372036854775808", -(2**63)), ("9223372036854775807", 2**63 - 1),
     (-(2.0**63), -(2**63))],
)  # fmt: skip
def test_whole_numbers_are_exact(value: Any, expected: int) -> None:
    assert cell(value, column="i") == (expected, False)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [("1.5", None), ("9223372036854775808", None), (1.5, None),
     ("-9223372036854775809", None), ("9007199254740993.5", None), ("4503599627370497.5", None),
     ("9223372036854775808.0", None), (2.0**63, None), (2**63, pl.UInt64), (float("inf"), None)],
)  # fmt: skip
def test_fractions_and_what_64_bits_cannot_hold_are_no_whole_numbers(
    value: Any, dtype: Any
) -> None:
    assert cell(value, column="i", dtype=dtype) == (None, True)


def test_infinite_numbers_do_not_fit_and_nan_is_a_gap() -> None:
    assert cell(float("-inf"), column="n") == (None, True)
    assert cell(float("nan"), column="n") == (None, False)
    assert cell(float("nan"), column="i") == (None, False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "1"), ("1.0", "1"), (1, "1"), (1.0, "1"), ("2.50", "2.5"), (2.5, "2.5"), (" x", " x"),
     ("TRUE", "true"), (True, "true"), (False, "false"), (" ä ", "ä"), ("other ", "other "),
     (3.0, "3"), ("NA", "NA"), ("  ", None), (None, None), (float("nan"), None)],
)  # fmt: skip
def test_categories_are_spelled_as_in_the_schema(value: Any, expected: str | None) -> None:
    assert cell(value, column="c") == (expected, False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.0", "1"), ("1.5", "1.5"), (" a ", "a"), ("", None), ("007", "007"), (1.0, "1"), (2, "2"),
     (1.5, "1.5"), (True, "true"), ("True", "True"), (float("nan"), None)],
)  # fmt: skip
def test_labels_are_text_without_blanks_and_zeros_after_the_point(
    value: Any, expected: str | None
) -> None:
    assert cell(value, column="y") == (expected, False)


def test_no_cell_decides_what_another_one_is() -> None:
    values = ["1", "x", "2.5", None, " 3", "inf", "NA", "1.0", "true"]
    raw = pl.DataFrame(dict.fromkeys("nicy", values))
    frame, unfit = fitted(raw, schema=SCHEMA, target="y")
    for name in "nicy":
        alone = [cell(value, column=name, dtype=pl.String) for value in values]
        marks = unfit[name].to_list() if name in unfit else [False] * len(values)
        assert list(zip(frame[name].to_list(), marks, strict=True)) == alone
    assert set(unfit) == {"n", "i"}


def test_times_are_the_numbers_they_are_kept_as() -> None:
    days = pl.Series([10], dtype=pl.Int32).cast(pl.Date)
    frame, _ = fitted(pl.DataFrame({"i": days, "n": days}), schema=SCHEMA, target=None)
    assert frame.row(0) == (10.0, 10, None)


def test_no_rows_are_no_rows() -> None:
    frame, unfit = fitted(
        pl.DataFrame({"n": pl.Series([], dtype=pl.String)}), schema=SCHEMA, target="y"
    )
    assert (frame.shape, unfit) == ((0, 4), {})
