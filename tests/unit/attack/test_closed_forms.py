"""Attacks against optima that are known exactly."""

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from bartizan.attack import coordinate, hop_skip_jump
from bartizan.core.arrays import Array
from bartizan.core.attacker import Access, Attacker, NormName, Reach
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed
from bartizan.core.streams import rng
from models import Additive, Stumps, Table, linear

D = 20
DUALS = {"L1": np.inf, "L2": 2, "Linf": 1}
"""The order of the norm that divides the score in the distance to a plane."""
NORMS: list[NormName] = ["L1", "L2", "Linf"]


def attack(
    entry: Entry, model: Classifier, constraint: Constraint, x: Array, *, queries: int
) -> AttackResult:
    y = decisions(model.scores(x))
    access: Access = constraint.attacker.access
    oracle = Oracle(model, y=y, access=access, budget=queries)
    found: Any = entry.run(oracle, constraint, x, y, params=entry.params, rng=rng(3, entry.id))
    assert found.success.all()
    assert (decisions(model.scores(found.points)) != y).all()
    result: AttackResult = found
    return result


def plane(*, scale: Array, lower: float = -np.inf, upper: float = np.inf) -> Box:
    return Box(lower=np.full(D, lower), upper=np.full(D, upper), scale=scale)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(
    ("entry", "access", "queries", "within"),
    [(coordinate.ENTRY, "scores", 1500, 1.01), (hop_skip_jump.ENTRY, "labels", 3000, 1.10)],
    ids=["coordinate", "hop-skip-jump"],
)
def test_the_distance_to_a_plane_is_found(
    norm: NormName, entry: Entry, access: Access, queries: int, within: float
) -> None:
    draw = rng(1, "plane")
    weights, scale = draw.normal(size=D), draw.uniform(0.5, 2, D)
    model = linear(weights, offset=0.3)
    x = draw.normal(size=(30, D))
    attacker = Attacker(name="a", access=access, norm=norm, eps=0.2)
    result = attack(
        entry, model, Constraint(plane(scale=scale), attacker, x[12:]), x[:12], queries=queries
    )
    score = np.abs(x[:12] @ weights + 0.3)
    best = score / np.linalg.norm(weights * scale, ord=DUALS[norm])
    assert (result.price >= best * (1 - 1e-9)).all()
    assert np.median(result.price / best) < within


def filled(x: Array, weights: Array, *, score: float, upper: float) -> float:
    """The shortest L2 way to a plane when no coordinate may leave [0, upper]: water-filling."""

    def change(level: float) -> Array:
        return np.clip(x - np.sign(score) * level * weights, 0, upper) - x

    level = brentq(lambda level: score + change(level) @ weights, 0, 1e4, xtol=1e-12)
    return float(np.linalg.norm(change(level)))


@pytest.mark.parametrize(
    ("entry", "access", "queries", "within"),
    [(coordinate.ENTRY, "scores", 1500, 1.01), (hop_skip_jump.ENTRY, "labels", 3000, 1.10)],
    ids=["coordinate", "hop-skip-jump"],
)
def test_the_way_to_a_plane_within_bounds_and_past_an_immutable_column_is_found(
    entry: Entry, access: Access, queries: int, within: float
) -> None:
    draw = rng(2, "box")
    weights = draw.normal(size=D)
    weights[3] = 5.0  # the best column of all, but nobody can move it
    x = draw.uniform(0, 1, (40, D))
    offset = -float(np.median(x @ weights))
    attacker = Attacker(
        name="a", access=access, norm="L2", eps=0.3, features={"x3": Reach(mutable=False)}
    )
    corners = np.stack([weights > 0, weights < 0]).astype(float)
    own = np.concatenate([x, corners])
    constraint = Constraint(plane(scale=np.ones(D), lower=0, upper=1), attacker, own)
    free = np.where(np.arange(D) == 3, 0.0, weights)
    score = x @ weights + offset
    room = np.abs(np.clip(np.where(score[:, None] * free < 0, 1 - x, x), 0, 1) @ np.abs(free))
    rows = np.flatnonzero(room > 1.2 * np.abs(score))[:12]
    model = linear(weights, offset=offset)
    result = attack(entry, model, constraint, x[rows], queries=queries)
    best = np.array([filled(x[i], free, score=float(score[i]), upper=1) for i in rows])
    assert (result.price >= best * (1 - 1e-9)).all()
    assert np.median(result.price / best) < within


def nearest(model: Stumps, x: Array, *, scale: Array, norm: float) -> float:
    """The cheapest way into another class, by trying every cell between the cuts."""
    options = []
    for column in range(len(x)):
        cuts = np.sort(model.cut[model.column == column])
        just_over = np.nextafter(cuts, np.inf)
        options.append([x[column], *cuts, *just_over])
    grid = np.array(list(itertools.product(*options)))
    other = grid[decisions(model.scores(grid)) != decisions(model.scores(x[None]))[0]]
    return float(np.linalg.norm((other - x) / scale, ord=norm, axis=1).min())


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("d", [2, 3])
def test_the_nearest_cell_of_a_tree_ensemble_is_found(norm: NormName, d: int) -> None:
    draw = rng(d, "stumps")
    column = np.repeat(np.arange(d), 4)
    model = Stumps(column, draw.uniform(0, 1, 4 * d), draw.normal(size=4 * d), 0.0)
    x = draw.uniform(0, 1, (60, d))
    total = model.scores(x)[:, 1]
    model = Stumps(model.column, model.cut, model.step, -float(np.median(total)))
    scale = np.linspace(0.5, 2, d)
    attacker = Attacker(name="a", access="scores", norm=norm, eps=0.3)
    constraint = Constraint(Box(np.zeros(d), np.ones(d), scale), attacker, x)
    result = attack(coordinate.ENTRY, model, constraint, x[:30], queries=1500)
    order = {"L1": 1, "L2": 2, "Linf": np.inf}[norm]
    best = np.array([nearest(model, row, scale=scale, norm=order) for row in x[:30]])
    assert (result.price >= best * (1 - 1e-9)).all()
    ratio = result.price / best
    assert np.median(ratio) < 1.02
    assert (ratio < 1.25).mean() >= 0.9


