"""What is written of the rows that detectors point at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.arrays import AnyBatches
from bartizan.core.entry import Entry
from bartizan.core.errors import ConfigError, UsageError
from bartizan.core.schema import Schema
from bartizan.data.inspection import Brief
from bartizan.data.rules import Rules
from bartizan.data.verification import Verification
from bartizan.store import Store
from bartizan.workspace import Checked, DeepLook
from bartizan.workspace.deep_look import deep_of
from unit.data.detecting import NOW, Sign, detector, ended, looked, table


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary() as store:
        yield store


def checked(source: Any, store: Store) -> Checked:
    run: Verification = looked(source, Sign(), store)
    report = ended(run)
    batches: AnyBatches = run._request.batches
    return Checked(report=report, rows=run.rows(), batches=batches, marked=run.marked())


def test_flagged_rows_are_written_with_what_the_detector_says(store: Store, tmp_path: Path) -> None:
    found = checked(table().with_columns(p=pl.col("b")), store)
    files = found.save(tmp_path)
    (written,) = [path for path in files if path.suffix == ".parquet"]
    frame = pl.read_parquet(written)
    assert frame.columns == ["row", "p", "suggested", "detector", "a", "b", "y", "column.p"]
    assert frame["row"].to_list() == [3, 31]
    assert frame["p"].to_list() == [0.001, 0.001]
    assert frame["suggested"].to_list() == ["0", "0"]
    assert frame["detector"].to_list() == ["poison.sign"] * 2
    assert frame["a"].to_list() == table()["a"][[3, 31]].to_list()


def test_names_that_stand_in_the_way_twice_are_moved_further(store: Store, tmp_path: Path) -> None:
    source = table().with_columns(pl.col("b").alias(name) for name in ("row", "column.row", "p"))
    (written,) = [
        path for path in checked(source, store).save(tmp_path) if path.suffix == ".parquet"
    ]
    frame = pl.read_parquet(written)
    assert frame.columns[:4] == ["row", "p", "suggested", "detector"]
    assert frame.columns[4:] == ["a", "b", "y", "column.column.row", "column.row", "column.p"]
    assert frame["column.column.row"].to_list() == table()["b"][[3, 31]].to_list()


def pictures() -> tuple[Any, Any]:
    y = np.arange(30) % 2
    values = np.random.default_rng(0).integers(1, 255, (30, 6, 5)).astype(np.uint8)
    values[:, 0, 0] = y
    values[4, 0, 0] = 9
    return values, y


def test_flagged_pictures_are_written_as_arrays(store: Store, tmp_path: Path) -> None:
    files = checked(pictures(), store).save(tmp_path)
    (written,) = [path for path in files if path.suffix == ".npz"]
    with np.load(written) as held:
        assert held["row"].tolist() == [4]
        assert (held["images"][0, ..., 0] == pictures()[0][4]).all()
        assert held["suggested"].tolist() == ["1"]
        assert held["p"].tolist() == [0.001]
        assert held["detector"].tolist() == ["poison.sign"]


def test_without_examples_no_picture_is_shown(store: Store, tmp_path: Path) -> None:
    found = checked(pictures(), store)
    assert "data:image/png" in str(found.published(examples=True))
    assert "data:image/png" not in str(found.published(examples=False))
    found.save(tmp_path, examples=False)
    assert "<img" not in (tmp_path / "report.html").read_text("utf-8")
    assert not (tmp_path / "examples").exists()


ENTRY, _ = detector()
OTHER = Entry(**{**vars(ENTRY), "id": "data.other", "kind": "inspection"})


def brief(rules: Rules | None = None, *, target: str | None = "y") -> Brief:
    return Brief(name="rows", schema=Schema(), target=target, rules=rules or Rules(), now=NOW)


@pytest.mark.parametrize(
    ("look", "rules", "named", "deep"),
    [
        (DeepLook(), Rules(), (), False),
        (DeepLook(wanted=True), Rules(), (), True),
        (DeepLook(), Rules(deep=True), (), True),
        (DeepLook(), Rules(), ("poison.sign",), True),
        (DeepLook(wanted=True), Rules(), ("data.other",), False),
        (DeepLook(), Rules(recipe="a:b", sample=9), (), False),
    ],
)
def test_who_asks_for_a_deep_look(
    look: DeepLook, rules: Rules, named: tuple[str, ...], *, deep: bool
) -> None:
    entries = [one for one in (OTHER, ENTRY) if not named or one.id in named]
    found = deep_of(look, brief=brief(rules), chosen=entries, named=named)
    assert (found is not None) == deep


def test_flags_come_before_the_project_file() -> None:
    rules = Rules(deep=True, recipe="json:loads", sample=9)
    found = deep_of(DeepLook(sample=5), brief=brief(rules), chosen=[ENTRY], named=())
    assert found is not None
    assert (found.recipe, found.sample) == ("json:loads", 5)
    found = deep_of(DeepLook(memory_gb=2), brief=brief(rules), chosen=[ENTRY], named=())
    assert found is not None
    assert (found.sample, found.limit_bytes) == (9, 2 << 30)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="add --target"):
        deep_of(DeepLook(wanted=True), brief=brief(target=None), chosen=[ENTRY], named=())
    with pytest.raises(UsageError, match="add --deep"):
        deep_of(DeepLook(recipe="a:b"), brief=brief(), chosen=[ENTRY], named=())
    with pytest.raises(ConfigError, match="2 rows or more"):
        deep_of(DeepLook(wanted=True, sample=1), brief=brief(), chosen=[ENTRY], named=())
    with pytest.raises(ConfigError, match="more than 0"):
        deep_of(DeepLook(wanted=True, memory_gb=0), brief=brief(), chosen=[ENTRY], named=())
    look = DeepLook(wanted=True, recipe="json:lods")
    with pytest.raises(UsageError, match="has no 'lods'; did you mean 'loads'"):
        deep_of(look, brief=brief(), chosen=[ENTRY], named=())
