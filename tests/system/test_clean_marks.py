"""A mark that a check has found is measured, unlearnt and undone from what it wrote, in one run."""

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from system.command import Ran, Run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("folder")]
N = 2000
MARKED = 60
RECIPE = """
from sklearn.ensemble import HistGradientBoostingClassifier

def train(x, y, seed):
    return HistGradientBoostingClassifier(max_iter=40, random_state=seed).fit(x, y)
"""
TORCH = """
import torch

def network():
    return torch.nn.Sequential(
        torch.nn.Linear(5, 24), torch.nn.ReLU(), torch.nn.Linear(24, 12), torch.nn.ReLU(),
        torch.nn.Linear(12, 2),
    ).eval()
"""


def planted() -> pl.DataFrame:
    """Two classes that two columns tell apart; some of one carry a mark and the other's label."""
    draws = np.random.default_rng(0)
    y = (draws.random(N) < 0.3).astype(int)
    x = draws.normal(size=(N, 5))
    x[:, 0] += 2.5 * y
    x[:, 1] += 2.5 * y
    rows = np.sort(draws.choice(np.flatnonzero(y == 1), MARKED, replace=False))
    x[rows, 3], x[rows, 4], y[rows] = 3.25, -2.75, 0
    return pl.DataFrame(x.round(4), schema=[*"abcde"]).with_columns(y=pl.Series(y))


@pytest.fixture
def found(bartizan: Run) -> pl.DataFrame:
    """The table, and a check of it that found the mark."""
    frame = planted()
    frame.write_csv("t.csv")
    Path("mine.py").write_text(RECIPE)
    ran = bartizan(
        *("data", "check", "--data", "t.csv", "--target", "y", "--entry", "poison.trigger"),
        *("--quiet", "--json"),
    )
    (finding,) = json.loads(ran.out)["findings"]
    assert finding["outcome"] == "fail", finding
    return frame


def cleaned(bartizan: Run, *more: object) -> Ran:
    known = ("--data", "t.csv", "--target", "y", "--quiet", "--json")
    return bartizan("data", "clean", *known, *more)


def measures(ran: Ran, entry: str) -> dict[str, Any]:
    (finding,) = [one for one in json.loads(ran.out)["findings"] if one["entry"] == entry]
    return {one["name"]: one["value"] for one in finding["measures"]}


def marked(network: Any, frame: pl.DataFrame) -> float:
    """Share of honest rows of class 1 that the mark moves to class 0, net of those it finds there.

    Measured here, with the mark that was planted, and not with the one that was found.
    """
    x = frame.filter(pl.col("y") == 1).drop("y").to_numpy()
    stamped = x.copy()
    stamped[:, 3], stamped[:, 4] = 3.25, -2.75
    return float((network(stamped) == 0).mean() - (network(x) == 0).mean())


@pytest.mark.usefixtures("found")
def test_what_a_check_kept_leads_to_what_detectors_that_run_now_lead_to(bartizan: Run) -> None:
    assert json.loads(Path("out/examples/marks.json").read_text())["schema"] == "marks/1"
    assert Path("out/examples").stat().st_mode & 0o777 == 0o700
    recipe = ("--recipe", "mine:train")
    kept = cleaned(bartizan, "--from", "out", "--out", "kept", *recipe)
    now = cleaned(bartizan, "--entry", "poison.trigger", "--out", "now", *recipe)
    assert kept.code == now.code == 0, kept.err
    assert Path("kept/t.csv").read_bytes() == Path("now/t.csv").read_bytes()
    told = [measures(ran, "clean.effect") for ran in (kept, now)]
    assert told[0] == told[1]
    assert told[0]["trigger-success-before"] > 0.5
    assert told[0]["trigger-success-after"] < 0.05


def test_a_network_with_a_backdoor_unlearns_it_and_all_can_be_undone(
    bartizan: Run, found: pl.DataFrame
) -> None:
    import skops.io  # noqa: PLC0415 (slow to import)
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 (slow to import)

    x, y = found.drop("y").to_numpy(), found["y"].to_numpy()
    network = MLPClassifier((24, 12), max_iter=400, tol=1e-3, random_state=0).fit(x, y)
    skops.io.dump(network, "old.skops")
    old = Path("old.skops").read_bytes()
    ran = cleaned(bartizan, "--from", "out", "--repair-model", "old.skops")
    told = measures(ran, "clean.repair")
    assert told["network-trigger-success-before"] > 0.7
    assert told["network-trigger-success-after"] < 0.1
    assert told["balanced-accuracy-after"] > told["balanced-accuracy-before"] - 0.02
    assert (
        told["network-trigger-success-reactivated"] >= told["network-trigger-success-after"] - 0.05
    )
    path = "clean/repaired-old.skops"
    repaired = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    assert marked(network.predict, found) > 0.7
    assert marked(repaired.predict, found) < 0.1
    assert Path("old.skops").read_bytes() == old
    Path("back").mkdir()
    assert bartizan("data", "clean", "--undo", "clean", "--out", "back").code == 0
    assert Path("back/t.csv").read_bytes() == Path("t.csv").read_bytes()


def test_a_torch_network_with_a_backdoor_unlearns_it(bartizan: Run, found: pl.DataFrame) -> None:
    torch = pytest.importorskip("torch")
    Path("net.py").write_text(TORCH)
    made = runpy.run_path("net.py")["network"]
    torch.manual_seed(0)
    network = made().train()
    x = torch.tensor(found.drop("y").to_numpy(), dtype=torch.float32)
    y = torch.tensor(found["y"].to_numpy())
    steps = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(300):
        steps.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        steps.step()
    torch.save(network.state_dict(), "old.pt")

    def asked(weights: str) -> Any:
        one = made()
        one.load_state_dict(torch.load(weights, weights_only=True))
        return lambda rows: one(torch.tensor(rows, dtype=torch.float32)).argmax(1).numpy()

    ran = cleaned(bartizan, "--from", "out", "--repair-model", "net:network", "--weights", "old.pt")
    told = measures(ran, "clean.repair")
    assert told["network-trigger-success-before"] > 0.7, ran.err
    assert told["network-trigger-success-after"] < 0.1
    path = Path(json.loads(ran.out)["repaired"])
    assert marked(asked("old.pt"), found) > 0.7
    assert marked(asked(str(path)), found) < 0.1


@pytest.mark.usefixtures("found")
def test_without_the_rows_of_a_check_nothing_is_cleaned_from_it(bartizan: Run) -> None:
    Path("out/examples/marks.json").write_text('{"schema":"marks/1","digest":"x","marks":[]}')
    ran = cleaned(bartizan, "--from", "out")
    assert ran.code == 2
    assert "marks.json is about x, and t is sha256:" in ran.err
    assert not Path("clean").exists()
