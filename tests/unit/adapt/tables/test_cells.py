from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from bartizan.adapt.tables.cells import from_values, plain, typed
from bartizan.core.errors import SchemaError


def column(*cells: str | None, spelled: str | None = None) -> tuple[pl.Series, list[str]]:
    frame, notes = typed(pl.DataFrame({"a": cells}, schema={"a": pl.String}), spelled=spelled)
    return frame["a"], notes


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (("1", " 2", "3 "), pl.Int64, [1, 2, 3]),
        (("1", "2.5", ""), pl.Float64, [1.0, 2.5, None]),
        (("1e3", "-.5"), pl.Float64, [1000.0, -0.5]),
        ((" x", "y ", " "), pl.String, [" x", "y ", None]),
        (("True", "false"), pl.Boolean, [True, False]),
        (("007", "123"), pl.String, ["007", "123"]),
        (("0.5", "0"), pl.Float64, [0.5, 0.0]),
        ((None, ""), pl.Float64, [None, None]),
        (("?", "a"), pl.String, ["?", "a"]),
        (("99999999999999999999", "1"), pl.Float64, [1e20, 1.0]),
        (("nan", "1.5"), pl.Float64, [None, 1.5]),
    ],
)
def test_text_cells_get_their_type(cells: Any, dtype: Any, values: list[object]) -> None:
    made, _ = column(*cells)
    assert made.dtype == dtype
    assert made.to_list() == values


def test_words_for_missing_count_as_missing_among_numbers_with_a_note() -> None:
    made, notes = column("1", "NA", "n/a", "2")
    assert made.to_list() == [1, None, None, 2]
    assert notes == ["column 'a': 'n/a', 'na' read as missing"]


def test_the_same_words_stay_text_among_text() -> None:
    made, notes = column("NA", "EU")
    assert made.to_list() == ["NA", "EU"]
    assert notes == []


def test_mixed_types_are_read_as_text_and_noted_with_the_first_row() -> None:
    made, notes = column("1", "2", "three")
    assert made.dtype == pl.String
    assert notes == [
        "column 'a' mixes 2 numbers with text (first 'three' in row 2); read as categories"
    ]


def test_blanks_around_text_are_kept_with_a_note() -> None:
    _, notes = column("b", " a", " c")
    assert notes == [
        (
            "blanks around texts are kept in 'a'; remove them from the file if the model was "
            "trained without them"
        )
    ]


def test_labels_lose_the_blanks_around_them() -> None:
    made, notes = column(" <=50K", " >50K", spelled="a")
    assert made.to_list() == ["<=50K", ">50K"]
    assert notes == []


def test_truth_values_of_the_target_stay_spelled_as_in_the_file() -> None:
    made, _ = column("True", "False", spelled="a")
    assert made.to_list() == ["True", "False"]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1, None, 3], pl.Int64, [1, None, 3]),
        ([1, 2.5, float("nan")], pl.Float64, [1.0, 2.5, None]),
        ([2**70, 1], pl.Float64, [float(2**70), 1.0]),
        ([Decimal("1.5"), None], pl.Float64, [1.5, None]),
        ([True, None], pl.Boolean, [True, None]),
        ([date(2024, 1, 2)], pl.Date, [date(2024, 1, 2)]),
        ([None, None], pl.Float64, [None, None]),
    ],
)
def test_loose_values_get_their_type(values: list[Any], dtype: Any, expected: list[Any]) -> None:
    made, note = from_values("a", values)
    assert made.dtype == dtype
    assert made.to_list() == expected
    assert note is None


def test_loose_values_of_several_types_become_text_with_a_note() -> None:
    made, note = from_values("a", [1, "x", True, None])
    assert made.to_list() == ["1", "x", "true", None]
    assert note == "column 'a' mixes types (bool, int, str); read as categories"


def test_a_list_in_a_cell_is_refused_with_its_row() -> None:
    with pytest.raises(SchemaError, match=r"column 'a', row 1: .* got list"):
        from_values("a", [1, [2]])


def test_nested_and_binary_columns_are_refused() -> None:
    for values in ([[1]], [{"b": 1}], [b"x"]):
        with pytest.raises(SchemaError, match="column 'a' holds"):
            plain(pl.DataFrame({"a": values}))


def test_whole_numbers_that_lose_digits_are_noted() -> None:
    _, notes = plain(pl.DataFrame({"a": [2**60 + 1, 0]}))
    assert "beyond 2^53" in notes[0]


def test_decimals_become_floats_and_nan_becomes_missing() -> None:
    frame, _ = plain(pl.DataFrame({"a": [Decimal("1.5"), None], "b": [float("nan"), 1.0]}))
    assert frame.rows() == [(1.5, None), (None, 1.0)]
