from typing import Any

import numpy as np
import pytest

from bartizan.attack import tree_exact, tree_greedy
from bartizan.attack.tree_control import planted_trees
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, ControlResult
from bartizan.core.oracle import Oracle
from bartizan.core.streams import rng
from worlds import KINDS, WORLDS


def shown(
    run: Any, *, world: str = "bounded", attacker: Attacker | None = None, **more: Any
) -> ControlResult:
    home = WORLDS[world]
    control = planted_trees(run, tree_greedy.Params() if "params" not in more else more["params"],
                            exact=more.get("exact", False))  # fmt: skip
    who = attacker or home.attacker(more.get("kind", "L2"), access="structure")
    return control(
        constraint=home.constraint(who), data=home.data(home.forest()), recipe=None,
        rng=rng(more.get("seed", 5)),
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", WORLDS)
def test_exact_search_finds_every_planted_case_at_its_least_price(world: str, kind: str) -> None:
    params = tree_exact.Params()
    found = shown(tree_exact.run, world=world, kind=kind, params=params, exact=True)
    assert found.passed, found.detail
    assert "at the least price" in found.detail


@pytest.mark.parametrize("seed", range(3))
def test_the_search_passes_whatever_is_drawn(seed: int) -> None:
    found = shown(tree_greedy.run, seed=seed)
    assert found.passed, found.detail
    assert "within the budget" in found.detail


def test_what_is_planted_can_be_reached_but_not_without_moving() -> None:
    def look(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
        assert 1 <= len(x) <= 16
        assert not oracle.wrong(x, np.arange(len(x))).any()
        none = np.zeros(len(x), dtype=bool)
        return AttackResult(x, none, np.full(len(x), np.inf), oracle.queries, -oracle.queries)

    found = shown(look)
    assert not found.passed
    assert found.detail.startswith("found 0 of")


def test_a_search_that_is_dearer_than_need_be_is_not_exact() -> None:
    def dear(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **more: Any) -> Any:
        result = tree_exact.run(oracle, constraint, x, y, **more)
        away = result.points - x
        step = np.zeros_like(away)
        column = np.abs(away[:, constraint.numeric]).argmax(axis=1)
        moved = constraint.numeric[column]
        rows = np.arange(len(x))
        step[rows, moved] = 1e-3 * away[rows, moved]
        return AttackResult(
            constraint.repair(x, result.points + step), result.success, result.price,
            result.queries, result.needed,
        )  # fmt: skip

    found = shown(dear, params=tree_exact.Params(), exact=True)
    assert not found.passed, found.detail


def test_where_nothing_can_be_moved_nothing_can_be_planted() -> None:
    world = WORLDS["mixed"]
    names = {feature.group or feature.name for feature in world.schema.features}
    frozen = {name: Reach(mutable=False) for name in names}
    who = Attacker(name="a", access="structure", norm="L2", eps=1.0, features=frozen)
    found = shown(tree_greedy.run, world="mixed", attacker=who)
    assert not found.passed
    assert "no case could be planted" in found.detail
