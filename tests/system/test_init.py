"""`bartizan init` on tables as they come, and `assess` on what it wrote."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from system import shop
from system.command import Run

N = 80


def odd(columns: int = 0) -> pl.DataFrame:
    """Names with blanks and signs, a constant, an id, gaps; and many columns if need be."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(N, 2)).round(3)
    frame = pl.DataFrame({"amount in €": x[:, 0], 'of "which" [tax]': x[:, 1]})
    return frame.with_columns(
        pl.lit(7).alias("version"),
        pl.int_range(N).add(90_000).alias("customer id"),
        pl.when(pl.int_range(N) % 7 == 0).then(None).otherwise(pl.col("amount in €")).alias("a.b"),
        *(pl.Series(f"w {place}", rng.normal(size=N).round(3)) for place in range(columns)),
        pl.Series("is fraud?", (x[:, 0] > 0).astype(int)),
    )


@pytest.mark.parametrize("columns", [0, pytest.param(500, marks=pytest.mark.slow)])
def test_what_init_writes_for_an_odd_table_can_be_assessed_unedited(
    folder: Path, bartizan: Run, columns: int
) -> None:
    frame = odd(columns)
    frame.write_csv("odd table.csv")
    x = frame.drop("is fraud?").to_numpy().astype(np.float64)
    fitted = HistGradientBoostingClassifier(max_iter=5).fit(x, frame["is fraud?"].to_numpy())
    shop.save_skops(folder, fitted, name="odd model.skops")
    ran = bartizan(
        *("init", "--data", "odd table.csv", "--target", "is fraud?"),
        *("--model", "odd model.skops", "--name", "odd"),
    )
    assert ran.code == 0, ran.err
    assert "wrote bartizan.toml" in ran.err
    text = Path("bartizan.toml").read_text("utf-8")
    Path("bartizan.toml").write_text(text.replace("#queries = 1000", "queries = 20"), "utf-8")
    ran = bartizan("assess", "--profile", "quick", "--quiet", "--workers", 1)
    assert ran.code in (0, 1, 3), ran.err
    assert Path("out/report.html").exists()


def test_a_file_that_may_have_been_edited_is_kept(folder: Path, bartizan: Run) -> None:
    shop.save_csv(folder)
    Path("bartizan.toml").write_text("mine")
    asked = ("init", "--data", "holdout.csv", "--target", shop.TARGET)
    ran = bartizan(*asked)
    assert ran.code == 2
    assert "bartizan.toml exists already and may have been edited; --force overwrites" in ran.err
    assert Path("bartizan.toml").read_text() == "mine"
    assert bartizan(*asked, "--force").code == 0


def test_a_column_apart_is_no_feature_and_nobody_moves_it(folder: Path, bartizan: Run) -> None:
    frame = shop.frame(200)
    frame.with_columns(pl.Series("sex", ["f", "m"] * 100)).write_csv("holdout.csv")
    shop.save_skops(folder)
    asked = ("init", "--data", "holdout.csv", "--target", shop.TARGET, "--model", "shop.skops")
    assert bartizan(*asked, "--audit", "age", "--audit-apart", "sex").code == 0
    text = Path("bartizan.toml").read_text("utf-8")
    assert '[[audit]]\ncolumn = "sex"\napart = true\n' in text
    assert "feature.sex" not in text
    assert "holdout.sex" not in text
    ran = bartizan("assess", "--profile", "quick", "--quiet", "--entry", "fairness.*")
    assert ran.code in (0, 1, 3), ran.err


def test_a_place_that_cannot_be_written_is_refused(folder: Path, bartizan: Run) -> None:
    shop.save_csv(folder)
    asked = ("init", "--data", "holdout.csv", "--target", shop.TARGET)
    ran = bartizan(*asked, "--out", "gone/bartizan.toml")
    assert ran.code == 2
    assert "cannot write gone/bartizan.toml: No such file or directory" in ran.err


@pytest.mark.parametrize("command", ["catalog", "doctor"])
def test_listings_are_json_where_asked(bartizan: Run, command: str) -> None:
    ran = bartizan(command, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)
    assert bartizan(command).code == 0


@pytest.mark.parametrize("command", [(), ("assess",), ("init",), ("catalog",), ("doctor",)])
def test_help_fits_80_columns_and_has_an_example(
    bartizan: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = bartizan(*command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "Usage: bartizan" in ran.out
    assert "Example" in ran.out
