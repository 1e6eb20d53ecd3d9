"""Sweeps, polishing and penalties: what gradient attacks share."""

from typing import Any

import numpy as np
import pytest

from bartizan.attack import fgsm, fmn, pgd
from bartizan.attack.losses import margin
from bartizan.attack.penalty import penalty, pulled
from bartizan.attack.polish import polish
from bartizan.attack.sweep import Leg, legs, sweep
from bartizan.attack.terrain import Patch, Terrain
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle, RowLoss
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed
from bartizan.core.streams import rng
from models import linear

D = 6
X = rng(0, "x").uniform(0.2, 0.8, (12, D))
MODEL = linear(np.arange(1.0, D + 1), offset=-float(np.median(X @ np.arange(1.0, D + 1))))


def terrain(
    *, norm: NormName = "L2", eps: float = 0.1, queries: int | None = None, upper: float = np.inf
) -> Terrain:
    attacker = Attacker(name="a", access="gradients", norm=norm, eps=eps)
    constraint = Constraint(Box.uniform(D, lower=-upper, upper=upper), attacker, X[:0])
    oracle = Oracle(MODEL, y=decisions(MODEL.scores(X)), access="gradients", budget=queries)
    return Terrain(oracle, constraint, X)


def test_the_budget_nearest_to_the_declared_one_gets_all_the_steps() -> None:
    way = legs((2.0, 0.5, 1.1, 0.5), steps=60, losses=1, terrain=terrain())
    assert [(leg.radius, leg.steps, leg.decides) for leg in way] == [
        (0.5, 10, False),
        (1.1, 60, True),
        (2.0, 10, False),
    ]
    assert [leg.steps for leg in legs((4.0,), steps=60, losses=2, terrain=terrain())] == [60]
    assert [leg.steps for leg in legs((1.0, 2.0), steps=2, losses=1, terrain=terrain())] == [2, 1]


@pytest.mark.parametrize("queries", [1, 30, 90, 1000])
def test_few_queries_shorten_every_leg_alike(queries: int) -> None:
    way = legs((0.5, 1.0, 2.0), steps=60, losses=1, terrain=terrain(queries=queries))
    steps = [leg.steps for leg in way]
    assert min(steps) >= 1
    assert steps[0] == steps[2] <= steps[1]
    assert sum(steps) + 3 + 8 <= max(queries, 14)
    assert (steps == [10, 60, 10]) == (queries == 1000)


def test_a_sweep_goes_on_with_survivors_only_from_where_they_were() -> None:
    """A climb that always moves out by a tenth of the budget, whatever the radius."""
    seen: list[tuple[float, int, float]] = []

    def climb(
        terrain: Terrain, patch: Patch, offset: Array, *, loss: RowLoss, leg: Leg
    ) -> tuple[Patch, Array]:
        length = terrain.norm.length(offset)
        seen.append((leg.radius, len(patch.rows), float(length.max())))
        view = terrain.look(patch, offset, loss)
        patch, offset = patch.only(~view.reached), offset[~view.reached]
        longer = terrain.norm.length(offset) + 0.1
        return patch, terrain.steepest(patch, view.gain[~view.reached], longer)

    ground = terrain(eps=float(np.abs(MODEL.scores(X)[:, 1]).max() / np.sqrt(91)))
    way = legs((0.1, 0.2, 0.5, 0.6), steps=1, losses=1, terrain=ground)
    sweep(ground, climb, way=way, losses=(margin(ground.oracle),))
    assert [radius for radius, _, _ in seen] == [0.1, 0.2, 0.5, 0.6]
    assert [round(length, 6) for _, _, length in seen] == [0.0, 0.1, 0.2, 0.3]
    counts = [count for _, count, _ in seen]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == len(X)
    assert counts[-1] < len(X)


@pytest.mark.parametrize("norm", ["L1", "L2", "Linf"])
def test_polishing_a_poor_find_ends_at_the_nearest_point_of_a_plane(norm: NormName) -> None:
    ground = terrain(norm=norm, upper=1.0)
    patch = ground.patch(np.arange(len(X)))
    score = MODEL.scores(X)[:, 1]
    far = np.where(score[:, None] > 0, -1.0, 1.0) - X  # a corner of the box
    assert ground.ask(patch, far / 0.1).all()
    before = ground.trail.price.copy()
    polish(ground)
    assert (ground.trail.price < before / 2).all()
    weights = MODEL.weights[:, 1]
    order = {"L1": np.inf, "L2": 2, "Linf": 1}[norm]
    ratio = ground.trail.price / (np.abs(score) / np.linalg.norm(weights, ord=order))
    assert (ratio >= 1 - 1e-9).all()
    assert np.median(ratio) < 1.01  # bounds are in the way of a few rows in L1
    assert ground.oracle.queries.max() <= 1 + 1 + 17


def test_polishing_keeps_to_the_queries_and_leaves_rows_without_a_find() -> None:
    for queries in range(1, 12):
        ground = terrain(queries=queries)
        patch = ground.patch(np.arange(5))
        ground.ask(patch, np.where(MODEL.scores(X)[:5, 1:] > 0, -9.0, 9.0) * np.ones(D))
        polish(ground)
        assert ground.oracle.queries.max() <= queries
        assert np.isfinite(ground.trail.price[:5]).all()
        assert np.isinf(ground.trail.price[5:]).all()
        assert not ground.oracle.queries[5:].any()


FEATURES = tuple(Feature(name=name) for name in "abc")


