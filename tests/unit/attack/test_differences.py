"""A gradient that is not that of the scores is told from one that is."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from bartizan.attack.differences import Compared, compare
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.classifier import Loss, ScoreKind, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.space import Box, Space, space_of
from bartizan.core.streams import rng

N, D, UNITS = 32, 48, 24


def weights(name: str, *shape: int) -> Array:
    """Fixed, of unit length for each output."""
    return rng(0, name).normal(size=shape) / np.sqrt(shape[0])


@dataclass
class Net:
    """One layer of units and three logits, all in single precision if wanted."""

    first: Array = field(default_factory=lambda: weights("first", D, UNITS))
    last: Array = field(default_factory=lambda: weights("last", UNITS, 3))
    bend: Callable[[Array], Array] = lambda z: np.maximum(z, 0.0)
    slope: Callable[[Array], Array] = lambda z: (z > 0.0).astype(float)
    classes: tuple[int, ...] = (0, 1, 2)
    score_kind: ScoreKind = "logit"
    gain: float = 1.0
    single: bool = True

    def seen(self, x: Array) -> Array:
        """What reaches the first layer."""
        return x

    def scores(self, x: Array) -> Array:
        made = self.gain * self.bend(self.seen(x) @ self.first) @ self.last
        if self.score_kind == "probability":
            odds = np.exp(made - made.max(axis=1, keepdims=True))
            made = odds / odds.sum(axis=1, keepdims=True)
        return made.astype(np.float32).astype(float) if self.single else made

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        scores = self.scores(x)
        if self.score_kind == "logit":
            value, moved = loss(scores)
        else:
            value, moved = loss(np.log(np.maximum(scores, 1e-300)))
            moved = moved - scores * moved.sum(axis=1, keepdims=True)
        units = self.slope(self.seen(x) @ self.first) * (self.gain * moved @ self.last.T)
        return value, self.back(units @ self.first.T)

    def back(self, grad: Array) -> Array:
        """What is shown of the gradient."""
        return grad


class Turned(Net):
    """Shows the gradient with its sign turned."""

    def back(self, grad: Array) -> Array:
        return -grad


class Shrunk(Net):
    """Shows a gradient that is a million million times too small."""

    def back(self, grad: Array) -> Array:
        return 1e-12 * grad


class Made(Net):
    """Shows random numbers of the right length."""

    def back(self, grad: Array) -> Array:
        length = np.linalg.norm(grad, axis=1, keepdims=True)
        return length * rng(4, "made").normal(size=grad.shape) / np.sqrt(D)


class Foreign(Net):
    """Shows the gradient of another network."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        other = Net(first=self.first + weights("other", D, UNITS), last=self.last)
        return loss(self.scores(x))[0], other.value_and_grad(x, loss)[1]


class Broken(Net):
    """Shows what is not a number."""

    def back(self, grad: Array) -> Array:
        return np.nan * grad


class Stepped(Net):
    """Rounds its input to sixteen levels, and passes the gradient straight through."""

    levels = 16.0

    def seen(self, x: Array) -> Array:
        return np.round(x * self.levels) / self.levels


class Levels(Stepped):
    """Rounds its input to the levels of an image."""

    levels = 255.0


class Coded(Net):
    """A thermometer code of ten marks, with the slope of the value itself."""

    def seen(self, x: Array) -> Array:
        return np.sum(x[:, :, None] > (np.arange(10) + 0.5) / 10, axis=2) / 10


class Noisy(Net):
    """Adds noise to its input, new for each question."""

    source = rng(5, "noise")

    def seen(self, x: Array) -> Array:
        return x + 0.05 * self.source.normal(size=x.shape)


class Hashed(Net):
    """Adds noise that is the same for the same input, and another for the next."""

    def seen(self, x: Array) -> Array:
        return x + 0.05 * np.sin(1e9 * x.sum(axis=1, keepdims=True) * np.arange(1, D + 1))


