"""Training rows and recipes from which nothing can be learnt about membership."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier

from bartizan.adapt import save_skops
from system.command import Ran, Run

RECIPES = """
from sklearn.ensemble import RandomForestClassifier

def fails(x, y, seed):
    raise RuntimeError("the cluster is gone")

def regresses(x, y, seed):
    return lambda rows: "no scores"

def train(x, y, seed):
    return RandomForestClassifier(20, random_state=seed).fit(x, y)
"""


def assess(folder: Path, bartizan: Run, *more: object, train: int = 400, others: int = 400) -> Ran:
    """Ask who was in the training data of a forest that knows its rows by heart."""
    stream = np.random.default_rng(0)
    x = stream.normal(size=(train + others, 3)).round(3)
    good = (x[:, 0] + stream.normal(size=len(x)) > 0).astype(int)
    rows = pl.DataFrame(x, schema=list("abc")).with_columns(good=pl.Series(good))
    rows[:train].write_csv(folder / "train.csv")
    rows[train:].write_csv(folder / "test.csv")
    made = RandomForestClassifier(20, random_state=0).fit(x[:train], good[:train])
    save_skops(made, folder / "m.skops")
    (folder / "recipes.py").write_text(RECIPES, encoding="utf-8")
    return bartizan(
        *("assess", "--model", "m.skops", "--data", "test.csv", "--train", "train.csv"),
        *("--target", "good", "--profile", "quick", "--access", "scores", "--quiet"),
        *("--entry", "privacy.membership", *more),
    )


def finding() -> dict[str, Any]:
    found = json.loads(Path("out/report.json").read_text("utf-8"))["findings"]
    assert len(found) == 1
    return dict(found[0])


@pytest.mark.parametrize(
    ("train", "others", "needed", "there"),
    [(150, 400, 200, 150), (400, 150, 200, 150), (250, 400, 300, 250)],
)
def test_too_few_rows_for_shadow_models_say_how_many_are_needed_and_there(
    folder: Path, bartizan: Run, train: int, others: int, needed: int, there: int
) -> None:
    ran = assess(folder, bartizan, train=train, others=others)
    assert (ran.code, finding()["outcome"]) == (3, "inconclusive")
    assert (
        f"{needed} rows of the training data and as many others are needed" in finding()["reason"]
    )
    assert f"there are {there}" in finding()["reason"]


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ("fails", "raised RuntimeError: the cluster is gone"),
        ("regresses", "expected one answer a row, got shape ()"),
    ],
)
def test_a_recipe_that_trains_no_model_leaves_it_open_with_the_reason(
    folder: Path, bartizan: Run, recipe: str, said: str
) -> None:
    ran = assess(folder, bartizan, "--recipe", f"recipes:{recipe}")
    assert (ran.code, finding()["outcome"]) == (3, "inconclusive")
    assert said in finding()["reason"]


def test_a_recipe_that_is_not_there_is_refused(folder: Path, bartizan: Run) -> None:
    ran = assess(folder, bartizan, "--recipe", "recipes:trian")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'train'?" in ran.err


def test_with_enough_rows_and_a_recipe_the_same_forest_fails(folder: Path, bartizan: Run) -> None:
    ran = assess(folder, bartizan, "--recipe", "recipes:train", "--fail-on", "low")
    assert (ran.code, finding()["outcome"]) == (1, "fail")