def table(*relations: str, x: Array) -> Constraint:
    schema = Schema(features=FEATURES, relations=relations)
    attacker = Attacker(
        name="a", access="gradients", norm="L2", eps=0.5, features={"c": Reach(mutable=False)}
    )
    return Constraint(Mixed.of(schema, x), attacker, x[:0])


def test_the_penalty_is_the_distance_in_budgets_to_what_would_mend_a_linear_rule() -> None:
    x0 = rng(1, "t").uniform(0, 1, (30, 3))
    constraint = table("a + 2 * b <= c + 3", x=x0)
    x = x0 + np.array([4.0, 1.0, 0.0]) * rng(2, "t").uniform(0, 1, (30, 1))
    lost, away = penalty(constraint, x0, x)
    assert lost is not None
    assert away is not None
    broken = x[:, 0] + 2 * x[:, 1] > x[:, 2] + 3
    assert np.array_equal(lost > 0, broken)
    steep = np.linalg.norm(np.array([1.0, 2.0]) * constraint.unit)
    excess = x[:, 0] + 2 * x[:, 1] - x[:, 2] - 3
    assert lost[broken] == pytest.approx(excess[broken] / steep)
    assert np.linalg.norm(away[broken], axis=1) == pytest.approx(1.0)
    mended = x.copy()
    mended[:, :2] -= (lost[:, None] * away) * constraint.unit
    mended[broken, :2] -= 1e-9
    assert constraint.space.relations[0].holds(mended).all()


def test_what_a_row_breaks_from_the_start_is_not_owed_and_nothing_broken_is_no_penalty() -> None:
    x0 = np.array([[5.0, 5.0, 0.0], [0.0, 0.0, 0.0]])
    constraint = table("a + b <= c + 3", x=rng(1, "t").uniform(0, 5, (30, 3)))
    assert penalty(constraint, x0, x0 + 0.1) == (None, None)
    assert penalty(table(x=x0 + np.eye(3)[:2]), x0, x0 + 9) == (None, None)


def test_a_rule_that_nothing_movable_can_mend_pulls_nowhere() -> None:
    x0 = np.zeros((3, 3))
    constraint = table("c <= 1", x=rng(1, "t").uniform(0, 5, (30, 3)))
    lost, away = penalty(constraint, x0, x0 + np.array([0.0, 0.0, 5.0]))
    assert lost is not None
    assert away is not None
    assert not lost.any()
    assert not away.any()


def test_a_relation_that_no_repair_mends_is_walked_along() -> None:
    """The straight way breaks the rule; only the penalty turns the walk into the valid region."""
    draw = rng(3, "t")
    x = np.column_stack([draw.uniform(0, 1, (40, 2)), np.ones(40)])
    constraint = table("a + b * 1 <= 2 * c", x=x)
    model: Any = linear(np.array([2.0, 0.2, 0.0]), offset=-4.5)
    success = {}
    for attack, params in ((fgsm, fgsm.Params()), (pgd, pgd.Params(sweep=(8.0,)))):
        oracle = Oracle(model, y=np.zeros(40, dtype=np.int64), access="gradients")
        found = attack.run(oracle, constraint, x, oracle.y, params=params, rng=rng(0))
        assert constraint.valid(x, found.points).all()
        success[attack] = found.success.mean()
    assert success[fgsm] < 0.1
    assert success[pgd] > 0.9


def test_gradients_go_back_through_equations_that_repair_keeps() -> None:
    features = tuple(Feature(name=name) for name in ("a", "b", "total", "tax"))
    rules = ("total = a * b + 2 * a", "tax = total * 3 - b")
    x0 = rng(4, "t").uniform(1, 2, (10, 4))
    x0[:, 2] = x0[:, 0] * x0[:, 1] + 2 * x0[:, 0]
    x0[:, 3] = 3 * x0[:, 2] - x0[:, 1]
    x0[0, 2:] = 9.0  # owes nothing
    space = Mixed.of(Schema(features=features, relations=rules), x0)
    attacker = Attacker(name="a", access="gradients", norm="L2", eps=0.5)
    constraint = Constraint(space, attacker, x0[:0])
    grad = rng(5, "t").normal(size=(10, 4))
    back = pulled(constraint, x0, x0, grad=grad)
    assert np.array_equal(back[0], grad[0])
    for column in range(4):
        step = np.where(np.arange(4) == column, 1e-6, 0.0)
        change = constraint.repair(x0, x0 + step) - constraint.repair(x0, x0 - step)
        assert back[1:, column] == pytest.approx((change * grad)[1:].sum(axis=1) / 2e-6, abs=1e-6)


def test_a_total_that_decides_is_moved_through_its_parts() -> None:
    draw = rng(6, "t")
    parts = draw.uniform(1, 2, (30, 2))
    x = np.column_stack([parts, parts.sum(axis=1)])
    schema = Schema(features=FEATURES, relations=("c = a + b",))
    attacker = Attacker(name="a", access="gradients", norm="L2", eps=1.0)
    constraint = Constraint(Mixed.of(schema, x), attacker, x[:0])
    model: Any = linear(np.array([0.0, 0.0, 1.0]), offset=-4.0)
    oracle = Oracle(model, y=decisions(model.scores(x)), access="gradients")
    found = fmn.run(oracle, constraint, x, oracle.y, params=fmn.Params(), rng=rng(0))
    assert found.success.all()
    assert constraint.valid(x, found.points).all()
    scale = constraint.space.scale
    gap = np.abs(4 - x[:, 2])  # split over a and b, and counted in c: the best of all splits
    ways = np.array([[share, 1 - share, 1.0] for share in np.linspace(0, 1, 1001)])
    best = gap * np.linalg.norm(ways / scale, axis=1).min()
    assert np.median(found.price / best) < 1.05