def looked(
    model: Net, *, space: Space | None = None, scale: float = 1.0, seed: int = 0, **more: object
) -> Compared:
    """The comparison on rows within 0..1, or as far as a scale goes."""
    x = scale * rng(1, "rows").uniform(size=(N, D))
    space = space or Box.uniform(D, lower=0.0, upper=1.0)
    attacker = Attacker(name="a", access="gradients", norm="Linf", eps=0.1, **more)  # type: ignore[arg-type]  # named by the caller
    constraint = Constraint(space, attacker, x[:0])
    y = decisions(model.scores(x))
    oracle = Oracle(model, y=y, access="gradients")
    return compare(oracle, constraint, x, rng=rng(seed, "look"))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "model",
    [
        Net(),
        Net(single=False),
        Net(bend=np.tanh, slope=lambda z: 1 - np.tanh(z) ** 2),
        Net(gain=1e3),
        Net(gain=1e-3),
        Net(score_kind="probability"),
        Net(score_kind="probability", gain=30.0),
        Levels(),
    ],
    ids=["relu", "double", "tanh", "sure", "unsure", "soft", "soft-and-sure", "levels"],
)
def test_an_honest_gradient_is_confirmed(model: Net, seed: int) -> None:
    found = looked(model, seed=seed)
    assert found.differs.sum() <= 1
    assert found.agrees.sum() >= 0.9 * N


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "model",
    [Turned(), Shrunk(), Made(), Foreign(), Broken(), Stepped(), Coded(), Noisy(), Hashed()],
    ids=lambda model: type(model).__name__,
)
def test_a_gradient_that_is_not_that_of_the_scores_is_not_confirmed(model: Net, seed: int) -> None:
    assert looked(model, seed=seed).differs.mean() > 0.9


@pytest.mark.parametrize("model", [Net(), Turned()])
def test_it_looks_at_what_leads_to_a_goal(model: Net) -> None:
    x = rng(1, "rows").uniform(size=(N, D))
    attacker = Attacker(name="a", access="gradients", norm="Linf", eps=0.1, goal="2")
    constraint = Constraint(Box.uniform(D, lower=0.0, upper=1.0), attacker, x[:0])
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients", target=2)
    found = compare(oracle, constraint, x, rng=rng(0))
    assert (found.differs if isinstance(model, Turned) else found.agrees).mean() > 0.9


def test_what_is_lost_in_rounding_is_neither_confirmed_nor_accused() -> None:
    flat = looked(Net(gain=0.0))
    assert not (flat.agrees | flat.differs).any()
    saturated = looked(Net(score_kind="probability", gain=3e4))
    assert not saturated.differs.any()
    assert saturated.agrees.mean() < 0.5


class Offset(Net):
    """Logits a hundred million apart from zero: single precision shows nothing of the rest."""

    def scores(self, x: Array) -> Array:
        return np.asarray((super().scores(x) + 1e8).astype(np.float32).astype(float))


def test_scores_that_single_precision_swallows_are_not_accused() -> None:
    assert not looked(Offset()).differs.any()


class Clipped(Net):
    """Cuts its input to 0..1: rows on the bounds lie on a bend."""

    def seen(self, x: Array) -> Array:
        return np.clip(x, 0.0, 1.0)


def test_rows_on_the_bounds_are_looked_at_from_within() -> None:
    model = Clipped()
    x = rng(1, "corners").choice([0.0, 1.0], (N, D))
    space = Box.uniform(D, lower=0.0, upper=1.0)
    attacker = Attacker(name="a", access="gradients", norm="L2", eps=0.1)
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients")
    found = compare(oracle, Constraint(space, attacker, x[:0]), x, rng=rng(0))
    assert not found.differs.any()
    assert found.agrees.all()


class Bytes(Net):
    """Takes the values of images."""

    def seen(self, x: Array) -> Array:
        return x / 255

    def back(self, grad: Array) -> Array:
        return grad / 255


