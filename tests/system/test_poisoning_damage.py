"""What poisoned training data would do, from files on the command line to a report."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.tree import DecisionTreeClassifier

from bartizan.adapt import save_skops
from system.command import Run

ENTRIES = ("damage.label-flips", "damage.linear-gradient", "damage.cell-trigger")
RECIPES = """
from pathlib import Path
from sklearn.tree import DecisionTreeClassifier

def train(x, y, seed):
    with Path("trainings").open("a") as told:
        told.write(f"{len(y)}\\n")
    return DecisionTreeClassifier(random_state=seed, max_depth=6).fit(x, y)

def fails(x, y, seed):
    raise RuntimeError("the cluster is gone")

def unsteady(x, y, seed):
    import numpy as np
    return DecisionTreeClassifier(max_features=2, random_state=np.random.randint(2**31)).fit(x, y)
"""
COMMAND = (
    *("assess", "--model", "m.skops", "--data", "test.csv", "--train", "train.csv"),
    *("--target", "fraud", "--profile", "quick", "--quiet"),
)


@pytest.fixture
def shop(folder: Path) -> Path:
    """Orders: a tree that splits until it is sure believes every one of them."""
    stream = np.random.default_rng(0)
    x = stream.normal(size=(1200, 5)).round(2)
    fraud = (x[:, 0] + x[:, 1] > 1.2).astype(int)
    rows = pl.DataFrame(x, schema=["amount", "hour", "age", "way", "days"])
    rows = rows.with_columns(
        days=pl.col("days").mul(10).round().cast(pl.Int64),
        country=pl.Series(stream.choice(["de", "fr", "it"], 1200)),
        fraud=pl.Series(fraud),
    )
    numbers = rows.drop("country", "fraud").to_numpy()
    rows[:800].drop("country").write_csv(folder / "train.csv")
    rows[800:].drop("country").write_csv(folder / "test.csv")
    rows[:800].write_csv(folder / "mixed-train.csv")
    rows[800:].write_csv(folder / "mixed-test.csv")
    save_skops(
        DecisionTreeClassifier(random_state=0).fit(numbers[:800], fraud[:800]), folder / "m.skops"
    )
    (folder / "poison_recipes.py").write_text(RECIPES, encoding="utf-8")
    return folder


def findings(folder: Path) -> dict[str, Any]:
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    return {one["entry"]: one for one in report["findings"]}


def chosen(*entries: str) -> list[str]:
    return [word for entry in entries for word in ("--entry", entry)]


def test_a_tree_that_believes_every_row_learns_a_backdoor(shop: Path, bartizan: Run) -> None:
    rest = [word if word != "quick" else "standard" for word in COMMAND]
    ran = bartizan(*rest, *chosen("damage.cell-trigger"), "--fail-on", "low")
    mark = findings(shop)["damage.cell-trigger"]
    assert ran.code == 1, mark["reason"]
    assert mark["outcome"] == "fail"
    assert mark["severity"] in ("medium", "low")
    assert "would learn a backdoor from a few marked training rows: net success at 1" in ran.out
    curves = {one["name"]: one for one in mark["series"]}
    assert curves["jittered"]["x"] == [0.003, 0.01, 0.03]
    assert "a first look only" not in " ".join(mark["remarks"])


def test_a_quick_look_says_that_it_is_one(shop: Path, bartizan: Run) -> None:
    bartizan(*COMMAND, *chosen(*ENTRIES))
    found = findings(shop)
    assert set(found) == set(ENTRIES)
    for one in found.values():
        assert one["measures"][0]["value"] is not None
        assert not one["series"]
        assert "3 seeds are a first look only" in " ".join(one["remarks"])


def test_without_training_rows_each_check_is_a_gap(shop: Path, bartizan: Run) -> None:
    rest = [word for word in COMMAND if word not in ("--train", "train.csv")]
    bartizan(*rest, *chosen("utility.balanced-accuracy", *ENTRIES, "damage.picture-trigger"))
    report = json.loads((shop / "out" / "report.json").read_text(encoding="utf-8"))
    gaps = [gap["what"] for gap in report["coverage"]["gaps"] if "--train" in gap["why"]]
    assert len([what for what in gaps if what.startswith("Poisoning: ")]) == 3
    assert set(findings(shop)) == {"utility.balanced-accuracy"}


def test_a_recipe_of_one_s_own_is_trained_as_often_as_the_guide_says(
    shop: Path, bartizan: Run
) -> None:
    given = ("--recipe", "poison_recipes:train")
    bartizan(*COMMAND, *chosen("damage.cell-trigger"), *given)
    told = [int(line) for line in (shop / "trainings").read_text("utf-8").split()]
    assert len([size for size in told if size == 800]) == 15
    bartizan(*COMMAND, *chosen("damage.cell-trigger"), *given, "--resume")
    more = [int(line) for line in (shop / "trainings").read_text("utf-8").split()]
    assert len([size for size in more if size == 800]) == 15


@pytest.mark.usefixtures("shop")
def test_a_recipe_that_fails_leaves_all_of_them_open_with_the_reason(
    folder: Path, bartizan: Run
) -> None:
    ran = bartizan(*COMMAND, *chosen(*ENTRIES), "--recipe", "poison_recipes:fails")
    assert ran.code == 3
    for one in findings(folder).values():
        assert one["outcome"] == "inconclusive"
        assert "it could not be tried: the recipe" in one["reason"]
        assert "the cluster is gone" in one["reason"]


@pytest.mark.usefixtures("shop")
def test_a_recipe_that_is_not_deterministic_is_measured_with_its_spread(
    folder: Path, bartizan: Run
) -> None:
    bartizan(*COMMAND, *chosen("damage.label-flips"), "--recipe", "poison_recipes:unsteady")
    measures = {one["name"]: one for one in findings(folder)["damage.label-flips"]["measures"]}
    assert measures["accuracy-loss-at-5-percent"]["value"] is not None
    assert measures["clean-spread"]["value"] > 0


@pytest.mark.usefixtures("shop")
def test_marks_of_categories_and_whole_numbers_reach_the_recipe_as_a_file_would_hold_them(
    folder: Path, bartizan: Run
) -> None:
    """The recipe is given the country as text, and whole days."""
    (folder / "mixed_recipe.py").write_text(
        """
