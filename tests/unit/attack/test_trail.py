import numpy as np
import pytest

from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from models import linear


def trail(x0: Array, *, eps: float = 1.0) -> tuple[Trail, Oracle]:
    attacker = Attacker(name="a", norm="Linf", eps=eps)
    constraint = Constraint(Box.uniform(x0.shape[1]), attacker, x0)
    oracle = Oracle(linear(np.ones(x0.shape[1])), y=np.zeros(len(x0), dtype=np.int64))
    return Trail(constraint, x0, oracle=oracle), oracle


def rows(*numbers: int) -> Ints:
    return np.array(numbers, dtype=np.int64)


def test_before_anything_is_found_it_holds_the_originals() -> None:
    x0 = np.ones((2, 1))
    result = trail(x0)[0].result()
    assert np.array_equal(result.points, x0)
    assert not result.success.any()
    assert np.isinf(result.price).all()
    assert result.needed.tolist() == [-1, -1]


def test_the_cheapest_point_of_each_row_is_kept_in_whatever_order_they_come() -> None:
    kept, _ = trail(np.zeros((2, 1)))
    kept.keep(np.array([[3.0], [0.5], [2.0], [4.0]]), rows(0, 0, 1, 0))
    kept.keep(np.array([[0.7], [1.0]]), rows(0, 1))
    assert kept.points.tolist() == [[0.5], [1.0]]
    assert kept.price.tolist() == [0.5, 1.0]
    assert kept.result().success.all()


def test_no_points_change_nothing() -> None:
    kept, _ = trail(np.zeros((2, 1)))
    kept.keep(np.zeros((0, 1)), rows())
    assert np.isinf(kept.price).all()


def test_it_notes_the_first_question_that_met_the_budget() -> None:
    kept, oracle = trail(np.zeros((2, 1)))
    for size in (5.0, 1.0, 0.5):
        oracle.wrong(np.full((2, 1), size), rows(0, 1))
        kept.keep(np.array([[size]]), rows(0))
    assert kept.result().needed.tolist() == [2, -1]
    assert kept.result().queries.tolist() == [3, 3]


@pytest.mark.parametrize("eps", [0.1, 0.3, 0.7])
def test_a_point_at_the_very_end_of_the_budget_is_within_it(eps: float) -> None:
    x0 = np.random.default_rng(0).normal(size=(200, 1))
    kept, oracle = trail(x0, eps=eps)
    oracle.wrong(x0, np.arange(200))
    kept.keep(x0 + eps, np.arange(200))
    assert kept.price == pytest.approx(eps)
    assert (kept.result().needed == 1).all()


def test_results_do_not_change_afterwards() -> None:
    kept, oracle = trail(np.zeros((1, 1)))
    result = kept.result()
    oracle.wrong(np.zeros((1, 1)), rows(0))
    assert result.queries.tolist() == [0]
