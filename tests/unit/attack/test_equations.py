from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.attack.equations import solve
from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, ScoreKind, decisions
from bartizan.core.schema import Label
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import Counting, Stumps, linear
from worlds import WORLDS, World


@dataclass(frozen=True)
class Shares:
    """The same model, telling probabilities."""

    model: Classifier
    score_kind: ScoreKind = "probability"

    @property
    def classes(self) -> tuple[Label, ...]:
        return self.model.classes

    def scores(self, x: Array) -> Array:
        scores = self.model.scores(x)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("told", ["logit", "probability"])
def test_thirty_weights_are_exact_after_thirty_one_questions(told: ScoreKind) -> None:
    draw = rng(0, "weights")
    weights, x = draw.normal(size=30), draw.normal(size=(500, 30))
    model = linear(weights, offset=0.3)
    seen = Counting(Shares(model) if told == "probability" else model)
    copy = solve(seen.scores, Terms.of(Box.uniform(30), x), kind=told, rows=x[:16])
    assert copy.asked == len(seen.seen[0]) == 31
    assert sum(len(part) for part in seen.seen) == 31 + 16
    assert copy.weights[:, 1] == pytest.approx(weights, abs=1e-6)
    assert copy.proven


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_sums_over_columns_of_every_kind_are_stolen_exactly(world: World, k: int) -> None:
    model = world.model(k)
    terms = Terms.of(world.space, world.x)
    copy = solve(model.scores, terms, kind="logit", rows=world.x[:16])
    assert copy.proven
    truth = model.scores(world.x)
    found = copy.scores(world.x)
    assert found == pytest.approx(truth - truth[:, :1], abs=1e-6)
    assert (decisions(found) == decisions(truth)).all()


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_nothing_is_asked_that_the_schema_rules_out(world: World) -> None:
    probes = Terms.of(world.space, world.x).probes()
    columns = world.space.numeric
    known = ~np.isnan(probes[:, columns])
    assert (probes[:, columns] >= world.space.lower[columns])[known].all()
    assert (probes[:, columns] <= world.space.upper[columns])[known].all()
    assert np.array_equal(world.space.round(probes), probes, equal_nan=True)
    for switch in world.space.switches:
        chosen = switch.chosen(probes)
        assert np.isnan(probes[chosen < 0][:, switch.columns]).all()


def test_a_model_that_bends_is_not_taken_for_linear() -> None:
    x = rng(0, "rows").normal(size=(200, 3))
    model = Stumps(np.array([0, 1]), np.array([0.1, -0.4]), np.array([1.0, 2.0]), bias=-1.0)
    assert not solve(model.scores, Terms.of(Box.uniform(3), x), kind="logit", rows=x[:16]).proven


def test_a_constant_model_is_linear() -> None:
    x = rng(0, "rows").normal(size=(50, 3))
    copy = solve(linear(np.zeros(3)).scores, Terms.of(Box.uniform(3), x), kind="logit", rows=x[:9])
    assert copy.proven
    assert not copy.weights.any()


def test_a_column_without_room_is_left_alone() -> None:
    box = Box(lower=np.array([2.0, -np.inf]), upper=np.array([2.0, np.inf]), scale=np.ones(2))
    x = np.column_stack([np.full(20, 2.0), rng(0, "rows").normal(size=20)])
    copy = solve(linear(np.ones(2)).scores, Terms.of(box, x), kind="logit", rows=x)
    assert copy.asked == 2
    assert copy.proven
