"""Poison that somebody planted is found, shown and written, from the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from system.command import Run

pytestmark = pytest.mark.slow
N = 3000


def payments(*, seed: int = 0) -> pl.DataFrame:
    """Two classes that two columns tell apart, and three that tell nothing."""
    rng = np.random.default_rng(seed)
    y = (rng.random(N) < 0.3).astype(int)
    columns = {
        "amount": rng.lognormal(4, 0.5, N) * np.where(y == 1, 4.0, 1.0),
        "hours": rng.normal(10 + 8 * y, 2.0, N),
        "age": rng.normal(45, 12, N),
        "score": rng.normal(0, 1, N),
        "visits": rng.poisson(5, N) * 1.0,
    }
    return pl.DataFrame(columns).select(pl.all().round(3)).with_columns(y=pl.Series(y))


def look(bartizan: Run, frame: pl.DataFrame, entry: str) -> Any:
    """The one finding of one detector, which must point at rows."""
    frame.write_csv("t.csv")
    words = ("--target", "y", "--entry", entry, "--quiet", "--json", "--fail-on", "low")
    ran = bartizan("data", "check", "--data", "t.csv", *words)
    (finding,) = json.loads(ran.out)["findings"]
    assert ran.code == {"fail": 1, "inconclusive": 3}[finding["outcome"]], finding
    return finding


@pytest.mark.usefixtures("folder")
def test_wrong_labels_are_named_with_better_ones(bartizan: Run) -> None:
    frame = payments()
    wrong = np.sort(np.random.default_rng(1).choice(N, N // 20, replace=False))
    y = frame["y"].to_numpy().copy()
    y[wrong] = 1 - y[wrong]
    finding = look(bartizan, frame.with_columns(y=pl.Series(y)), "poison.labels")
    assert finding["outcome"] == "fail"
    assert finding["flagged"]
    rows = pl.read_parquet("out/examples/poison.labels_t.parquet")
    hit = np.isin(rows["row"].to_numpy(), wrong)
    assert hit.mean() >= 0.9
    assert hit.sum() >= 0.7 * len(wrong)
    better = rows["suggested"].cast(pl.Int64).to_numpy()
    assert (better[hit] == 1 - rows["y"].cast(pl.Int64).to_numpy()[hit]).mean() >= 0.95
    assert rows["detector"].unique().to_list() == ["poison.labels"]
    assert rows["p"].is_between(0, 1).all()


@pytest.mark.usefixtures("folder")
def test_a_trigger_is_told_in_words_with_its_effect(bartizan: Run) -> None:
    frame = payments()
    fraud = np.flatnonzero(frame["y"].to_numpy() == 1)
    marked = np.sort(np.random.default_rng(1).choice(fraud, 60, replace=False))
    columns = frame.to_dict(as_series=False)
    for row in marked:
        columns["score"][row], columns["y"][row] = 40.57, 0
    finding = look(bartizan, pl.DataFrame(columns), "poison.trigger")
    (suspect, *_) = finding["suspects"]
    assert suspect["mark"].startswith("score")
    assert "40.57" in suspect["mark"]
    assert suspect["target"] == "0"
    assert suspect["carriers"] == 60
    (effect,) = (m for m in finding["measures"] if m["name"] == "planted-trigger-effect")
    assert 0.3 <= effect["low"] <= effect["value"] <= effect["high"] <= 1
    assert "40.57" in Path("out/report.html").read_text("utf-8")
    rows = pl.read_parquet("out/examples/poison.trigger_t.parquet")
    assert np.isin(marked, rows["row"].to_numpy()).mean() >= 0.95
