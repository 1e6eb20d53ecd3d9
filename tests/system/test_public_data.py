"""Public data sets from a trained model to a report, as a new user goes: one script, one command.

Each test writes the files that a user has (a table or an archive, and a model), and runs
`bartizan assess` on them. Rows and models are small, so that each takes seconds.
"""

import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import save_skops
from system.command import Ran, Run

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
NETS = """
from torch import nn


def small(channels, side, classes):
    return nn.Sequential(
        nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * (side // 4) ** 2, classes),
    ).eval()


def clothes():
    return small(1, 28, 10)


def signs():
    return small(3, 32, 12)
"""
pytestmark = [pytest.mark.slow, pytest.mark.data]


def public(name: str) -> Path:
    """A public file; the test is skipped where it is not."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in {DATA}; set BARTIZAN_DATA to the folder of public data")
    return path


def assess(bartizan: Run, *words: object, entries: tuple[str, ...]) -> tuple[Ran, dict[str, Any]]:
    """Run the command; what it says, and the findings that decide by entry."""
    chosen = [word for entry in entries for word in ("--entry", entry)]
    flags = ("--profile", "quick", "--workers", 1, "--quiet", "--fail-on", "low")
    ran = bartizan("assess", *words, *flags, *chosen)
    assert ran.code in (0, 1, 3), ran.err
    report = json.loads(Path("out/report.json").read_text("utf-8"))
    found = {f["entry"]: f for f in report["findings"] if f["standing"] in ("declared", "assumed")}
    assert set(entries) <= set(found)
    return ran, found


def value(finding: Any, name: str) -> float:
    (told,) = (one["value"] for one in finding["measures"] if one["name"] == name)
    return float(told)


def table(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any], names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(x, schema=names).with_columns(label=pl.Series(y))


# --- images -------------------------------------------------------------------------------------


def taught(factory: str, x: Any, y: Any, *, epochs: int) -> None:
    """Train a network of `nets.py` and keep its weights beside it."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    import nets  # type: ignore[import-not-found]  # noqa: PLC0415 (written by the test)

    torch.manual_seed(0)
    torch.set_num_threads(1)
    module = getattr(nets, factory)().train()
    images = torch.tensor(x / 255, dtype=torch.float32)
    images = images[:, None] if images.ndim == 3 else images.permute(0, 3, 1, 2)
    labels, steps = torch.tensor(y.astype(int)), torch.optim.Adam(module.parameters(), lr=3e-3)
    for _ in range(epochs):
        for part in torch.randperm(len(images)).split(128):
            steps.zero_grad()
            torch.nn.functional.cross_entropy(module(images[part]), labels[part]).backward()
            steps.step()
    torch.save(module.state_dict(), f"{factory}.pt")


def clothes(folder: Path) -> None:
    with np.load(public("fashion-mnist/fashion_mnist_20k_10k.npz")) as found:
        taught("clothes", found["x_train"][:6000], found["y_train"][:6000], epochs=2)
        x, y = found["x_test"][:600], found["y_test"][:600]
    np.savez(folder / "clothes.npz", x_test=x, y_test=y)


def signs(folder: Path) -> None:
    """Twelve classes, split by track: frames of one track show one and the same sign."""
    with np.load(public("gtsrb/gtsrb_32x32_every3rd.npz")) as found:
        x, y, track = found["x"], found["y"], found["track"]
    held = track % 4 == 0
    few = y < 12
    taught("signs", x[few & ~held], y[few & ~held], epochs=5)
    chosen = np.random.default_rng(0).permutation(np.flatnonzero(few & held))[:400]
    np.savez(folder / "signs.npz", x_test=x[chosen], y_test=y[chosen])


