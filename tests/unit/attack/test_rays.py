from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.attack import rays
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Image
from bartizan.core.space import Box, Space
from bartizan.core.streams import rng
from models import linear


def attack(
    model: Classifier,
    constraint: Constraint,
    x: Array,
    *,
    queries: int | None,
    params: rays.Params | None = None,
) -> AttackResult:
    y = decisions(model.scores(x))
    oracle = Oracle(model, y=y, access="labels", budget=queries)
    return rays.run(oracle, constraint, x, y, params=params or rays.Params(), rng=rng(3))


def plane(d: int, *, norm: NormName = "Linf") -> tuple[Classifier, Constraint, Array, Array]:
    """A linear model, an attacker without bounds, rows, and their distances in Linf."""
    draw = rng(d, "plane")
    weights, scale = draw.normal(size=d), draw.uniform(0.5, 2, d)
    x = draw.normal(size=(40, d))
    space = Box(lower=np.full(d, -np.inf), upper=np.full(d, np.inf), scale=scale)
    constraint = Constraint(space, Attacker(name="a", norm=norm, eps=0.2), x[20:])
    best = np.abs(x[:20] @ weights + 0.3) / np.abs(weights * scale).sum()
    return linear(weights, offset=0.3), constraint, x[:20], best


@pytest.mark.parametrize("d", [1, 2, 7, 20, 50])
def test_the_distance_to_a_plane_in_linf_is_found_for_every_row(d: int) -> None:
    model, constraint, x, best = plane(d)
    result = attack(model, constraint, x, queries=2000)
    assert (result.price >= best * (1 - 1e-9)).all()
    assert (result.price <= 1.005 * best).all()
    assert (decisions(model.scores(result.points)) != decisions(model.scores(x))).all()


def test_within_bounds_the_best_corner_is_found() -> None:
    """Every coordinate moves as far as the length allows, but for its bound."""
    draw = rng(4, "box")
    weights, x = draw.normal(size=12), draw.uniform(0, 1, (60, 12))
    offset = -float(np.median(x @ weights))
    score = x @ weights + offset
    toward = -np.sign(score)[:, None] * np.sign(weights)
    room = np.where(toward > 0, 1 - x, x)
    reachable = (room * np.abs(weights)).sum(axis=1) > 1.2 * np.abs(score)
    rows = np.flatnonzero(reachable)[:15]
    attacker = Attacker(name="a", norm="Linf", eps=0.3)
    constraint = Constraint(Box.uniform(12, lower=0, upper=1), attacker, x)
    result = attack(linear(weights, offset=offset), constraint, x[rows], queries=1000)
    grid = np.linspace(0, 1, 20_001)
    for found, row in zip(result.price, rows, strict=True):
        gain = np.minimum(grid[:, None], room[row]) @ np.abs(weights)
        best = grid[np.searchsorted(gain, abs(score[row]))]
        assert best - 1e-4 <= found <= 1.01 * best + 1e-4


def test_a_ray_through_an_own_row_is_taken_where_the_first_one_meets_nothing() -> None:
    """All ones leads away from a plane that asks for the first column to fall."""
    weights = np.array([-1.0, 0.2, 0.2, 0.2])
    x = np.zeros((3, 4)) + 0.01 * np.arange(3)[:, None]
    own = np.array([[-3.0, 0.0, 0.0, 0.0]])
    scale = np.ones(4)
    model = linear(weights, offset=-1.0)
    space = Box(lower=np.full(4, -5.0), upper=np.full(4, 5.0), scale=scale)
    attacker = Attacker(name="a", norm="Linf", eps=0.2)
    result = attack(model, Constraint(space, attacker, own), x, queries=500)
    best = np.abs(x @ weights - 1.0) / np.abs(weights).sum()
    assert (result.price <= 1.01 * best).all()
    nobody = Constraint(space, attacker, np.zeros((0, 4)))
    alone = attack(model, nobody, x, queries=500)
    assert not alone.success.any()


@pytest.mark.parametrize("norm", ["L1", "L2"])
def test_in_other_norms_prices_are_those_of_the_points(norm: NormName) -> None:
    model, constraint, x, _ = plane(20, norm=norm)
    result = attack(model, constraint, x, queries=600)
    assert result.success.all()
    assert result.price == pytest.approx(constraint.price(x, result.points), rel=1e-12)


def test_a_row_does_not_depend_on_the_others_of_its_block() -> None:
    model, constraint, x, _ = plane(20)
    together = attack(model, constraint, x, queries=300)
    for row in (0, 7, 19):
        alone = attack(model, constraint, x[row : row + 1], queries=300)
        assert np.array_equal(alone.points[0], together.points[row])
        assert alone.queries[0] == together.queries[row]


@pytest.mark.parametrize("queries", [0, 1, 2, 17, 100])
def test_no_row_asks_more_than_its_budget(queries: int) -> None:
    model, constraint, x, _ = plane(50)
    result = attack(model, constraint, x, queries=queries)
    assert result.queries.max() <= queries


def test_without_a_limit_a_row_is_left_when_no_sign_helps_or_at_the_attacks_own_limit() -> None:
    model, constraint, x, best = plane(7)
    assert attack(model, constraint, x, queries=None).price == pytest.approx(best, rel=5e-3)
    few = attack(model, constraint, x, queries=None, params=rays.Params(queries=25))
    assert few.queries.max() <= 25


def test_more_queries_never_make_it_dearer() -> None:
    model, constraint, x, _ = plane(50)
    prices = [attack(model, constraint, x, queries=q).price for q in (50, 150, 400)]
    assert (np.diff(prices, axis=0) <= 0).all()


def test_on_images_of_whole_numbers_signs_are_found_between_two_steps() -> None:
    """Each pixel counts little: an answer that only changes by whole steps of all says nothing."""
    image = Image(height=8, width=8, channels=1)
    draw = rng(6, "image")
    weights = draw.choice([-1.0, 1.0], 64) * draw.uniform(0.5, 1.5, 64)
    x = draw.integers(64, 192, (20, 64)).astype(float)
    space: Space = Box.of(image)
    attacker = Attacker(name="a", norm="Linf", eps=8 / 255)
    constraint = Constraint(space, attacker, x)
    score = x @ weights
    model = linear(weights, offset=-float(np.median(score)))
    result = attack(model, constraint, x, queries=1500)
    best = np.ceil(np.abs(score - np.median(score)) / np.abs(weights).sum()) / 255
    assert np.array_equal(result.points, np.round(result.points))
    assert (result.price >= best - 1e-9).all()
    assert (result.price <= best + 1.001 / 255).mean() >= 0.9


def test_a_row_that_is_wrong_already_costs_next_to_nothing() -> None:
    model, constraint, x, _ = plane(7)
    y = 1 - decisions(model.scores(x))
    oracle = Oracle(model, y=y, access="labels", budget=300)
    result = rays.run(oracle, constraint, x, y, params=rays.Params(), rng=rng(3))
    assert (result.price < 1e-5).all()
    assert result.queries.max() < 100


def test_an_immutable_column_stays_whatever_the_ray_says() -> None:
    model, constraint, x, _ = plane(7)
    attacker = replace_features(constraint.attacker, {"x2": Reach(mutable=False)})
    result = attack(model, replace(constraint, attacker=attacker), x, queries=500)
    assert np.array_equal(result.points[:, 2], x[:, 2])
    assert result.success.all()


def replace_features(attacker: Attacker, features: Any) -> Attacker:
    return Attacker(name=attacker.name, norm=attacker.norm, eps=attacker.eps, features=features)