import polars as pl
from sklearn.tree import DecisionTreeClassifier

def plain(x):
    assert set(x["country"].unique()) <= {"de", "fr", "it"}, x["country"].unique()
    assert x["days"].dtype.is_integer()
    codes = x["country"].replace_strict({"de": 0, "fr": 1, "it": 2})
    return x.with_columns(country=codes).to_numpy()

def train(x, y, seed):
    tree = DecisionTreeClassifier(random_state=seed).fit(plain(x), y)
    return lambda rows: tree.predict_proba(plain(rows))

def model():
    rows = pl.read_csv("mixed-train.csv")
    return train(rows.drop("fraud"), rows["fraud"].to_numpy(), 0)
""",
        encoding="utf-8",
    )
    command = [word.replace("test.csv", "mixed-test.csv") for word in COMMAND]
    command = [word if word != "train.csv" else "mixed-train.csv" for word in command]
    command[command.index("m.skops")] = "mixed_recipe:model"
    bartizan(*command, *chosen("damage.cell-trigger"), "--recipe", "mixed_recipe:train")
    one = findings(folder)["damage.cell-trigger"]
    assert one["measures"][0]["value"] is not None, one["reason"]


def test_images_get_marks_of_images(folder: Path, bartizan: Run) -> None:
    stream = np.random.default_rng(0)
    y = stream.integers(0, 2, 500)
    x = (stream.uniform(60, 100, size=(500, 8, 8)) + 80 * y[:, None, None]).astype(np.uint8)
    np.savez(folder / "train.npz", x=x[:300], y=y[:300])
    np.savez(folder / "test.npz", x=x[300:], y=y[300:])
    (folder / "picture_recipe.py").write_text(
        """
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

def flat(x):
    x = np.asarray(x)
    assert x.dtype == np.uint8
    return x.reshape(len(x), -1).astype(float)

def train(x, y, seed):
    near = KNeighborsClassifier(1).fit(flat(x), y)
    return lambda rows: near.predict_proba(flat(rows))

def model():
    found = np.load("train.npz")
    return train(found["x"], found["y"], 0)
""",
        encoding="utf-8",
    )
    ran = bartizan(
        *("assess", "--model", "picture_recipe:model", "--data", "test.npz"),
        *("--train", "train.npz", "--target", "y", "--profile", "quick", "--quiet"),
        *("--recipe", "picture_recipe:train"),
        *chosen("damage.picture-trigger", "damage.cell-trigger", "damage.label-flips"),
    )
    found = findings(folder)
    assert set(found) == {"damage.picture-trigger", "damage.label-flips"}, ran.err
    assert found["damage.picture-trigger"]["measures"][0]["value"] is not None


SENT = [word if word != "train.csv" else "sent.csv" for word in COMMAND]
FROM = ("--source", "shop", "--time", "day")


@pytest.fixture
def sent(shop: Path) -> Path:
    """The same rows, with who sent them and when."""
    rows = pl.read_csv(shop / "train.csv")
    days = pl.Series(np.arange(len(rows)) // 8)
    names = pl.Series([f"shop {number % 10}" for number in range(len(rows))])
    rows.with_columns(shop=names, day=days).write_csv(shop / "sent.csv")
    return shop


def test_a_tree_that_believes_every_row_loses_to_few_contributors(
    sent: Path, bartizan: Run
) -> None:
    ran = bartizan(*SENT, *FROM, *chosen("damage.source"), "--fail-on", "low")
    one = findings(sent)["damage.source"]
    assert ran.code == 1, one["reason"]
    assert "would lose much to a few contributors who send wrong labels" in ran.out
    told = " ".join(one["remarks"])
    assert "Of 10 contributors, to poison 5 % of the rows takes 1" in told
    assert "order of the rows" not in told
    assert "shop 3" not in told


def test_training_rows_without_sources_are_a_gap_that_says_what_to_name(
    shop: Path, bartizan: Run
) -> None:
    bartizan(*COMMAND, *chosen("utility.balanced-accuracy", "damage.source"))
    report = json.loads((shop / "out" / "report.json").read_text(encoding="utf-8"))
    (gap,) = [one for one in report["coverage"]["gaps"] if "contributors" in one["what"]]
    assert "name the column with --source" in gap["why"]
    assert set(findings(shop)) == {"utility.balanced-accuracy"}


@pytest.mark.usefixtures("sent")
def test_a_source_without_a_column_or_without_training_rows_is_bad_usage(bartizan: Run) -> None:
    ran = bartizan(*SENT, "--source", "shp", "--time", "day", *chosen("damage.source"))
    assert ran.code == 2
    assert "did you mean 'shop'?" in ran.err
    rest = [word for word in SENT if word not in ("--train", "sent.csv")]
    ran = bartizan(*rest, *FROM, *chosen("damage.source"))
    assert ran.code == 2
    assert "add --train" in ran.err
