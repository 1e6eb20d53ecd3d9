"""What the project file says, put together."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import save_skops
from bartizan.config import read_config
from bartizan.core.errors import ConfigError, UnknownEntryError, UnsafeFormatError
from bartizan.workspace import Inputs, from_project

TODAY = date(2026, 11, 21)
BODY = """
[project]
name = "toy"
[[model]]
name = "first"
path = "first.skops"
[[model]]
name = "second"
path = "first.skops"
[[data]]
name = "holdout"
role = "test"
path = "holdout.parquet"
target = "y"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    x = np.random.default_rng(0).normal(size=(60, 2))
    y = (x[:, 0] > 0).astype(int)
    save_skops(LogisticRegression().fit(x, y), tmp_path / "first.skops")
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": y}).write_parquet(tmp_path / "holdout.parquet")
    return tmp_path


def gather(folder: Path, extra: str = "", *, model: str | None = "first") -> Inputs:
    path = folder / "bartizan.toml"
    path.write_text(BODY + extra)
    return from_project(read_config(path), folder, today=TODAY, model_name=model)


def test_paths_are_relative_to_the_project_file(folder: Path) -> None:
    assert gather(folder).subject.name == "first"


def test_of_several_models_one_must_be_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"first, second.*--model"):
        gather(folder, model=None)


def test_a_format_outside_the_policy_is_refused(folder: Path) -> None:
    with pytest.raises(UnsafeFormatError, match="format skops, and the policy allows onnx only"):
        gather(folder, '[policy]\nformats = ["onnx"]\n')
    assert gather(folder, '[policy]\nformats = ["skops"]\n').subject.detail == "skops"


def test_a_threshold_for_an_unknown_entry_is_refused(folder: Path) -> None:
    with pytest.raises(UnknownEntryError, match=r"evasion\.nothing"):
        gather(folder, '[policy.threshold]\n"evasion.nothing" = 0.1\n')


def test_an_expired_waiver_is_told_and_ignored(folder: Path) -> None:
    waiver = (
        '[[waiver]]\nfinding = "evasion.coordinate@first#anyone"\nowner = "Ada"\n'
        'reason = "until the retraining"\nexpires = 2026-11-20\n'
    )
    inputs = gather(folder, waiver)
    assert inputs.waive("evasion.coordinate@first#anyone") is None
    assert any("expired on 2026-11-20" in warning for warning in inputs.warnings)
