"""Training rows that say who contributed them, from a table to what an assessment is about."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import save_skops
from bartizan.config import read_config
from bartizan.core.errors import SchemaError, UsageError
from bartizan.workspace import Inputs, from_project, gathered

TEST = pl.DataFrame({"x": np.linspace(0, 1, 40), "z": np.tile([1.5, 2.5], 20), "y": [0, 1] * 20})
TRAIN = pl.DataFrame(
    {
        "x": np.linspace(0, 1, 30),
        "shop": ["b", "a", None] * 10,
        "z": np.tile([1.5, 2.5], 15),
        "day": [f"2026-01-{day:02d}" for day in range(30, 0, -1)],
        "y": [None, *[1, 0] * 14, 1],
    }
)


def model(x: Any) -> Any:
    """Scores of two classes."""
    return np.stack([1.0 - (x[:, 0] > 0.5), x[:, 0] > 0.5], axis=1)


def inputs(train: Any = TRAIN, *, data: Any = TEST, **said: Any) -> Inputs:
    return gathered(model, data, target="y", train=train, **said)


def test_the_columns_of_source_and_time_are_read_and_are_no_features() -> None:
    made = inputs(source="shop", time="day")
    assert made.train is not None
    assert made.train.schema.names == ("x", "z")
    assert made.provenance is not None
    assert made.provenance.sources.tolist() == [0, -1, *([1, 0, -1] * 9)]  # the first has no label
    assert made.provenance.times is not None
    assert (np.diff(made.provenance.times) < 0).all()


def test_a_file_keeps_its_digest_and_the_spelling_of_its_labels(tmp_path: Path) -> None:
    spelled = TEST.with_columns(y=pl.Series(["01", "1"] * 20))
    path = tmp_path / "train.csv"
    TRAIN.with_columns(y=pl.Series(["01", "1"] * 15)).write_csv(path)
    beside = tmp_path / "test.csv"
    spelled.write_csv(beside)
    plain = tmp_path / "plain.csv"
    TRAIN.with_columns(y=pl.Series(["01", "1"] * 15)).drop("shop", "day").write_csv(plain)
    named, bare = inputs(path, data=beside, source="shop", time="day").train, None
    bare = inputs(plain, data=beside).train
    assert named is not None
    assert bare is not None
    assert named.classes == bare.classes == ("01", "1")
    assert np.array_equal(named.x, bare.x)
    assert named.name == "train"
    assert named.digest.startswith("sha256:")


def test_a_column_of_sources_that_the_other_rows_have_too_stays_a_feature() -> None:
    test = TEST.with_columns(shop=pl.Series(["a", "b"] * 20)).select("x", "shop", "z", "y")
    train = TRAIN.drop("day").with_columns(shop=pl.Series(["a", "b", "a"] * 10))
    made = inputs(train, data=test, source="shop")
    assert made.train is not None
    assert made.train.schema.names == ("x", "shop", "z")
    assert made.provenance is not None
    assert set(made.provenance.sources.tolist()) == {0, 1}


def test_rows_of_classes_that_the_data_does_not_have_leave_with_their_sources() -> None:
    train = TRAIN.with_columns(y=pl.Series([0, 1, 2] * 10))
    made = inputs(train.drop("day"), source="shop")
    assert made.provenance is not None
    assert set(made.provenance.sources.tolist()) == {0, 1}


def test_sources_that_are_numbers_are_names_too() -> None:
    train = TRAIN.drop("day").with_columns(shop=pl.Series([10, 9, None] * 10))
    made = inputs(train, source="shop")
    assert made.provenance is not None
    assert len(np.unique(made.provenance.sources)) == 3


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(SchemaError, match=r"no column 'shp', which is to say who .* 'shop'"):
        inputs(TRAIN.drop("day"), source="shp")
    with pytest.raises(SchemaError, match="no column 'when', which is to say when"):
        inputs(source="shop", time="when")


def test_columns_without_rows_that_have_them_are_refused() -> None:
    with pytest.raises(UsageError, match="add --train"):
        inputs(None, source="shop")
    with pytest.raises(UsageError, match="add --source"):
        inputs(TRAIN, time="day")
    rows = np.zeros((4, 2)), np.array([0, 1, 0, 1])
    with pytest.raises(UsageError, match="only tables have such columns"):
        inputs(rows, source="shop")
    pictures = np.arange(4 * 64).reshape(4, 8, 8).astype(np.uint8), np.array([0, 1, 0, 1])
    with pytest.raises(UsageError, match="rows are images"):
        gathered(model, pictures, train=pictures, source="shop")


PROJECT = """
[project]
name = "shops"
[[model]]
name = "m"
path = "m.skops"
[[data]]
name = "new"
role = "test"
path = "test.csv"
target = "y"
[[data]]
name = "old"
role = "train"
path = "train.csv"
target = "y"
[check.old]
source = "shop"
time = "day"
"""
SCHEMA = """
[schema.new.x]
type = "number"
[schema.new.z]
type = "number"
"""
OWN = """
[schema.old.x]
type = "number"
[schema.old.shop]
type = "categorical"
categories = ["a", "b"]
[schema.old.day]
type = "number"
[schema.old.z]
type = "number"
"""


@pytest.mark.parametrize("schema", ["", SCHEMA, SCHEMA + OWN], ids=["inferred", "one", "both"])
def test_a_project_file_names_them_where_checks_of_data_find_them(
    tmp_path: Path, schema: str
) -> None:
    TEST.write_csv(tmp_path / "test.csv")
    TRAIN.write_csv(tmp_path / "train.csv")
    x, y = TEST.drop("y").to_numpy(), TEST["y"].to_numpy()
    save_skops(LogisticRegression().fit(x, y), tmp_path / "m.skops")
    (tmp_path / "bartizan.toml").write_text(PROJECT + schema, encoding="utf-8")
    config = read_config(tmp_path / "bartizan.toml")
    made = from_project(config, tmp_path, today=date(2026, 1, 31))
    assert made.train is not None
    assert made.train.schema.names == ("x", "z")
    assert made.provenance is not None
    assert len(made.provenance.sources) == len(made.train.y) == 29
    assert made.provenance.times is not None