def test_whole_numbers_are_no_obstacle() -> None:
    space = space_of(Schema(image=Image(height=6, width=8, channels=1)), np.zeros((1, D)))
    assert space.whole.size == D
    found = looked(Bytes(), space=space, scale=255.0)
    assert found.agrees.all()


class Coarse(Bytes):
    """The same in sixteen levels."""

    def seen(self, x: Array) -> Array:
        return np.round(x / 17) / 15


class Cut(Net):
    """Takes whole numbers in its first columns, as inputs of a whole type do."""

    def seen(self, x: Array) -> Array:
        return np.concatenate((np.trunc(x[:, : D // 2]), x[:, D // 2 :]), axis=1)


class CutAndTurned(Cut, Turned):
    """The same, with the gradient's sign turned."""


@pytest.mark.parametrize(("model", "honest"), [(Cut(), True), (CutAndTurned(), False)])
def test_columns_that_a_model_takes_as_whole_numbers_move_by_whole_steps(
    model: Net, *, honest: bool
) -> None:
    features = [
        Feature(name=f"x{j}", type="integer" if j < D // 2 else "number", min=0, max=40)
        for j in range(D)
    ]
    x = np.rint(rng(0, "whole").uniform(0, 40, (N, D)))
    space = space_of(Schema(features=tuple(features)), x)
    eve = Attacker(name="eve", access="gradients", norm="Linf", eps=0.1)
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients")
    found = compare(oracle, Constraint(space, eve, x[:0]), x, rng=rng(0, "cut"))
    assert (found.agrees if honest else found.differs).mean() > 0.75
    assert oracle.queries.max() <= 51


def test_coarse_levels_of_images_are_told() -> None:
    space = space_of(Schema(image=Image(height=6, width=8, channels=1)), np.zeros((1, D)))
    assert looked(Coarse(), space=space, scale=255.0).differs.mean() > 0.9


def test_only_what_the_attacker_can_move_is_moved() -> None:
    features = tuple(Feature(name=f"x{j}", min=0.0, max=1.0) for j in range(D))
    space = space_of(Schema(features=features), rng(1, "rows").uniform(size=(N, D)))
    fixed = {f"x{j}": Reach(mutable=False) for j in range(1, D)}
    asked: list[Array] = []

    class Noting(Net):
        def seen(self, x: Array) -> Array:
            asked.append(x)
            return x

    found = looked(Noting(), space=space, features=fixed)
    assert found.agrees.any()
    moved = np.concatenate([x[:, 1:] for x in asked])
    assert len(np.unique(moved, axis=0)) == N  # the rows as they are
    none = {f"x{j}": Reach(mutable=False) for j in range(D)}
    nobody = looked(Net(), space=space, features=none)
    assert not (nobody.agrees | nobody.differs).any()


def test_missing_values_stay_missing() -> None:
    class Gaps(Net):
        def seen(self, x: Array) -> Array:
            return np.nan_to_num(x)

    x = rng(1, "rows").uniform(size=(N, D))
    x[:, ::3] = np.nan
    model, attacker = Gaps(), Attacker(name="a", access="gradients", norm="Linf", eps=0.1)
    constraint = Constraint(Box.uniform(D, lower=0.0, upper=1.0), attacker, x[:0])
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients")
    assert compare(oracle, constraint, x, rng=rng(0)).agrees.all()


@pytest.mark.parametrize("budget", [0, 1, 10, 11, 40, 41])
@pytest.mark.parametrize("model", [Net(), Turned()])
def test_it_keeps_to_the_questions_that_are_left(model: Net, budget: int) -> None:
    x = rng(1, "rows").uniform(size=(N, D))
    attacker = Attacker(name="a", access="gradients", norm="Linf", eps=0.1)
    constraint = Constraint(Box.uniform(D, lower=0.0, upper=1.0), attacker, x[:0])
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients", budget=budget)
    found = compare(oracle, constraint, x, rng=rng(0))
    assert oracle.queries.max() <= budget
    told = found.agrees | found.differs
    assert told.all() if budget >= 11 else not told.any()
