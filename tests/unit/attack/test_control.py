from typing import Any

import numpy as np
import pytest

from bartizan.attack import coordinate, pgd
from bartizan.attack.control import planted
from bartizan.attack.twins import LinearTwin
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Image, Schema
from bartizan.core.space import Box
from bartizan.core.streams import rng
from worlds import WORLDS

WORLD = WORLDS["mixed"]


def shown(run: Any, *, attacker: Attacker | None = None, seed: int = 5) -> Any:
    return planted(run, coordinate.Params())(
        constraint=WORLD.constraint(attacker or WORLD.attacker("L2")),
        data=WORLD.data(WORLD.model()),
        recipe=None,
        rng=rng(seed),
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_working_attack_finds_what_is_planted(seed: int) -> None:
    found = shown(coordinate.run, attacker=WORLD.attacker("L2", access="scores"), seed=seed)
    assert found.passed
    assert found.detail.startswith("found 16 of 16 cases planted at half the budget")


def test_what_is_planted_can_be_reached_but_not_without_moving() -> None:
    def look(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
        assert len(x) == 16
        assert not oracle.wrong(x, np.arange(16)).any()
        assert decisions(np.stack([y == 0, y == 1], axis=1)).sum() == 0
        assert constraint.sample_y is not None
        assert set(constraint.sample_y.tolist()) == {0, 1}
        none = np.zeros(16, dtype=bool)
        return AttackResult(x, none, np.full(16, np.inf), oracle.queries, -oracle.queries)

    assert shown(look).detail.startswith("found 0 of 16")


def test_where_nothing_can_be_moved_nothing_can_be_planted() -> None:
    names = {feature.group or feature.name for feature in WORLD.schema.features}
    frozen = {name: Reach(mutable=False) for name in names}
    found = shown(coordinate.run, attacker=Attacker(name="a", norm="L2", eps=1.0, features=frozen))
    assert not found.passed
    assert "no case could be planted" in found.detail


def test_the_same_seed_plants_the_same_case() -> None:
    rows = []

    def note(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
        rows.append(x.copy())
        none = np.zeros(len(x), dtype=bool)
        return AttackResult(x, none, np.full(len(x), np.inf), oracle.queries, oracle.queries)

    for seed in (1, 1, 2):
        shown(note, seed=seed)
    assert np.array_equal(rows[0], rows[1], equal_nan=True)
    assert not np.array_equal(rows[0], rows[2], equal_nan=True)


def twin(**more: Any) -> LinearTwin:
    constraint = WORLD.constraint(WORLD.attacker("L2"))
    options = tuple(np.arange(len(s.options)) * 0.1 for s in constraint.switches)
    weights = np.ones(len(constraint.numeric))
    parts: dict[str, Any] = {"weights": weights, "options": options, "threshold": 0.0}
    return LinearTwin(constraint=constraint, **{**parts, **more})


def test_a_twin_adds_up_numbers_in_budgets_and_scores_of_options() -> None:
    made = twin()
    x = WORLD.x[20:22]
    moved = made.constraint.moved(x, np.zeros((2, len(made.constraint.numeric))))
    column = made.constraint.numeric[0]
    moved[:, column] += made.constraint.unit[0]
    assert made.value(moved) - made.value(x) == pytest.approx([1.0, 1.0])
    shop = WORLD.schema.names.index("shop")
    low, high = x.copy(), x.copy()
    low[:, shop], high[:, shop] = 0, 4
    assert made.value(high) - made.value(low) == pytest.approx([0.4, 0.4])


def test_a_twin_takes_missing_values_for_nothing() -> None:
    x = WORLD.x[20:21].copy()
    x[:, 1:] = np.nan
    assert twin().value(x).tolist() == [0.0]


def test_at_its_threshold_a_twin_says_yes() -> None:
    x = WORLD.x[20:21]
    value = float(twin().value(x)[0])
    assert decisions(twin(threshold=value).scores(x)).tolist() == [1]
    assert decisions(twin(threshold=value + 1e-6).scores(x)).tolist() == [0]


def test_the_slope_of_what_is_planted_in_large_images_does_not_vanish() -> None:
    n, image = 32, Image(height=32, width=32, channels=3)
    x = np.round(rng(1).uniform(0, 255, (n, image.size)))
    attacker = Attacker(name="eve", norm="Linf", eps=8 / 255, access="gradients", categories=0)
    constraint = Constraint(Box.of(image), attacker, x)
    data = Dataset(
        name="d", x=x, y=np.arange(n) % 2, classes=(0, 1), ids=np.arange(n),
        schema=Schema(image=image), digest="",
    )  # fmt: skip
    found = planted(pgd.run, pgd.ENTRY.params)(
        constraint=constraint, data=data, recipe=None, rng=rng(2)
    )
    assert found.passed, found.detail
