"""Training rows meet the data by the names of their classes, at one door."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan.adapt import load_dataset
from bartizan.core.errors import SchemaError
from bartizan.workspace import Inputs, gathered


def model(x: Any) -> Any:
    """Scores of two classes."""
    return np.stack([1.0 - (x[:, 0] > 0), x[:, 0] > 0], axis=1)


def inputs(*classes: str) -> Inputs:
    """Data of classes "a" and "c", and training rows of the classes given."""
    stream = np.random.default_rng(0)
    data = load_dataset((stream.normal(size=(40, 2)), np.array(["a", "c"] * 20)), target=None)
    rows = stream.normal(size=(6 * len(classes), 2)), np.array(classes * 6)
    train = load_dataset(rows, target=None, schema=data.dataset.schema)
    return gathered(model, data, train=train)


def test_training_rows_take_the_places_of_the_data_s_classes_and_others_are_told() -> None:
    made = inputs("c", "b", "a")
    assert made.train is not None
    assert made.train.classes == ("a", "c")
    assert made.train.y.tolist() == [1, 0] * 6
    assert any("6 of 18 training rows are of classes that" in told for told in made.warnings)


def test_training_rows_whose_categories_are_counted_otherwise_are_refused() -> None:
    kinds = {"test": ["b", "c"] * 20, "train": ["a", "b"] * 20}
    rows = {name: pl.DataFrame({"k": kind, "y": [0, 1] * 20}) for name, kind in kinds.items()}
    test = load_dataset(rows["test"], target="y", name="test")
    with pytest.raises(SchemaError, match=r"column 'k' has other categories.*\[schema.test\]"):
        gathered(model, test, train=load_dataset(rows["train"], target="y", name="train"))


def test_an_error_names_the_data_set_its_file_and_what_allows_more_values(tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    pl.DataFrame({"k": ["a", "b"] * 20, "y": [0, 1] * 20}).write_csv(path)
    test = load_dataset(pl.DataFrame({"k": ["b"] * 40, "y": [0, 1] * 20}), target="y", name="test")
    with pytest.raises(SchemaError) as told:
        gathered(model, test, train=path, target="y")
    said = str(told.value)
    assert f"training data must have the columns of 'test': data set 'past' ({path}): " in said
    assert "column 'k', row 0: expected one of the 1 categories" in said
    assert "`categories` of their column" in said


def test_training_rows_without_any_class_of_the_data_are_refused() -> None:
    with pytest.raises(SchemaError, match="is the target the same column"):
        inputs("b", "d")


@pytest.mark.parametrize(
    ("change", "hinted"),
    [
        (lambda rows: rows.with_columns(shop=pl.lit("north")), True),
        (lambda rows: rows.drop("b"), False),
    ],
    ids=["one more", "one less"],
)
def test_a_column_more_in_the_training_rows_may_be_who_sent_them(
    change: Any,
    hinted: bool,  # noqa: FBT001 - a case of the table above
) -> None:
    stream = np.random.default_rng(0)
    rows = pl.DataFrame(
        {"a": stream.normal(size=40), "b": stream.normal(size=40), "y": [0, 1] * 20}
    )
    with pytest.raises(SchemaError, match="training data must have the columns of") as told:
        gathered(model, load_dataset(rows, target="y"), train=change(rows), target="y")
    assert ("--source" in str(told.value)) is hinted
