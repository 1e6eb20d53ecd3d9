"""What a model gives away of its training data, from files on the command line to a report."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier

from bartizan.adapt import save_skops
from system.command import Run

SOURCES = Path(__file__).parents[2] / "src"
SLOW = """
import time
from pathlib import Path
from sklearn.tree import DecisionTreeClassifier

def train(x, y, seed):
    with Path("trainings").open("a") as told:
        told.write(f"{seed} {len(y)}\\n")
    time.sleep(0.2)
    return DecisionTreeClassifier(random_state=seed).fit(x, y)
"""
LOUD = """
def model():
    return lambda x: x["a"].to_numpy() > 0

def train(x, y, seed):
    row = x.row(3, named=True)
    raise ValueError(f"cannot use {row['phone']} of user3@example.org in column 0")
"""
COMMAND = (
    *("--data", "test.csv", "--train", "train.csv", "--target", "good"),
    *("--profile", "quick", "--entry", "privacy.membership", "--access", "scores"),
)


@pytest.fixture
def forest(folder: Path) -> RandomForestClassifier:
    """A forest that knows its rows by heart: labels hang on one column, and on luck."""
    stream = np.random.default_rng(0)
    x = stream.normal(size=(800, 5)).round(3)
    good = (x[:, 0] + stream.normal(size=800) > 0).astype(int)
    rows = pl.DataFrame(x, schema=list("abcde")).with_columns(good=pl.Series(good))
    rows[:400].write_csv(folder / "train.csv")
    rows[400:].write_csv(folder / "test.csv")
    made = RandomForestClassifier(20, random_state=0).fit(x[:400], good[:400])
    save_skops(made, folder / "m.skops")
    return made


def found(folder: Path) -> dict[str, Any]:
    """The finding of the report."""
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    (one,) = report["findings"]
    assert isinstance(one, dict)
    return one


def trained(folder: Path) -> list[str]:
    """Seeds of the models that the recipe trained on as many rows as the model: the shadows."""
    told = folder / "trainings"
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return [line.split()[0] for line in lines if line.endswith(" 400")]


@pytest.mark.usefixtures("forest")
def test_a_forest_that_knows_its_rows_gives_them_away(folder: Path, bartizan: Run) -> None:
    ran = bartizan("assess", "--model", "m.skops", *COMMAND, "--fail-on", "medium")
    one = found(folder)
    assert ran.code == 1
    assert one["outcome"] == "fail"
    assert "m gives away which rows it was trained on: the share of training rows" in ran.out
    curves = {series["name"]: series for series in one["series"]}
    assert set(curves) == {"likelihood-ratio", "loss-threshold", "label-only", "guessing"}
    line = curves["likelihood-ratio"]
    at = line["x"].index(0.01)
    assert line["y"][at] == pytest.approx(one["measures"][0]["value"])
    assert line["y"][at] > 0.05


def test_a_file_that_does_not_say_how_it_was_trained_is_open(
    folder: Path, bartizan: Run, forest: RandomForestClassifier
) -> None:
    convert = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed").to_onnx
    graph = convert(forest, np.zeros((1, 5), dtype=np.float32), options={"zipmap": False})
    (folder / "m.onnx").write_bytes(graph.SerializeToString())
    ran = bartizan("assess", "--model", "m.onnx", *COMMAND)
    assert (ran.code, found(folder)["outcome"]) == (3, "inconclusive")
    assert "does not hold how it was trained" in ran.out
    assert "--recipe" in ran.out


@pytest.mark.usefixtures("forest")
def test_an_error_that_quotes_a_row_shows_no_personal_value(folder: Path, bartizan: Run) -> None:
    """Scikit-learn names an unknown category in its message, and the message is a reason."""
    (folder / "loud.py").write_text(LOUD, encoding="utf-8")
    for name in ("train.csv", "test.csv"):
        rows = pl.read_csv(folder / name)
        phones = pl.Series("phone", 49_177_000_000 + np.arange(400) % 7)
        mails = pl.Series("email", [f"user{n % 6}@example.org" for n in range(400)])
        rows.insert_column(5, phones).insert_column(6, mails).write_csv(folder / name)
    given = [*COMMAND, "--recipe", "loud:train", "--no-examples"]
    ran = bartizan("assess", "--model", "loud:model", *given)
    reason = "raised ValueError: cannot use (personal) of (personal) in column 0"
    assert reason in " ".join(found(folder)["reason"].split())
    for path in (folder / "out").iterdir():
        told = path.read_text("utf-8")
        assert "user3@" not in told, path
        assert "4917700000" not in told, path
    assert "user3@" not in ran.out
    assert "4917700000" not in ran.out


@pytest.mark.usefixtures("forest")
def test_training_rows_that_are_the_data_itself_are_no_question(
    folder: Path, bartizan: Run
) -> None:
    rest = [word if word != "train.csv" else "test.csv" for word in COMMAND]
    ran = bartizan("assess", "--model", "m.skops", *rest)
    assert ran.code == 3
    assert "800 rows stand in the training data and in the data alike" in found(folder)["reason"]


@pytest.mark.usefixtures("forest")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.drop("c"), "training data must have the columns of 'test'"),
        (lambda rows: rows.drop("good"), "there is no target column 'good'"),
        (
            lambda rows: rows.with_columns(good=pl.lit("yes")),
            "no class of the training data 'train' (yes) occurs in 'test' (0, 1)",
        ),
    ],
)
def test_other_training_rows_than_the_data_are_refused(
    folder: Path, bartizan: Run, change: Any, said: str
) -> None:
    change(pl.read_csv(folder / "train.csv")).write_csv(folder / "train.csv")
    ran = bartizan("assess", "--model", "m.skops", *COMMAND)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.usefixtures("forest")
def test_without_training_rows_the_command_says_what_is_missing(bartizan: Run) -> None:
    rest = [word for word in COMMAND if word not in ("--train", "train.csv")]
    ran = bartizan("assess", "--model", "m.skops", *rest)
    assert ran.code == 3
    assert "name them with --train" in ran.out


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise")
@pytest.mark.usefixtures("forest")
def test_ctrl_c_among_the_shadow_models_loses_none_that_is_trained(folder: Path) -> None:
    (folder / "shop_recipe.py").write_text(SLOW, encoding="utf-8")
    command = [
        *(sys.executable, "-c", "from bartizan.cli.main import run; run()", "assess"),
        *("--model", "m.skops", *COMMAND, "--recipe", "shop_recipe:train"),
    ]
    path = os.pathsep.join([str(SOURCES), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    run = subprocess.Popen(command, cwd=folder, env=environment)
    limit = time.monotonic() + 60
    while len(trained(folder)) < 4:
        assert run.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=60) == 130
    first = trained(folder)
    again = [*command, "--resume"]
    subprocess.run(again, cwd=folder, env=environment, check=False, capture_output=True)
    both = trained(folder)
    assert found(folder)["measures"][0]["value"] is not None
    assert both[: len(first)] == first
    assert len(set(both)) == 8
    assert len(both) in (8, 9)  # one may have been cut off half way
