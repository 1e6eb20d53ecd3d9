from typing import Any

import numpy as np
import pytest

from bartizan.attack.aim import Scores
from bartizan.attack.blocks import Blocks
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Mask
from bartizan.core.attacker import NormName
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.streams import rng
from models import linear
from worlds import WORLDS

ROWS = np.arange(10)


def search(
    model: Any, constraint: Constraint, x: Array, *, radius: float = 1.0, queries: int = 2000
) -> tuple[Mask, Trail, Oracle]:
    y = np.zeros(len(x), dtype=np.int64)
    oracle = Oracle(model, y=y, access="scores", budget=queries)
    trail = Trail(constraint, x, oracle=oracle)
    scores = Scores(oracle, constraint, x0=x, trail=trail)
    blocks = Blocks(scores, proposals=8, rng=rng(0))
    found = blocks.search(ROWS, points=x, radius=np.full(len(x), radius))
    return found, trail, oracle


@pytest.mark.parametrize(("norm", "share"), [("Linf", 0.85), ("L2", 0.6), ("L1", 0.6)])
def test_gains_add_up_until_the_answer_turns(norm: NormName, share: float) -> None:
    """Most of what the radius allows is needed: no single block of features is enough."""
    world = WORLDS["line"]
    constraint = world.constraint(world.attacker(norm))
    draw = rng(1)
    weights = np.concatenate([[0.0], draw.choice([-1.0, 1.0], 5) * draw.uniform(0.5, 1, 5)])
    most = {
        "Linf": np.abs(weights).sum(),
        "L2": np.linalg.norm(weights),
        "L1": np.abs(weights).max(),
    }
    x = np.zeros((10, 6))
    model = linear(weights, offset=-share * 0.4 * float(most[norm]))
    found, trail, _ = search(model, constraint, x)
    assert found.mean() >= 0.9
    assert (trail.price[found] <= 0.4 * (1 + 1e-9)).all()


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", ["L1", "L2", "Linf", "money"])
@pytest.mark.parametrize("radius", [0.3, 1.0])
def test_no_proposal_leaves_the_radius_or_what_is_valid(
    world: str, kind: str, radius: float
) -> None:
    home = WORLDS[world]
    constraint = home.constraint(home.attacker(kind))
    asked: list[Array] = []

    class Spy:
        classes = (0, 1)
        score_kind = "logit"

        def scores(self, x: Array) -> Array:
            asked.append(x.copy())
            return np.stack([np.ones(len(x)), rng(len(asked)).random(len(x))], axis=1)

    x = home.x[20:30]
    search(Spy(), constraint, x, radius=radius, queries=300)
    seen = np.concatenate(asked)
    own = home.x[seen[:, 0].astype(int)]
    assert constraint.valid(own, seen).all()
    relations = bool(constraint.space.relations)  # mending them may cost more than was planned
    price = constraint.price(own, seen) / constraint.attacker.budget
    rounding = 0.2 if len(getattr(constraint.space, "whole", ())) else 1e-9
    assert relations or (price <= radius + rounding).all()


def test_the_search_ends_without_gains_and_with_the_budget() -> None:
    world = WORLDS["line"]
    constraint = world.constraint(world.attacker("L2"))
    flat = linear(np.zeros(6), offset=-1.0)
    found, _, oracle = search(flat, constraint, np.zeros((10, 6)), queries=10_000)
    assert not found.any()
    assert (oracle.queries < 200).all()
    found, _, oracle = search(flat, constraint, np.zeros((10, 6)), queries=20)
    assert (oracle.queries <= 20).all()


def test_who_cannot_pay_for_a_round_of_proposals_asks_nothing() -> None:
    world = WORLDS["line"]
    constraint = world.constraint(world.attacker("L2"))
    model = linear(np.ones(6), offset=-0.01)
    _, _, oracle = search(model, constraint, np.zeros((10, 6)), queries=8)
    assert not oracle.queries.any()
