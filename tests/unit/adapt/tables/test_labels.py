import polars as pl
import pytest

from bartizan.adapt.tables.labels import code_labels
from bartizan.core.errors import NonFiniteError, SchemaError


@pytest.mark.parametrize(
    ("values", "classes", "y"),
    [
        ([3, 1, None], (1, 3), [1, 0, -1]),
        ([2.0, 1.0], (1, 2), [1, 0]),
        (["10", "9"], ("10", "9"), [0, 1]),
        ([True, False], ("False", "True"), [1, 0]),
    ],
)
def test_labels_are_spelled_as_in_the_data_and_sorted(
    values: list[object], classes: tuple[object, ...], y: list[int]
) -> None:
    made = code_labels(pl.Series("y", values))
    assert made.classes == classes
    assert made.y.tolist() == y


def test_fractions_are_regression() -> None:
    with pytest.raises(SchemaError, match=r"fractions \(1.5 in row 1\): this is regression"):
        code_labels(pl.Series("y", [1.0, 1.5]))


def test_more_than_a_thousand_classes_are_regression() -> None:
    assert len(code_labels(pl.Series("y", range(1000))).classes) == 1000
    with pytest.raises(SchemaError, match="regression"):
        code_labels(pl.Series("y", range(1001)))


def test_infinite_label_names_its_row() -> None:
    with pytest.raises(NonFiniteError, match="infinite in row 1"):
        code_labels(pl.Series("y", [1.0, float("inf")]))


def test_target_that_is_missing_everywhere_is_refused() -> None:
    with pytest.raises(SchemaError, match="missing in every row"):
        code_labels(pl.Series("y", [None, None], dtype=pl.Int64))
