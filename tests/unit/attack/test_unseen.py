"""Numbers that move the scores and have no gradient are told from numbers that do neither."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from bartizan.attack.unseen import unseen
from bartizan.core.arrays import Array, Mask
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.classifier import Loss, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.norm import NORMS
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Space, space_of
from bartizan.core.streams import rng

N, D = 32, 20
HALF = np.arange(D) >= D // 2


@dataclass
class Plane:
    """Two logits; some numbers are rounded to tenths, and show no slope."""

    rounded: Mask = field(default_factory=lambda: np.zeros(D, dtype=bool))
    weights: Array = field(default_factory=lambda: rng(0, "plane").normal(size=(D, 2)))
    classes: tuple[int, ...] = (0, 1)
    score_kind: str = "logit"
    asked: int = 0

    def scores(self, x: Array) -> Array:
        self.asked += len(x)
        return np.asarray(np.where(self.rounded, np.round(10 * x) / 10, x) @ self.weights)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, moved = loss(self.scores(x))
        return value, np.where(self.rounded, 0.0, moved @ self.weights.T)


class Sparse(Plane):
    """Does not use half of its numbers."""

    def scores(self, x: Array) -> Array:
        return super().scores(np.where(HALF, 0.0, x))

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, grad = super().value_and_grad(x, loss)
        return value, np.where(HALF, 0.0, grad)


class Sleepy(Plane):
    """Units that wake where a number rises above what the rows hold."""

    def scores(self, x: Array) -> Array:
        return np.asarray(np.where(HALF, np.maximum(x - 1.0, 0.0), x) @ self.weights)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, moved = loss(self.scores(x))
        return value, np.where(HALF & (x <= 1.0), 0.0, moved @ self.weights.T)


def told(
    model: Plane, *, norm: str = "Linf", eps: float = 0.3, budget: int | None = None, **more: object
) -> Mask:
    """What is found on rows within 0..1 of a table that goes to 2."""
    x = rng(1, "rows").uniform(size=(N, D))
    space: Space = space_of(
        Schema(features=tuple(Feature(name=f"x{j}", min=0.0, max=2.0) for j in range(D))), x
    )
    attacker = Attacker(name="a", access="gradients", norm=norm, eps=eps, **more)  # type: ignore[arg-type]  # named by the caller
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients", budget=budget)  # type: ignore[arg-type]  # its kind is a plain text
    found = unseen(oracle, Constraint(space, attacker, x[:0]), x, rng=rng(2, "move"))
    assert budget is None or oracle.queries.max() <= budget
    return found


@pytest.mark.parametrize("norm", NORMS)
def test_rounded_numbers_that_matter_are_found(norm: str) -> None:
    eps = {"Linf": 0.3, "L2": 1.3, "L1": 6.0}[norm]  # each number moves by about as much
    assert told(Plane(rounded=HALF), norm=norm, eps=eps).mean() > 0.5


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("model", [Plane(), Sparse(), Sleepy()])
def test_honest_models_are_not_accused(model: Plane, norm: str) -> None:
    assert not told(model, norm=norm, eps=2.0).any()


def test_numbers_that_hardly_matter_are_no_matter() -> None:
    weights = rng(0, "plane").normal(size=(D, 2))
    weights[HALF] *= 1e-3
    assert not told(Plane(rounded=HALF, weights=weights)).any()


def test_what_the_attacker_cannot_move_is_not_missed() -> None:
    fixed = {f"x{j}": Reach(mutable=False) for j in np.flatnonzero(HALF)}
    assert not told(Plane(rounded=HALF), features=fixed).any()
    every = {f"x{j}": Reach(mutable=False) for j in range(D)}
    assert not told(Plane(rounded=HALF), features=every).any()


@pytest.mark.parametrize("budget", [0, 1, 2, 3])
def test_it_keeps_to_the_questions_that_are_left(budget: int) -> None:
    model = Plane(rounded=HALF)
    found = told(model, budget=budget)
    assert found.any() == (budget == 3)
    assert model.asked == N + (3 * N if budget == 3 else 0)
