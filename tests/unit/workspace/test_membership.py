"""Membership from a file to a finding: shadow models are trained, kept, and taken over."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from bartizan.adapt import Model, load_dataset, load_model, load_recipe, save_skops
from bartizan.assess.membership import ENTRY
from bartizan.assess.profile import profile_named
from bartizan.assess.request import Request
from bartizan.assess.run import Assessment
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.finding import Finding
from bartizan.core.report import Tool
from bartizan.store import Store
from bartizan.workspace import Workspace, gathered

EVE = Attacker(name="eve", access="scores", norm="Linf", eps=0.1)


@dataclass
class Counted:
    """A recipe that counts its trainings; it speaks for the one within."""

    inner: Recipe
    fits: list[int] = field(default_factory=list, repr=False)

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        self.fits.append(len(data.y))
        return self.inner.fit(data, rng)


@dataclass(frozen=True)
class Shop:
    """A model that learnt by heart, its rows, and a store."""

    model: Model
    store: Store
    x: Any
    y: Any

    def run(
        self, *, source: Any = None, resume: bool = False, budget_s: float | None = None
    ) -> tuple[Assessment, Counted]:
        """Each training takes 100 seconds by the clock of the run, and nothing else takes any."""
        inputs = gathered(self.model, (self.x[350:], self.y[350:]), attackers=(EVE,))
        schema = inputs.table.dataset.schema
        train = load_dataset((self.x[:350], self.y[:350]), target=None, schema=schema)
        recipe = Counted(load_recipe(source, model=self.model, table=inputs.table))
        request = Request(
            subject=inputs.subject, model=inputs.model, binding=inputs.model.binding,
            codec=inputs.table.codec, data=inputs.table.dataset, train=train.dataset,
            recipe=recipe, attackers=inputs.attackers, entries=(ENTRY,), resume=resume,
            profile=profile_named("quick"), time_budget_s=budget_s,
        )  # fmt: skip
        tool = Tool(name="bartizan", version="0", catalog="")
        made = Assessment(
            request, store=self.store, tool=tool, data_subject=inputs.data_subject,
            now=lambda: 100.0 * len(recipe.fits),
        )  # fmt: skip
        return made, recipe


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    stream = np.random.default_rng(0)
    x, y = stream.normal(size=(700, 4)), stream.integers(0, 3, 700)
    save_skops(
        RandomForestClassifier(10, random_state=0).fit(x[:350], y[:350]), tmp_path / "m.skops"
    )
    with Workspace(tmp_path / "ws") as ws:
        yield Shop(load_model(tmp_path / "m.skops"), ws.store, x, y)


def finding(run: Assessment) -> Finding:
    for _ in run:
        pass
    return run.report().findings[0]


def test_a_forest_that_knows_its_rows_fails_and_the_report_says_how(shop: Shop) -> None:
    run, recipe = shop.run()
    found = finding(run)
    assert (found.outcome, found.severity) in {("fail", "high"), ("fail", "critical")}
    assert recipe.fits == [350] * 8
    assert len(found.series) == 4
    assert any("8 models were trained anew on 350 rows" in remark for remark in found.remarks)
    assert "the share of training rows found at 1 % false claims is" in found.reason


def test_a_stopped_run_loses_no_shadow_model(shop: Shop) -> None:
    stopped, first = shop.run()
    for _ in stopped:
        if len(first.fits) == 5:
            break
    again, second = shop.run(resume=True)
    found = finding(again)
    assert len(second.fits) == 8 - 5
    assert found == finding(shop.run()[0])


def test_no_shadow_model_is_begun_that_would_end_after_the_time_budget(shop: Shop) -> None:
    stopped, first = shop.run(budget_s=450)
    found = finding(stopped)
    assert len(first.fits) == 4
    assert found.outcome == "inconclusive"
    assert "ended when 50% of this was done" in found.reason
    assert "the time budget of 450 s was used up" in stopped.report().coverage.interrupted
    again, second = shop.run(resume=True, budget_s=450)
    assert finding(again) == finding(shop.run()[0])
    assert len(second.fits) == 4


def test_a_time_budget_that_the_last_shadow_model_uses_up_leaves_a_verdict(shop: Shop) -> None:
    run, recipe = shop.run(budget_s=800)
    assert finding(run).measures[0].value is not None
    assert len(recipe.fits) == 8
    assert not run.report().coverage.interrupted


def test_a_time_budget_that_is_over_begins_nothing(shop: Shop) -> None:
    run, recipe = shop.run(budget_s=-1)
    found = finding(run)
    assert not recipe.fits
    assert (found.outcome, found.reason) == ("not-run", "the run ended before this was done")
    assert "time budget" in run.report().coverage.interrupted


def test_pieces_of_another_recipe_are_not_taken_over(shop: Shop) -> None:
    def train(x: Any, y: Any, seed: int) -> Any:
        return DecisionTreeClassifier(max_depth=4, random_state=seed).fit(x, y)

    finding(shop.run()[0])
    other, recipe = shop.run(source=train, resume=True)
    finding(other)
    assert len(recipe.fits) == 8


def test_pieces_of_other_training_rows_are_not_taken_over(shop: Shop) -> None:
    finding(shop.run()[0])
    x = shop.x.copy()
    x[0, 0] += 1.0
    other, recipe = replace(shop, x=x).run(resume=True)
    finding(other)
    assert len(recipe.fits) == 8


def test_a_recipe_that_fails_leaves_it_open_with_the_reason(shop: Shop) -> None:
    def train(x: Any, y: Any, seed: int) -> Any:
        message = "out of luck"
        raise RuntimeError(message)

    found = finding(shop.run(source=train)[0])
    assert found.outcome == "inconclusive"
    assert "raised RuntimeError: out of luck" in found.reason
    assert [one.value is not None for one in found.measures] == [False] * 3 + [True] * 3