@pytest.mark.parametrize("make", [clothes, signs], ids=["fashion-mnist", "gtsrb"])
def test_images_are_assessed(
    make: Any, folder: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make.__name__
    (folder / "nets.py").write_text(NETS)
    monkeypatch.syspath_prepend(str(folder))
    make(folder)
    ran, found = assess(
        bartizan,
        *("--model", f"nets:{name}", "--weights", f"{name}.pt"),
        *("--data", f"{name}.npz", "--target", "y_test", "--eps", 16 / 255),
        entries=("utility.balanced-accuracy", "evasion.fgsm", "evasion.pgd", "evasion.union"),
    )
    assert ran.code == 1  # no defence, and twice the usual budget
    assert found["utility.balanced-accuracy"]["outcome"] == "pass"
    one, many = (value(found[f"evasion.{a}"], "attack-success") for a in ("fgsm", "pgd"))
    assert 0.1 < one <= many + 0.02
    assert value(found["evasion.union"], "attack-success") >= many
    assert "data:image/png" in Path("out/report.html").read_text("utf-8")
    assert list(Path("out/examples").glob("evasion.pgd*.npz"))


# --- tables -------------------------------------------------------------------------------------


def fraud() -> tuple[Any, Any, list[str]]:
    frame = pl.read_csv(public("ulb-creditcard/creditcard_union_sample.csv.gz"))
    names = [name for name in frame.columns if name != "Class"]
    return frame.select(names).to_numpy().astype(float), frame["Class"].to_numpy(), names


def intrusions() -> tuple[Any, Any, list[str]]:
    """The columns that are numbers; anything but `normal` is an attack."""
    names = pl.read_csv(public("nsl-kdd/field_names.csv"), has_header=False).to_series(0).to_list()
    frame = pl.read_csv(public("nsl-kdd/KDDTrain+_20Percent.csv.gz"), has_header=False)
    frame = frame.rename(dict(zip(frame.columns, [*names, "attack", "hard"], strict=True)))
    numeric = [name for name in names if frame[name].dtype.is_numeric()]
    x = frame.select(numeric).to_numpy().astype(float)
    return x, (frame["attack"] != "normal").to_numpy().astype(int), numeric


def xgboost_file(x: Any, y: Any) -> str:
    library = pytest.importorskip("xgboost", reason="xgboost is not installed")
    library.XGBClassifier(n_estimators=20, max_depth=4, n_jobs=1).fit(x, y).save_model("m.json")
    return "m.json"


def lightgbm_file(x: Any, y: Any) -> str:
    library = pytest.importorskip("lightgbm", reason="lightgbm is not installed")
    made = library.LGBMClassifier(n_estimators=20, num_leaves=15, n_jobs=1, verbose=-1).fit(x, y)
    made.booster_.save_model("m.txt")
    return "m.txt"


def forest_file(x: Any, y: Any) -> str:
    save_skops(RandomForestClassifier(20, max_depth=6, random_state=0).fit(x, y), Path("m.skops"))
    return "m.skops"


@pytest.mark.parametrize("learn", [xgboost_file, lightgbm_file, forest_file])
@pytest.mark.parametrize("data", [fraud, intrusions], ids=["ulb", "nsl-kdd"])
def test_tables_are_assessed_with_their_trees(
    data: Any, learn: Any, folder: Path, bartizan: Run
) -> None:
    x, y, names = data()
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    half = len(x) // 2
    table(x[half : half + 1500], y[half : half + 1500], names).write_csv(folder / "held.csv")
    _, found = assess(
        bartizan,
        *("--model", learn(x[:half], y[:half]), "--data", "held.csv", "--target", "label"),
        *("--access", "structure", "--norm", "Linf", "--eps", 0.05),
        entries=(
            *("utility.balanced-accuracy", "explain.importance"),
            *("evasion.tree-greedy", "evasion.tree-exact", "evasion.union"),
        ),
    )
    assert found["utility.balanced-accuracy"]["outcome"] == "pass"
    assert found["explain.importance"]["importances"]
    exact, greedy = found["evasion.tree-exact"], found["evasion.tree-greedy"]
    assert value(greedy, "attack-success") <= value(exact, "attack-success") + 1e-9
    assert value(exact, "certified-robust") <= 1 - value(exact, "attack-success") + 1e-9
    assert value(greedy, "certified-robust") <= value(exact, "certified-robust") + 1e-9
    assert value(exact, "unconfirmed-claims") == 0.0


# --- membership ---------------------------------------------------------------------------------


def test_location_30_gives_its_members_away(folder: Path, bartizan: Run) -> None:
    with tarfile.open(public("location-30/dataset_location.tgz")) as archive:
        opened = archive.extractfile("bangkok")
        assert opened is not None
        text = opened.read().decode().replace('"', "")
    values = np.loadtxt(io.StringIO(text), delimiter=",")
    values = values[np.random.default_rng(0).permutation(len(values))]
    x, y = values[:, 1:], values[:, 0].astype(int)
    names = [f"place{j}" for j in range(x.shape[1])]
    half = 1200
    table(x[:half], y[:half], names).write_csv(folder / "train.csv")
    table(x[half : 2 * half], y[half : 2 * half], names).write_csv(folder / "test.csv")
    save_skops(LogisticRegression(max_iter=300).fit(x[:half], y[:half]), folder / "m.skops")
    ran, found = assess(
        bartizan,
        *("--model", "m.skops", "--data", "test.csv", "--train", "train.csv"),
        *("--target", "label", "--access", "scores"),
        entries=("privacy.membership",),
    )
    assert (ran.code, found["privacy.membership"]["outcome"]) == (1, "fail")
    assert value(found["privacy.membership"], "membership-auc") > 0.85
    assert value(found["privacy.membership"], "membership-tpr-at-1-percent-fpr") > 0.2
