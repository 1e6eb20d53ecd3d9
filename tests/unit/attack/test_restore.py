from typing import Any

import numpy as np
import pytest

from bartizan.attack.restore import COARSE, FINE, Restorer
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box, Mixed
from models import Counting, linear


class Scene:
    """One row at the origin, and a restorer with a budget of questions."""

    def __init__(self, model: Any, constraint: Constraint, *, queries: int = 1000) -> None:
        self.x0 = np.zeros((1, len(constraint.space.lower)))
        self.model = Counting(model)
        self.oracle = Oracle(self.model, y=np.zeros(1, dtype=np.int64), budget=queries)
        self.trail = Trail(constraint, self.x0, oracle=self.oracle)
        self.restorer = Restorer(self.oracle, constraint, x0=self.x0, trail=self.trail)

    def restored(self, point: Array, *, steps: Any = FINE) -> Array:
        row = np.zeros(1, dtype=np.int64)
        self.trail.keep(point[None], row)
        self.restorer.restore(point[None], row, steps=steps)
        return self.trail.points[0]


def box(d: int, **settings: Any) -> Constraint:
    attacker = Attacker(**{"name": "a", "norm": "L1", "eps": 1.0, **settings})
    return Constraint(Box.uniform(d), attacker, np.zeros((1, d)))


def test_everything_that_is_not_needed_is_given_back_at_once() -> None:
    scene = Scene(linear(np.array([1.0, 0, 0, 0, 0]), offset=-0.5), box(5))
    point = scene.restored(np.array([0.6, 3.0, -2.0, 1.0, 4.0]), steps=COARSE)
    assert point[1:].tolist() == [0, 0, 0, 0]
    assert scene.oracle.queries[0] <= 5 + 1 + 8  # each one, all together, some shortenings


def test_of_two_that_are_needed_only_together_both_stay() -> None:
    scene = Scene(linear(np.array([1.0, 1.0, 0.0]), offset=-1.9), box(3))
    point = scene.restored(np.array([1.0, 1.0, 1.0]), steps=COARSE)
    assert (point > 0).tolist() == [True, True, False]


def test_of_two_that_can_replace_each_other_the_cheaper_stays() -> None:
    scene = Scene(linear(np.array([1.0, 3.0]), offset=-2.9), box(2))
    point = scene.restored(np.array([3.0, 1.0]), steps=COARSE)
    assert point[0] == 0
    assert 0.9 < point[1] <= 1


def test_fine_steps_come_close_to_the_boundary() -> None:
    scene = Scene(linear(np.array([1.0]), offset=-1.0), box(1))
    assert 1.0 < scene.restored(np.array([37.0]))[0] < 1.07


def test_fine_steps_go_on_from_what_was_given_back_before() -> None:
    scene = Scene(linear(np.array([1.0, 0, 0, 0]), offset=-1.0), box(4))
    point = scene.restored(np.array([37.0, 900, 900, 900]))
    assert 1.0 < np.abs(point).sum() < 1.07


def test_a_norm_that_sees_only_the_largest_change_gives_the_others_back_too() -> None:
    scene = Scene(linear(np.array([1.0, 0.0]), offset=-1.0), box(2, norm="Linf"))
    assert scene.restored(np.array([1.5, 1.4]))[1] == 0


@pytest.mark.parametrize("queries", [1, 2, 3, 5, 9])
def test_questions_end_with_the_budget_and_the_best_point_is_kept(queries: int) -> None:
    scene = Scene(linear(np.eye(7)[0], offset=-0.5), box(7), queries=queries)
    start = np.array([0.6, 3.0, -2.0, 1.0, 1.0, 2.0, 5.0])
    point = scene.restored(start)
    assert scene.oracle.queries[0] <= queries
    assert np.abs(point).sum() <= np.abs(start).sum()
    assert scene.trail.price[0] == pytest.approx(np.abs(point).sum())


def test_a_category_is_given_back_whole() -> None:
    features = (
        Feature(name="n", min=0, max=10),
        Feature(name="c", type="categorical", categories=("a", "b")),
    )
    sample = np.array([[0.0, 0], [10.0, 1]])
    reach = {"n": Reach(cost=1), "c": Reach(cost=5)}
    constraint = Constraint(
        Mixed.of(Schema(features=features), sample),
        Attacker(name="a", money=1.0, features=reach),
        sample,
    )
    scene = Scene(linear(np.array([1.0, 0.0]), offset=-3.0), constraint)
    point = scene.restored(np.array([9.0, 1.0]))
    assert point[1] == 0
    assert 3 < point[0] < 3.3
    needed = Scene(linear(np.array([0.0, 1.0]), offset=-0.5), constraint)
    assert needed.restored(np.array([9.0, 1.0])).tolist() == [0, 1]


def test_only_what_the_attacker_could_send_is_asked_about() -> None:
    features = tuple(Feature(name=name) for name in "abcd")
    schema = Schema(features=features, relations=("a + b <= c + d",))
    sample = np.array([[0.0, 0, 0, 0], [1, 1, 1, 1]])
    attacker = Attacker(name="a", norm="L1", eps=1.0)
    constraint = Constraint(Mixed.of(schema, sample), attacker, sample)
    scene = Scene(linear(np.array([1.0, 1.0, 0, 0]), offset=-1.0), constraint)
    point = scene.restored(np.array([3.0, 3.0, 4.0, 4.0]))
    asked = np.concatenate(scene.model.seen)
    assert (asked[:, 0] + asked[:, 1] <= asked[:, 2] + asked[:, 3] + 1e-6).all()
    assert 4 <= np.abs(point).sum() * 2 < 14
    assert constraint.valid(scene.x0, point[None]).all()


def test_rows_without_a_point_are_left_alone() -> None:
    scene = Scene(linear(np.array([1.0]), offset=-1.0), box(1))
    scene.restorer.polish(np.zeros(1, dtype=np.int64))
    assert scene.oracle.queries[0] == 0
