"""Thieves of a model that is sold by the answer: what the report says was asked, was asked."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from system import shop
from system.command import Run
from unit.adapt.served import Served, serving

PROJECT = """
[project]
name = "shop"
profile = "quick"

[[model]]
name = "sold"
path = "{url}"
cost_per_1000 = {price}

[model.endpoint]
protocol = "v2"
per_second = {rate}

[[data]]
name = "holdout"
role = "test"
path = "holdout.csv"
target = "fraud"

[[attacker]]
name = "customer"
access = "scores"
norm = "Linf"
eps = 0.1
"""
RATE, PRICE = 10, 2.5


def rows(served: Served) -> list[int]:
    """Rows of each question to the server."""
    return [body["inputs"][0]["shape"][0] for body in served.asked]


def found(folder: Path) -> dict[str, Any]:
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    (one,) = report["findings"]
    assert isinstance(one, dict)
    return one


@pytest.mark.slow
def test_questions_and_money_are_those_that_the_server_counted(folder: Path, bartizan: Run) -> None:
    data = pl.read_csv(shop.save_csv(folder))
    with serving() as served:
        served.shape = (-1, len(shop.NAMES))
        text = PROJECT.format(url=served.url, rate=RATE, price=PRICE)
        (folder / "bartizan.toml").write_text(text, encoding="utf-8")
        came: list[float] = []
        served.mischief = lambda _: came.append(time.monotonic())
        ran = bartizan("assess", "--entry", "extraction.surrogate", "--quiet")
    assert ran.code in (0, 1), ran.err
    assert min(np.subtract(came[3:], came[:-3])) > 2 / RATE  # four begin in three steps
    one, asked = found(folder), rows(served)
    around = 4 * len(data)  # read the data twice, before the attacks, and at the end
    measured = len(data) // 2
    told = {measure["name"]: measure["value"] for measure in one["measures"]}
    assert told["questions-asked"] == sum(asked) - around - measured
    paid = told["questions-asked"] + measured
    assert f"asked {paid:.0f} questions, {measured} of them" in one["remarks"][-1]
    assert one["remarks"][-1].endswith(f"to measure: {paid / 1000 * PRICE:g}.")
    prices = [s for s in one["series"] if s["x_name"] == "price of the questions"]
    counts = [s for s in one["series"] if s["chart"] == "Fidelity by what the model tells"]
    for price, count in zip(prices, counts, strict=True):
        assert price["x"] == pytest.approx([n / 1000 * PRICE for n in count["x"]])
    assert max(n for s in one["series"] for n in s["x"] if s["x_unit"] == "queries") == 1000
    assert max(asked) <= 256
