"""A check whose time is up says what it has, how much that is, and no more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bartizan.assess.damage import flips
from bartizan.assess.profile import PROFILES
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Classifier
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Steps, cut_short, finished
from bartizan.core.finding import Finding, Measure
from bartizan.core.streams import rng
from bartizan.store import Store
from unit.assess.asked import assessment, question
from unit.assess.damage.blobs import HEART, clumps, study

TRAIN, DATA = clumps(400, seed=1), clumps(300, seed=2)
ENTRY = flips.ENTRY
HALVES, SEED = 2, 1 + 3
"""Trainings before the first seed, and for each: a clean model and three poisoned ones."""
EVE = Attacker(name="eve", access="labels", norm="Linf", eps=0.1)


@dataclass
class Slow:
    """Each training takes a hundred seconds by the clock of the run, and nothing else any."""

    fits: int = 0

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        self.fits += 1
        return HEART.fit(data, rng)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "store")
    yield made
    made.close()


def found(store: Store, *, trainings: int | None, line: float, **more: Any) -> Finding:
    """What is found if there is time for so many trainings of 14."""
    recipe = Slow()
    request = question(
        HEART.fit(TRAIN, rng(0)), EVE, ENTRY, data=DATA, train=TRAIN, recipe=recipe,
        profile=PROFILES["quick"], thresholds={ENTRY.id: line},
        time_budget_s=None if trainings is None else 100.0 * trainings + 50.0, **more,
    )  # fmt: skip
    run = assessment(request, store, now=lambda: 100.0 * recipe.fits)
    for _ in run:
        pass
    assert recipe.fits == (HALVES + 3 * SEED if trainings is None else trainings)
    return run.report().findings[0]


def test_seeds_that_were_done_are_kept_and_counted(store: Store) -> None:
    """Two seeds of three, and one model of the third, which does not count."""
    one = found(store, trainings=HALVES + 2 * SEED + 1, line=0.001)
    told = " ".join(one.remarks)
    assert one.outcome == "fail"
    assert one.measures[0].value is not None
    assert "Time was up after 2 of 3 seeds" in told
    assert "2 models were trained on 400 rows as they are, and 6 with" in told
    assert "2 seeds are a first look only" in told


def test_what_two_seeds_say_is_what_a_run_of_two_seeds_says(store: Store) -> None:
    short = found(store, trainings=HALVES + 2 * SEED, line=0.001)
    params = replace(PROFILES["quick"].settings(ENTRY.params), seeds=2)
    subject = study(TRAIN, DATA)
    whole = finished(ENTRY.run(subject, params=params, rng=rng(0, "assess", ENTRY.id)))
    assert short.measures == whole.measures


def test_fewer_seeds_leave_a_wider_interval(store: Store) -> None:
    short = found(store, trainings=HALVES + 2 * SEED, line=0.001).measures[0]
    whole = found(store, trainings=None, line=0.001).measures[0]
    assert short.low is not None
    assert short.high is not None
    assert whole.low is not None
    assert whole.high is not None
    assert short.high - short.low > whole.high - whole.low


def test_a_pass_of_fewer_seeds_than_planned_is_none(store: Store) -> None:
    assert found(store, trainings=None, line=0.9).outcome == "pass"
    one = found(store, trainings=HALVES + 2 * SEED, line=0.9)
    assert one.outcome == "inconclusive"
    assert "the time limit cut the check short" in one.reason


@pytest.mark.parametrize("trainings", [HALVES + 1, HALVES + SEED, HALVES + 2 * SEED - 1])
def test_one_seed_shows_no_spread_and_says_nothing(store: Store, trainings: int) -> None:
    one = found(store, trainings=trainings, line=0.001)
    assert one.outcome == "inconclusive"
    assert one.measures[0].value is None
    whole = (trainings - HALVES) // SEED
    assert f"time was up after {whole} of 3 seeds" in one.reason


def test_models_of_a_seed_that_was_not_whole_are_not_trained_again() -> None:
    params = PROFILES["quick"].settings(ENTRY.params)
    pieces: dict[str, Any] = {}

    def kept(name: str, make: Any) -> Any:
        if name not in pieces:
            pieces[name] = make()
        return pieces[name]

    recipe = Slow()
    steps = ENTRY.run(study(TRAIN, DATA, recipe, kept=kept), params=params, rng=rng(1))
    while recipe.fits < HALVES + 2 * SEED + 2:
        next(steps)
    assert cut_short(steps) is not None
    again = finished(ENTRY.run(study(TRAIN, DATA, recipe, kept=kept), params=params, rng=rng(1)))
    assert recipe.fits == HALVES + 3 * SEED
    assert not any("Time was up" in remark for remark in again.remarks)


def test_a_check_that_has_nothing_before_its_end_has_nothing() -> None:
    def silent() -> Steps:
        yield 0.5
        return CheckResult(measures=(Measure(name="a", value=1.0),), severity="low")

    steps = silent()
    assert cut_short(steps) is None
    begun = silent()
    next(begun)
    assert cut_short(begun) is None


def test_a_check_that_will_not_end_is_ended() -> None:
    closed = []

    def deaf() -> Steps:
        while True:
            try:
                yield 0.5
            except GeneratorExit:
                closed.append(True)
                raise
            except Exception:  # noqa: BLE001 - that is what it is about
                closed.append(False)

    steps = deaf()
    next(steps)
    assert cut_short(steps) is None
    assert closed == [False, True]
