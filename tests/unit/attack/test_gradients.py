"""Gradient attacks against optima that are known, and the laws they keep among themselves."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from bartizan.attack import apgd, fgsm, fmn, pgd
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.classifier import Loss, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed
from bartizan.core.streams import rng
from models import Additive, linear

D = 20
NORMS: list[NormName] = ["L1", "L2", "Linf"]
ENTRIES = (fgsm.ENTRY, pgd.ENTRY, apgd.ENTRY, fmn.ENTRY)
SWEPT = (pgd.ENTRY, apgd.ENTRY)
every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
swept = pytest.mark.parametrize("entry", SWEPT, ids=lambda entry: entry.id)
each_norm = pytest.mark.parametrize("norm", NORMS)


@dataclass(frozen=True)
class Bent:
    """A network of one hidden layer with k logits; smooth, so that it has no flat spots."""

    k: int = 3
    classes: tuple[int, ...] = (0, 1, 2)
    score_kind: str = "logit"

    @property
    def _layers(self) -> tuple[Array, Array]:
        return _weights(self.k)

    def scores(self, x: Array) -> Array:
        first, second = self._layers
        return _product(np.tanh(_product(x, first)), second)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        first, second = self._layers
        hidden = np.tanh(_product(x, first))
        value, slope = loss(_product(hidden, second))
        return value, _product(_product(slope, second.T) * (1 - hidden**2), first.T)


def _product(left: Array, right: Array) -> Array:
    """Row by row: what a BLAS returns for a row depends on how many others there are."""
    return np.einsum("ij,jk->ik", left, right)


@cache
def _weights(k: int) -> tuple[Array, Array]:
    draw = rng(5, "bent")
    return draw.normal(size=(D, 16)) / 2, draw.normal(size=(16, k))


def attack(
    entry: Entry,
    model: Any,
    constraint: Constraint,
    x: Array,
    *,
    queries: int | None = None,
    target: int | None = None,
    **params: Any,
) -> AttackResult:
    y = decisions(model.scores(x))
    oracle = Oracle(model, y=y, access="gradients", budget=queries, target=target)
    settings = replace(entry.params, **params)
    found = entry.run(oracle, constraint, x, y, params=settings, rng=rng(3, entry.id))
    assert isinstance(found, AttackResult)
    reached = decisions(model.scores(found.points))
    assert np.array_equal(found.success, reached != y if target is None else reached == target)
    assert found.price[found.success] == pytest.approx(
        constraint.price(x, found.points)[found.success]
    )
    return found


def box(norm: NormName, eps: float, *, lower: float = -np.inf, upper: float = np.inf) -> Constraint:
    attacker = Attacker(name="a", access="gradients", norm=norm, eps=eps)
    return Constraint(Box.uniform(D, lower=lower, upper=upper), attacker, np.zeros((0, D)))


def nearest(constraint: Constraint, weights: Array, score: Array, x: Array) -> Array:
    """The closed form: the length at which the best change within bounds gains the score."""
    low, high = constraint.bounds(x)
    gain = -np.sign(score)[:, None] * weights * constraint.unit
    found = np.full(len(x), np.inf)
    for i in range(len(x)):

        def left(length: float, i: int = i) -> float:
            part = (gain[i : i + 1], low[i : i + 1] / length, high[i : i + 1] / length)
            return float((constraint.norm.ascend(*part) * length @ gain[i])[0] - abs(score[i]))

        if left(1e6) > 0:
            found[i] = brentq(left, 1e-9, 1e6, xtol=1e-13)
    return found


@pytest.mark.parametrize("bounded", [False, True], ids=["free", "box"])
@each_norm
@every
def test_on_a_linear_model_the_price_is_the_closed_form(
    entry: Entry, norm: NormName, *, bounded: bool
) -> None:
    draw = rng(1, "plane")
    weights = draw.normal(size=D)
    x = draw.uniform(0, 1, (60, D))
    model = linear(weights, offset=-float(np.median(x @ weights)))
    score = model.scores(x)[:, 1]
    limits = {"lower": 0.0, "upper": 1.0} if bounded else {}
    one = nearest(box(norm, 1.0, **limits), weights, score, x)
    eps = float(np.median(one))
    found = attack(entry, model, box(norm, eps, **limits), x)
    best = np.where(one <= (np.inf if entry is fmn.ENTRY else 2 * eps), one, np.inf)
    wanted = np.isfinite(best)
    assert wanted.sum() > 30
    assert found.success[wanted].all()
    ratio = (found.price / one)[found.success]
    assert (ratio >= 1 - 1e-9).all()
    assert np.median(ratio) < 1.005
    assert np.quantile(ratio, 0.9) < 1.01
    assert found.vanished is not None
    assert not found.vanished.any()


def bent(count: int = 30) -> Array:
    return rng(2, "bent rows").uniform(0, 1, (count, D))


@each_norm
@every
def test_a_row_alone_fares_as_it_does_among_others(entry: Entry, norm: NormName) -> None:
    x, constraint, model = bent(), box(norm, 0.5, lower=0, upper=1), Bent()
    together = attack(entry, model, constraint, x)
    for row in (0, 11, 29):
        alone = attack(entry, model, constraint, x[row : row + 1])
        assert alone.price[0] == pytest.approx(together.price[row], rel=1e-9)
        assert alone.points[0] == pytest.approx(together.points[row], abs=1e-9)
        assert alone.queries[0] == together.queries[row]


@each_norm
@swept
def test_nothing_is_farther_than_the_largest_budget_and_broken_rows_ask_no_more(
    entry: Entry, norm: NormName
) -> None:
    x, constraint, model = bent(), box(norm, 0.3, lower=0, upper=1), Bent()
    found = attack(entry, model, constraint, x, sweep=(0.5, 1.0))
    assert (found.price[found.success] <= 0.3 * (1 + 1e-9)).all()
    assert found.success.any()
    if not found.success.all():
        assert found.queries[found.success].max() < found.queries[~found.success].min() + 20
        assert found.queries[found.success].mean() < found.queries[~found.success].mean()


@each_norm
@swept
def test_more_budget_and_more_steps_break_no_fewer_rows(entry: Entry, norm: NormName) -> None:
    x, model = bent(60), Bent()
    start = float(np.median(attack(fmn.ENTRY, model, box(norm, 1.0, lower=0, upper=1), x).price))
    broken = [
        int(attack(entry, model, box(norm, eps, lower=0, upper=1), x, sweep=(1.0,)).success.sum())
        for eps in (0.5 * start, start, 2 * start)
    ]
    assert broken == sorted(broken)
    assert broken[0] < broken[-1]
    constraint = box(norm, start, lower=0, upper=1)
    few, many = (
        int(attack(entry, model, constraint, x, sweep=(1.0,), steps=steps).success.sum())
        for steps in (1, 40)
    )
    assert few <= many


@each_norm
def test_the_attacks_agree_on_what_a_budget_breaks(norm: NormName) -> None:
    """None of them is far behind the smallest changes that any of them knows."""
    x, model = bent(60), Bent()
    free = attack(fmn.ENTRY, model, box(norm, 1.0, lower=0, upper=1), x)
    assert free.success.all()
    constraint = box(norm, float(np.median(free.price)), lower=0, upper=1)
    found = {entry.id: attack(entry, model, constraint, x) for entry in SWEPT}
    best = np.minimum.reduce([free.price, *(result.price for result in found.values())])
    for result in (free, *found.values()):
        broken = np.isfinite(result.price)
        assert np.median(result.price[broken] / best[broken]) < 1.02
        assert broken.sum() >= (best <= 2 * constraint.attacker.budget).sum() - 3


@swept
def test_another_start_breaks_no_fewer_rows(entry: Entry) -> None:
    x, model, constraint = bent(60), Bent(), box("Linf", 0.05, lower=0, upper=1)
    once = attack(entry, model, constraint, x, sweep=(1.0,), steps=5)
    often = attack(entry, model, constraint, x, sweep=(1.0,), steps=5, restarts=4)
    assert (often.success >= once.success).all()
    assert (often.queries[~often.success] > 3 * once.queries[~often.success].min()).all()


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("target", [None, 1])
@every
def test_models_of_any_number_of_classes_are_broken_whatever_the_goal(
    entry: Entry, k: int, target: int | None
) -> None:
    x = bent()
    found = attack(entry, Bent(k=k, classes=tuple(range(k))), box("L2", 2.0), x, target=target)
    assert found.success.mean() >= (0.9 if entry is not fgsm.ENTRY else 0.5)


@every
def test_rows_that_are_wrong_from_the_start_cost_nothing(entry: Entry) -> None:
    x, model = bent(), Bent()
    y = (decisions(model.scores(x)) + 1) % 3
    oracle = Oracle(model, y=y, access="gradients")  # type: ignore[arg-type]  # its kind is a plain text
    found = entry.run(oracle, box("L2", 1.0), x, y, params=entry.params, rng=rng(3))
    assert not found.price.any()
    assert np.array_equal(found.points, x)
    assert found.queries.max() <= 2


@dataclass(frozen=True)
class Hiding:
    """A plane that shows something else than its gradient where the first column is large."""

    inner: Additive
    shown: float
    classes: tuple[int, ...] = (0, 1)
    score_kind: str = "logit"

    def scores(self, x: Array) -> Array:
        return self.inner.scores(x)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, grad = self.inner.value_and_grad(x, loss)
        grad[x[:, 0] > 5] = self.shown
        return value, grad


@pytest.mark.parametrize("shown", [0.0, np.nan, np.inf])
@every
def test_gradients_that_vanish_are_counted_and_harm_no_other_row(
    entry: Entry, shown: float
) -> None:
    x, weights = bent(), np.where(np.arange(D) == 0, 0.0, 1.0)
    plane = linear(weights, offset=-float(np.median(x @ weights)))
    x[::2, 0] = 10.0
    found = attack(entry, Hiding(plane, shown), box("Linf", 0.5), x)
    assert found.vanished is not None
    assert (found.vanished[::2] == 1).all()
    assert (found.vanished[1::2] == 0).all()
    assert not found.success[::2].any()
    assert np.array_equal(found.points[::2], x[::2])
    assert found.success[1::2].all()


@pytest.mark.parametrize("queries", [0, 1, 2, 7, 40, 150])
@every
def test_few_queries_are_spent_to_the_last_and_never_overdrawn(entry: Entry, queries: int) -> None:
    x, constraint = bent(), box("L2", 0.05)
    found = attack(entry, Bent(), constraint, x, queries=queries)
    assert found.queries.max() <= queries
    if queries >= 7 and entry in SWEPT:
        assert found.queries.max() > queries / 2


@swept
def test_a_small_budget_of_queries_shortens_the_search_instead_of_cutting_it(
    entry: Entry,
) -> None:
    """All budgets are tried, each with fewer steps."""
    x, model = bent(60), Bent()
    constraint = box("L2", float(np.median(attack(fmn.ENTRY, model, box("L2", 1.0), x).price)))
    full = attack(entry, model, constraint, x)
    short = attack(entry, model, constraint, x, queries=60)
    assert short.queries.max() <= 60
    assert short.success.sum() >= 0.7 * full.success.sum()


FEATURES = (
    Feature(name="a", min=0),
    Feature(name="b", min=0),
    Feature(name="total", min=0),
    Feature(name="count", type="integer", min=0, max=9),
    Feature(name="age", missing=True, min=0, max=90),
)


@each_norm
@every
def test_in_a_table_whole_numbers_sums_gaps_and_fixed_columns_are_respected(
    entry: Entry, norm: NormName
) -> None:
    draw = rng(6, "table")
    parts = draw.uniform(1, 5, (80, 2))
    age = np.where(draw.random(80) < 0.3, np.nan, draw.uniform(20, 60, 80))
    x = np.column_stack([parts, parts.sum(axis=1), draw.integers(0, 10, 80), age])
    schema = Schema(features=FEATURES, relations=("total = a + b", "3 * a <= total + 6"))
    weights = np.array([[0.0, 1.0], [0, -0.7], [0, 0.4], [0, 0.5], [0, 0.02]])
    model = Additive(weights=weights, offset=np.zeros(2))
    model = replace(model, offset=np.array([0.0, -np.median(model.scores(x)[:, 1])]))
    attacker = Attacker(
        name="a", access="gradients", norm=norm, eps=1.0, features={"b": Reach(mutable=False)}
    )
    constraint = Constraint(Mixed.of(schema, x), attacker, x)
    found = attack(entry, model, constraint, x)
    assert found.success.mean() > 0.5
    assert constraint.valid(x, found.points).all()
    assert np.array_equal(found.points[:, 1], x[:, 1])
    assert (found.points[:, 3] == np.round(found.points[:, 3])).all()
    assert np.array_equal(np.isnan(found.points), np.isnan(x))
    held = x[:, 2] == found.points[:, 0] + found.points[:, 1]
    assert found.points[:, 2] == pytest.approx(found.points[:, 0] + found.points[:, 1])
    assert not held.all()


@every
def test_pictures_of_whole_pixels_are_broken_by_whole_pixels(entry: Entry) -> None:
    x = np.round(255 * bent())

    class Pixels(Bent):
        def scores(self, x: Array) -> Array:
            return super().scores(x / 255)

        def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
            value, grad = super().value_and_grad(x / 255, loss)
            return value, grad / 255

    space = Box(np.zeros(D), np.full(D, 255.0), np.full(D, 255.0), whole=np.arange(D))
    attacker = Attacker(name="a", access="gradients", norm="Linf", eps=0.2)
    constraint = Constraint(space, attacker, x[:0])
    found = attack(entry, Pixels(), constraint, x)
    assert found.success.mean() > 0.5
    assert np.array_equal(found.points, np.round(found.points))
    assert constraint.valid(x, found.points).all()
