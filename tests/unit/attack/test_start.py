from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.attack.start import Starts, find_starts
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import Counting, linear

MODEL = linear(np.array([1.0, 0.0]), offset=-1.0)
"""The second class wins where the first column is above one."""


def starts(
    sample: Any,
    *,
    x0: Any = ((0.0, 0.0),),
    queries: int = 1000,
    rows: Ints | None = None,
    **more: Any,
) -> tuple[Starts, Counting]:
    x = np.array(x0, dtype=float)
    own = np.array(sample, dtype=float).reshape(-1, 2)
    attacker = Attacker(name="a", norm="L2", eps=1.0, **more.pop("who", {}))
    constraint = Constraint(Box.uniform(2), attacker, own)
    if "sample_y" in more:
        constraint = replace(constraint, sample_y=np.array(more.pop("sample_y")))
    model = Counting(MODEL)
    oracle = Oracle(model, y=np.zeros(len(x), dtype=np.int64), budget=queries)
    rows = np.arange(len(x)) if rows is None else rows
    found = find_starts(oracle, constraint, x, rows=rows, rng=rng(0), choices=True, **more)
    return found, model


def asked(model: Counting) -> Array:
    return np.concatenate(model.seen) if model.seen else np.zeros((0, 2))


def test_an_own_row_that_gets_the_wanted_answer_is_a_start() -> None:
    found, _ = starts([[0.5, 0], [3, 0]])
    assert found.found.tolist() == [True]
    assert found.points.tolist() == [[3, 0]]


def test_the_cheapest_of_those_tried_is_taken() -> None:
    found, _ = starts([[5, 5], [2, 1], [2, 0.5], [9, 0]])
    assert found.points.tolist() == [[2, 0.5]]


def test_without_a_start_the_original_comes_back() -> None:
    found, _ = starts([[0.5, 0], [-3, 0]])
    assert found.found.tolist() == [False]
    assert found.points.tolist() == [[0, 0]]


def test_who_owns_nothing_asks_nothing() -> None:
    found, model = starts(np.zeros((0, 2)))
    assert found.found.tolist() == [False]
    assert not len(asked(model))


def test_the_nearest_are_asked_about_first_and_only_as_many_as_are_needed() -> None:
    far = [[-5.0 - j, 0] for j in range(50)]
    found, model = starts([*far, [2.0, 0]])
    assert found.found.all()
    assert len(asked(model)) == 4
    assert [2.0, 0] in asked(model).tolist()


def test_those_that_are_known_to_be_hopeless_come_last() -> None:
    near = [[0.1 * j, 0] for j in range(8)]
    _, model = starts([*near, [7.0, 0]], sample_y=[0] * 8 + [1])
    assert asked(model)[0].tolist() == [7.0, 0]
    assert len(asked(model)) == 4


def test_any_are_tried_when_nearness_does_not_help() -> None:
    near = [[0.001 * j, 0] for j in range(200)]
    found, model = starts([*near, [7.0, 0]])
    assert found.found.all()
    assert len(asked(model)) <= 201


def test_spread_starts_are_not_the_nearest() -> None:
    own = [[1.0 + 0.01 * j, 0] for j in range(1, 200)]
    nearest, _ = starts(own)
    spread, _ = starts(own, spread=True)
    assert nearest.points[0, 0] == pytest.approx(1.01)
    assert spread.points[0, 0] > 1.05


@pytest.mark.parametrize("queries", [1, 3, 4, 10, 16, 70])
def test_questions_stay_within_the_budget(queries: int) -> None:
    _, model = starts([[-1.0 - j, 0] for j in range(300)], queries=queries)
    assert len(asked(model)) <= queries


def test_only_the_rows_asked_for_are_looked_at() -> None:
    found, model = starts([[3, 0]], x0=[[0, 0], [0, 1], [0, 2]], rows=np.array([2], dtype=np.int64))
    assert found.points.shape == (1, 2)
    assert found.found.tolist() == [True]
    assert asked(model).tolist() == [[3, 0]]


def test_own_rows_are_taken_over_only_as_far_as_the_attacker_may() -> None:
    who = {"features": {"x1": Reach(mutable=False)}}
    found, _ = starts([[3, 9]], x0=[[0, 4.0]], who=who)
    assert found.points.tolist() == [[3, 4.0]]
    who = {"features": {"x0": Reach(direction="down")}}
    assert not starts([[3, 9]], who=who)[0].found.any()
