"""Models of trees from the command line: what is proven, what is broken, and both agree."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan.core.arrays import Array, Ints
from system import shop
from system.command import Run

N = 60
TREES = ("evasion.tree-greedy", "evasion.tree-exact")
UNION = "evasion.union"
BUDGET = 0.1

pytest.importorskip("xgboost", reason="xgboost is not installed; pip install 'bartizan[boost]'")
lightgbm = pytest.importorskip(
    "lightgbm", reason="lightgbm is not installed; pip install 'bartizan[boost]'"
)


def boosted(folder: Path) -> tuple[Path, Callable[[Array], Ints]]:
    """XGBoost as JSON, and what the library itself decides."""
    from xgboost import Booster, DMatrix  # noqa: PLC0415 - slow to import

    path = shop.save_xgboost(folder)
    model = Booster(model_file=path)
    return path, lambda x: (model.predict(DMatrix(x)) > 0.5).astype(np.int64)


def light(folder: Path) -> tuple[Path, Callable[[Array], Ints]]:
    """LightGBM as text, and what the library itself decides."""
    x, y = shop.arrays()
    settings = {"objective": "binary", "num_leaves": 6, "num_threads": 1, "verbose": -1}
    data = lightgbm.Dataset(x[: shop.N], y[: shop.N], feature_name=list(shop.NAMES))
    path = folder / "shop.txt"
    lightgbm.train(settings, data, num_boost_round=12).save_model(path)
    model = lightgbm.Booster(model_file=path)
    return path, lambda rows: (model.predict(rows) > 0.5).astype(np.int64)


def measures(finding: Any) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in finding["measures"]}


@pytest.mark.parametrize("make", [boosted, light], ids=["xgboost", "lightgbm"])
def test_what_is_proven_lies_below_what_is_broken_and_the_library_agrees(
    make: Callable[[Path], tuple[Path, Callable[[Array], Ints]]], folder: Path, assess: Run
) -> None:
    path, decide = make(folder)
    wanted = [flag for name in (*TREES, UNION) for flag in ("--entry", name)]
    ran = assess("--model", path.name, "--access", "structure", "--json", *wanted, n=N)
    assert ran.code in {0, 1, 3}, ran.err
    report = json.loads(ran.out)  # nothing else was printed, by whatever library
    assert report == json.loads(Path("out/report.json").read_bytes())
    found = {one["entry"]: one for one in report["findings"] if one["attacker"] == "anyone"}
    assert set(found) == {*TREES, UNION}
    for finding in found.values():
        the_proof_bounds_the_attack(finding)
    greedy, exact = (measures(found[name]) for name in TREES)
    assert exact["solved-exactly"] == 1.0
    assert exact["certified-robust"] >= greedy["certified-robust"]
    assert exact["median-price"] <= greedy["median-price"] * (1 + 1e-9)
    assert measures(found[UNION])["certified-robust"] == exact["certified-robust"]
    for name in TREES:
        the_library_confirms(name, decide)
    gaps = " ".join(gap["what"] for gap in report["coverage"]["gaps"])
    assert "who has the model itself" not in gaps


def the_proof_bounds_the_attack(finding: Any) -> None:
    """At every budget no more rows are proven to hold than hold under attack."""
    lines = {one["name"]: one for one in finding["series"] if one["chart"] == "Rows that hold"}
    proven = lines.pop("proven")
    assert lines
    for attacked in lines.values():
        assert attacked["x"] == proven["x"]
        assert all(low <= high for low, high in zip(proven["y"], attacked["y"], strict=True))
    told = measures(finding)
    assert 0.0 < told["certified-robust"] <= 1 - told["attack-success"] + 1e-12
    assert told["unconfirmed-claims"] == 0.0


def the_library_confirms(entry: str, decide: Callable[[Array], Ints]) -> None:
    """Every example changes the decision, and is as dear as is said."""
    pairs = pl.read_parquet(f"out/examples/{entry}_shop_anyone.parquet")
    sides = {
        name: pairs.filter(pl.col("version") == name).select(shop.NAMES).to_numpy()
        for name in ("original", "changed")
    }
    assert len(sides["original"]) > 0
    assert (decide(sides["original"]) != decide(sides["changed"])).all()
    x, _ = shop.arrays()
    low, high = np.quantile(x[shop.N : shop.N + N], (0.01, 0.99), axis=0)
    size = np.abs(sides["changed"] - sides["original"]) / (high - low)
    price = pairs.filter(pl.col("version") == "changed")["price"].to_numpy()
    assert size.max(axis=1) == pytest.approx(price, rel=1e-6)
    assert (price <= BUDGET).any()


def test_an_attack_on_trees_by_somebody_who_does_not_see_them_is_refused_with_the_reason(
    folder: Path, assess: Run
) -> None:
    path, _ = boosted(folder)
    ran = assess("--model", path.name, "--entry", TREES[0], "--access", "labels")
    assert ran.code == 2
    said = " ".join(ran.err.split())
    assert "none of the chosen attacks can be tried on behalf of attacker" in said
    assert "the attacker sees labels only, it needs structure" in said