COLUMNS = tuple(
    Feature(name=f"c{j}", type="categorical", categories=tuple("abcd")) for j in range(4)
)


@pytest.mark.parametrize("access", ["scores", "labels"])
@pytest.mark.parametrize("column", range(4))
def test_the_one_category_that_turns_an_exclusive_or_is_found(access: Access, column: int) -> None:
    every = list(itertools.product(range(4), repeat=4))
    other = (column + 1) % 4
    model = Table({key: int((key[column] == 2) ^ (key[other] == 1)) for key in every})
    x = np.array(every, dtype=float)
    space = Mixed.of(Schema(features=COLUMNS), x)
    attacker = Attacker(
        name="a", access=access, norm="L2", eps=0.1,
        features={f"c{other}": Reach(mutable=False)},
    )  # fmt: skip
    constraint = Constraint(space, attacker, x[rng(0).permutation(len(x))[:64]])
    rows = x[rng(1).permutation(len(x))[:40]]
    result = attack(coordinate.ENTRY, model, constraint, rows, queries=300)
    assert result.price == pytest.approx(0.1)
    changed = result.points != rows
    assert changed[:, column].all()
    assert changed.sum() == len(rows)


@pytest.mark.parametrize(("access", "rows"), [("scores", 0.95), ("labels", 0.85)])
def test_the_cheapest_of_several_ways_is_paid_for(access: Access, rows: float) -> None:
    """Two categories turn the answer at different prices, and a number at a third one."""
    features = (*COLUMNS[:2], Feature(name="n", min=0, max=10))
    schema = Schema(features=features)
    draw = rng(4, "ways")
    x = np.column_stack([draw.integers(0, 3, (60, 2)), draw.uniform(0, 4, 60)])
    sample = np.array([[3.0, 3, 9], [3, 0, 1], [0, 3, 1], [1, 1, 9], [0, 2, 8]])

    class Gate:
        classes = (0, 1)
        score_kind = "label"

        def scores(self, x: Array) -> Array:
            hit = (x[:, 0] == 3) | (x[:, 1] == 3) | (x[:, 2] > 6)
            return np.eye(2)[hit.astype(int)]

    model: Any = Gate()
    reach = {"c0": Reach(cost=5), "c1": Reach(cost=3), "n": Reach(cost=1)}
    attacker = Attacker(name="a", access=access, money=10, features=reach)
    constraint = Constraint(Mixed.of(schema, np.concatenate([x, sample])), attacker, sample)
    result = attack(coordinate.ENTRY, model, constraint, x, queries=500)
    best = np.minimum(3.0, 6.0 - x[:, 2])
    assert (result.price >= best - 1e-9).all()
    assert (result.price <= best * 1.1).mean() >= rows


def test_two_categories_that_only_turn_the_answer_together_are_found_by_their_scores() -> None:
    x = np.array(list(itertools.product(range(3), repeat=4)), dtype=float)
    tables = {j: np.array([[0.0, 0], [0, 0.1], [0, 0.2], [0, 1.0]]) for j in range(4)}
    model = Additive(np.zeros((4, 2)), np.array([0.0, -1.9]), tables)
    attacker = Attacker(name="a", access="scores", norm="L2", eps=0.1, categories=2)
    nobody = np.zeros((0, 4))
    constraint = Constraint(Mixed.of(Schema(features=COLUMNS), x), attacker, nobody)
    result = attack(coordinate.ENTRY, model, constraint, x, queries=68)
    assert ((result.points != x).sum(axis=1) == 2).all()
    assert result.price == pytest.approx(0.1)


class Ball:
    """The second class is a ball around the origin."""

    classes = (0, 1)
    score_kind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(2)[(np.linalg.norm(x, axis=1) < 2).astype(int)]


@pytest.mark.parametrize("inside", [False, True], ids=["from outside", "from inside"])
def test_the_nearest_point_of_a_sphere_is_walked_to(*, inside: bool) -> None:
    """No straight line from the first boundary point leads there: the walk has to."""
    draw, model = rng(1, "ball"), Ball()
    x = draw.normal(size=(10, 10))
    x *= (1.0 if inside else 6.0) / np.linalg.norm(x, axis=1, keepdims=True)
    own = draw.normal(size=(30, 10)) * (3.0 if inside else 0.3)
    attacker = Attacker(name="a", norm="L2", eps=1.0)
    constraint = Constraint(Box.uniform(10), attacker, own)
    checked: Any = model
    result = attack(hop_skip_jump.ENTRY, checked, constraint, x, queries=3000)
    best = 1.0 if inside else 4.0
    assert (result.price >= best * (1 - 1e-9)).all()
    assert np.median(result.price / best) < 1.03
