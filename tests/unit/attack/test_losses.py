"""Losses mean what their papers say, and their derivatives are exact."""

from collections.abc import Callable

import numpy as np
import pytest

from bartizan.attack.losses import cross_entropy, dlr, margin, targeted_dlr
from bartizan.core.arrays import Array
from bartizan.core.oracle import Oracle, RowLoss
from bartizan.core.streams import rng
from models import Additive

N = 12


def oracle(k: int, *, target: int | None = None) -> Oracle:
    y = rng(0, "y").integers(0, k, N)
    return Oracle(Additive(np.zeros((1, k)), np.zeros(k)), y=y, target=target)


def targets(asked: Oracle) -> RowLoss:
    return targeted_dlr(asked, (asked.y + 1 + rng(0, "t").integers(0, asked.k - 1, N)) % asked.k)


def scaled_margin(asked: Oracle) -> RowLoss:
    return margin(asked, scale=np.linspace(0.5, 3, N))


MAKERS: list[tuple[Callable[[Oracle], RowLoss], int]] = [
    (cross_entropy, 2),
    (margin, 2),
    (scaled_margin, 2),
    (dlr, 3),
    (targets, 4),
]
CASES = [(maker, k) for maker, least in MAKERS for k in (least, 5)]
GOALS = [
    (*case, target) for case in CASES for target in (None, 1) if (*case, target) != (dlr, 3, 1)
]
"""With a goal, DLR needs four classes."""


def named(value: object) -> str:
    return getattr(value, "__name__", str(value))


each = pytest.mark.parametrize(("maker", "k"), CASES, ids=named)
each_goal = pytest.mark.parametrize(("maker", "k", "target"), GOALS, ids=named)
ROWS = np.arange(N)[::-1]
"""Scores come in another order than the rows."""


def scores(k: int) -> Array:
    return rng(1, "scores").normal(size=(N, k)) * 3


@each_goal
def test_derivatives_are_those_of_finite_differences(
    maker: Callable[[Oracle], RowLoss], k: int, target: int | None
) -> None:
    asked, at = oracle(k, target=target), scores(k)
    loss = maker(asked)
    _, slope = loss(at, ROWS)
    won = asked.wanted(at.argmax(axis=1), ROWS)
    assert slope[~won].any(axis=1).all()
    for column in range(k):
        step = np.where(np.arange(k) == column, 1e-6, 0.0)
        change = (loss(at + step, ROWS)[0] - loss(at - step, ROWS)[0]) / 2e-6
        assert slope[:, column] == pytest.approx(change, abs=1e-6)


@each_goal
def test_it_looks_at_each_row_for_itself_and_changes_nothing(
    maker: Callable[[Oracle], RowLoss], k: int, target: int | None
) -> None:
    loss, at = maker(oracle(k, target=target)), scores(k)
    before = at.copy()
    value, slope = loss(at, ROWS)
    assert np.array_equal(at, before)
    for place in range(N):
        own_value, own_slope = loss(at[place : place + 1], ROWS[place : place + 1])
        assert own_value[0] == value[place]
        assert np.array_equal(own_slope[0], slope[place])


def test_cross_entropy_is_that_of_the_own_class_and_less_that_of_the_target() -> None:
    for target in (None, 2):
        asked, at = oracle(4, target=target), scores(4)
        odds = np.exp(at) / np.exp(at).sum(axis=1, keepdims=True)
        if target is None:
            wanted = -np.log(odds[np.arange(N), asked.y[ROWS]])
        else:
            wanted = np.log(odds[:, target])
        assert cross_entropy(asked)(at, ROWS)[0] == pytest.approx(wanted)


@pytest.mark.parametrize("target", [None, 1])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_a_margin_is_above_zero_exactly_where_the_attacker_has_won(
    k: int, target: int | None
) -> None:
    asked, at = oracle(k, target=target), scores(k)
    won = asked.wanted(at.argmax(axis=1), ROWS)
    assert won.any()
    assert not won.all()
    for loss in (margin(asked), scaled_margin(asked), *((dlr(asked),) if k > 3 else ())):
        assert np.array_equal(loss(at, ROWS)[0] > 0, won)


def test_dlr_is_the_formula_of_the_paper() -> None:
    asked = oracle(5)
    at, y = scores(5), oracle(5).y[ROWS]
    own = at[np.arange(N), y]
    rival = np.where(np.arange(5) == y[:, None], -np.inf, at).max(axis=1)
    ranked = -np.sort(-at, axis=1)
    wanted = -(own - rival) / (ranked[:, 0] - ranked[:, 2])
    assert dlr(asked)(at, ROWS)[0] == pytest.approx(wanted)
    goal = (asked.y + 1) % 5
    reached = at[np.arange(N), goal[ROWS]]
    wanted = -(own - reached) / (ranked[:, 0] - (ranked[:, 2] + ranked[:, 3]) / 2)
    assert targeted_dlr(asked, goal)(at, ROWS)[0] == pytest.approx(wanted)


@pytest.mark.parametrize("maker", [dlr, targets])
def test_dlr_does_not_mind_the_scale_and_the_level_of_the_scores(
    maker: Callable[[Oracle], RowLoss],
) -> None:
    loss, at = maker(oracle(5)), scores(5)
    assert loss(1000 * at + 5, ROWS)[0] == pytest.approx(loss(at, ROWS)[0])


@each
def test_scores_that_are_not_numbers_are_the_worst_and_have_no_slope(
    maker: Callable[[Oracle], RowLoss], k: int
) -> None:
    at = scores(k)
    at[0], at[1, 0] = np.nan, np.nan
    value, slope = maker(oracle(k))(at, ROWS)
    assert np.isneginf(value[:2]).all()
    assert not slope[:2].any()
    assert np.isfinite(value[2:]).all()


@each
def test_equal_scores_are_no_reason_to_fail(maker: Callable[[Oracle], RowLoss], k: int) -> None:
    value, slope = maker(oracle(k))(np.zeros((N, k)), ROWS)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


def test_scores_far_apart_overflow_nothing() -> None:
    at = np.array([[0.0, 1e300, -1e300]] * N)
    value, slope = cross_entropy(oracle(3))(at, ROWS)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("gap", [1.0, 40.0, 700.0])
def test_cross_entropy_has_a_slope_where_the_model_is_sure(gap: float) -> None:
    """Once the probability rounds to 1, one minus it is 0; the odds of the others are not."""
    asked = Oracle(Additive(np.zeros((1, 2)), np.zeros(2)), y=np.zeros(1, dtype=np.int64))
    _, slope = cross_entropy(asked)(np.array([[gap, 0.0]]), np.zeros(1, dtype=np.int64))
    wanted = 1 / (1 + np.exp(gap))
    assert slope[0] == pytest.approx([-wanted, wanted], rel=1e-12, abs=0)
