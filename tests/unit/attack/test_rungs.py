"""Tables whose columns move in steps of very different size."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bartizan.attack import hop_skip_jump, rays
from bartizan.attack.dither import Dither
from bartizan.attack.rungs import ladder
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed
from bartizan.core.streams import rng
from models import linear

both = pytest.mark.parametrize("attack", [hop_skip_jump, rays], ids=["walk", "rays"])


def tables(whole: tuple[int, ...], *, d: int, own: Array, **budget: Any) -> Constraint:
    """Columns between 0 and 1, some of which hold 0 or 1 only."""
    space = Box(
        lower=np.zeros(d), upper=np.ones(d), scale=np.ones(d), whole=np.array(whole, dtype=np.int64)
    )
    return Constraint(space, Attacker(name="a", **budget), own)


def found(
    attack: ModuleType, model: Classifier, constraint: Constraint, x: Array, *, queries: int
) -> AttackResult:
    y = decisions(model.scores(x))
    oracle = Oracle(model, y=y, access="labels", budget=queries)
    result: AttackResult = attack.run(
        oracle, constraint, x, y, params=attack.ENTRY.params, rng=rng(3)
    )
    return result


@both
@pytest.mark.parametrize(("norm", "eps", "most"), [("Linf", 0.1, 1.05), ("L2", 0.5, 1.5)])
def test_a_column_that_decides_alone_and_costs_ten_budgets_does_not_hide_the_others(
    attack: ModuleType, norm: NormName, eps: float, most: float
) -> None:
    draw = rng(1, "alone")
    x = np.column_stack([np.zeros(12), draw.uniform(0.3, 0.5, (12, 8))])
    weights = np.array([9.0, *(draw.choice([-1.0, 1.0], 8) * draw.uniform(0.5, 1.5, 8))])
    near = np.column_stack([np.ones(40), draw.uniform(0.3, 0.5, (40, 8))])
    far = np.column_stack([np.ones(10), draw.uniform(0.4, 0.9, (10, 8))])
    far[:, 1:] = np.where(weights[1:] > 0, far[:, 1:], 0.9 - far[:, 1:])
    own = np.concatenate([near, far])
    offset = -float((x @ weights).max()) - 0.2
    constraint = tables((0,), d=9, own=own, norm=norm, eps=eps)
    result = found(attack, linear(weights, offset=offset), constraint, x, queries=1000)
    dual = np.abs(weights[1:]).sum() if norm == "Linf" else np.linalg.norm(weights[1:])
    best = -(x @ weights + offset) / dual
    assert (result.points[:, 0] == 0).all()
    assert (result.price >= best * (1 - 1e-9)).all()
    assert (result.price <= most * best).all()


@both
def test_rows_that_only_a_step_past_the_budget_gets_across_are_still_found(
    attack: ModuleType,
) -> None:
    draw = rng(2, "past")
    x = np.column_stack([np.zeros(6), draw.uniform(0, 1, (6, 4))])
    own = np.column_stack([np.arange(20) % 2, draw.uniform(0, 1, (20, 4))]).astype(float)
    constraint = tables((0,), d=5, own=own, norm="Linf", eps=0.1)
    model = linear(np.array([1.0, 0, 0, 0, 0]), offset=-0.5)
    result = found(attack, model, constraint, x, queries=600)
    assert result.success.all()
    assert result.price == pytest.approx(np.ones(6))
    assert (result.needed == -1).all()


@both
def test_a_step_that_takes_the_whole_budget_is_left_for_what_is_cheaper(attack: ModuleType) -> None:
    """With it the answer is found for one budget; without it, for less than half of one."""
    draw = rng(3, "whole")
    x = np.column_stack([np.zeros(10), draw.uniform(0.3, 0.5, (10, 8))])
    own = np.column_stack([np.ones(40), draw.uniform(0.2, 0.9, (40, 8))])
    weights = np.array([9.0, *np.ones(8)])
    offset = -float((x @ weights).max()) - 0.2
    constraint = tables((0,), d=9, own=own, norm="L2", eps=1.0)
    result = found(attack, linear(weights, offset=offset), constraint, x, queries=1500)
    best = -(x @ weights + offset) / np.sqrt(8)
    assert (best < 0.5).all()
    assert (result.price <= 1.1 * best).all()


def test_a_ray_reaches_columns_that_the_own_row_shares_with_the_attacked_one() -> None:
    """Zeros of a heavy-tailed table: the ray through the own row has no sign there to turn."""
    x, own = np.zeros((3, 6)), np.array([[8.0, 8.0, 0, 0, 0, 0]])
    x[:, 0] = 0.1 * np.arange(3)
    weights = np.array([1.0, 0.2, -1.5, 1.5, -1.5, -0.5])
    space = Box(lower=np.full(6, -9.0), upper=np.full(6, 9.0), scale=np.ones(6))
    constraint = Constraint(space, Attacker(name="a", norm="Linf", eps=0.1), own)
    result = found(rays, linear(weights, offset=-6.0), constraint, x, queries=500)
    best = (6.0 - x @ weights) / np.abs(weights).sum()
    assert (result.price <= 1.01 * best).all()


@dataclass(frozen=True)
class Heavy:
    """A table such as those of network connections: counts of long tails, many zeros, flags."""

    norm: NormName
    eps: float

    def dataset(self) -> Dataset:
        draw = rng(4, "heavy")
        n = 300
        tails = np.floor(draw.lognormal(3, 2.5, (n, 4))) * (draw.random((n, 4)) < 0.6)
        few = draw.integers(0, 4, (n, 4)) * (draw.random((n, 4)) < 0.3)
        flags = draw.random((n, 8)) < draw.uniform(0.05, 0.6, 8)
        rates = np.where(draw.random((n, 8)) < 0.4, 0.0, draw.uniform(0, 1, (n, 8)))
        x = np.column_stack([tails, few, flags, rates]).astype(float)
        features = [
            Feature(
                name=f"x{j}",
                type="integer" if j < 16 else "number",
                min=0,
                max=float(x[:, j].max()),
            )
            for j in range(24)
        ]
        return Dataset(
            name="heavy", x=x, y=np.arange(n) % 2, classes=(0, 1), ids=np.arange(n),
            schema=Schema(features=tuple(features)), digest="",
        )  # fmt: skip

    def hits(self, attack: ModuleType, *, seed: int) -> str:
        data = self.dataset()
        attacker = Attacker(name="a", norm=self.norm, eps=self.eps)
        constraint = Constraint(Mixed.of(data.schema, data.x), attacker, data.x)
        made = attack.ENTRY.control(
            constraint=constraint, data=data, recipe=None, rng=rng(seed, "heavy")
        )
        return str(made.detail).split(" cases")[0]


@both
@pytest.mark.parametrize(("norm", "eps"), [("Linf", 0.1), ("L2", 1.0)])
def test_in_heavy_tailed_tables_the_planted_cases_are_found(
    attack: ModuleType, norm: NormName, eps: float
) -> None:
    hits = [Heavy(norm, eps).hits(attack, seed=seed) for seed in range(2)]
    assert min(int(hit.split()[1]) for hit in hits) >= 15, hits


def test_each_rung_has_fewer_columns_and_none_of_a_larger_step() -> None:
    scale = np.array([1.0, 2.5, 20.0, 100.0, 1.0])
    space = Box(lower=np.zeros(5), upper=scale, scale=scale, whole=np.arange(4))
    attacker = Attacker(name="a", norm="Linf", eps=0.5, categories=0)
    rungs = ladder(Constraint(space, attacker, np.zeros((1, 5))))
    assert [rung.numeric.tolist() for rung in rungs] == [[1, 2, 3, 4], [2, 3, 4]]


def test_where_no_step_is_large_there_is_one_rung_the_attacker_as_they_are() -> None:
    constraint = Constraint(Box.uniform(3), Attacker(name="a", norm="L2", eps=1.0), np.ones((1, 3)))
    assert ladder(constraint) == (constraint,)


def test_where_every_step_is_past_the_budget_all_columns_stay() -> None:
    constraint = tables((0, 1), d=2, own=np.ones((1, 2)), norm="Linf", eps=0.01)
    assert ladder(constraint) == (constraint,)


def test_a_column_whose_step_is_longer_than_the_change_stays() -> None:
    constraint = tables((0, 1), d=3, own=np.ones((1, 3)), norm="Linf", eps=0.5)
    offset = np.array([[1.9, 1.9, 1.9], [2.0, 0.0, -2.0]])
    spread = Dither(constraint).spread(offset.copy(), change=offset)
    assert spread[0].tolist() == [0.0, 0.0, 1.9]
    assert spread[1, 0] != 0.0
    assert spread[1, 1:].tolist() == [0.0, -2.0]
