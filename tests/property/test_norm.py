"""Laws of the norms: lengths, shortening, and the best change of unit length."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from bartizan.core.arrays import Array
from bartizan.core.attacker import NormName
from bartizan.core.norm import NORMS

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda v: 0.0 if abs(v) < 1e-6 else v)
GAINS = st.one_of(st.just(0.0), st.floats(0.01, 10), st.floats(-10, -0.01))
SHARES = st.just(0.0) | st.floats(1e-6, 2)
ROOM = st.one_of(st.just(0.0), st.just(np.inf), st.floats(0.001, 2))
each_norm = pytest.mark.parametrize("name", NORMS)


def rows(
    values: st.SearchStrategy[float], *, most: int = 6, least: int = 1
) -> st.SearchStrategy[Array]:
    return st.integers(least, most).flatmap(
        lambda m: st.lists(st.lists(values, min_size=m, max_size=m), min_size=1, max_size=3).map(
            np.array
        )
    )


def problem(draw: st.DrawFn) -> tuple[Array, Array, Array]:
    m = draw(st.integers(1, 4))
    gain, low, high = (
        np.array([draw(st.lists(values, min_size=m, max_size=m))]) for values in (GAINS, ROOM, ROOM)
    )
    return gain, -low, high


PROBLEMS = st.composite(problem)()


@each_norm
@given(offset=rows(NUMBERS))
def test_a_length_is_made_of_its_coordinates_as_the_norm_says(
    name: NormName, offset: Array
) -> None:
    norm = NORMS[name]
    made = norm.join.reduce(np.abs(offset) ** norm.power, axis=1) ** (1 / norm.power)
    assert made == pytest.approx(norm.length(offset))


@each_norm
@given(offset=rows(NUMBERS), factor=SHARES)
def test_length_is_a_norm(name: NormName, offset: Array, factor: float) -> None:
    norm = NORMS[name]
    length = norm.length(offset)
    assert (length >= 0).all()
    assert np.array_equal(length == 0, ~offset.any(axis=1))
    assert norm.length(-offset) == pytest.approx(length)
    assert norm.length(offset * factor) == pytest.approx(length * factor)
    assert (norm.length(offset + offset[::-1]) <= (length + length[::-1]) * (1 + 1e-9)).all()


@given(offset=rows(NUMBERS))
def test_lengths_are_those_of_the_textbook(offset: Array) -> None:
    for name, order in (("L1", 1), ("L2", 2), ("Linf", np.inf)):
        wanted = np.linalg.norm(offset, ord=order, axis=1)
        assert NORMS[name].length(offset) == pytest.approx(wanted)  # type: ignore[index]  # a name of the table


@each_norm
def test_a_change_of_nothing_has_no_length_and_no_ascent(name: NormName) -> None:
    none = np.zeros((2, 0))
    assert NORMS[name].length(none).tolist() == [0.0, 0.0]
    assert NORMS[name].shorten(none, np.ones(2)).shape == (2, 0)
    assert NORMS[name].ascend(none, none, none).shape == (2, 0)


@each_norm
@given(offset=rows(NUMBERS), share=SHARES)
def test_shortening_ends_no_longer_than_asked_and_turns_nothing_round(
    name: NormName, offset: Array, share: float
) -> None:
    norm = NORMS[name]
    wanted = norm.length(offset) * share
    short = norm.shorten(offset, wanted)
    assert (norm.length(short) <= wanted * (1 + 1e-12)).all()
    assert norm.length(short) == pytest.approx(np.minimum(wanted, norm.length(offset)))
    assert (short * offset >= 0).all()
    assert (np.abs(short) <= np.abs(offset)).all()


@each_norm
@given(offset=rows(NUMBERS))
def test_what_is_short_already_is_left_alone(name: NormName, offset: Array) -> None:
    norm = NORMS[name]
    assert np.array_equal(norm.shorten(offset, norm.length(offset)), offset)


def best(name: NormName, gain: Array, low: Array, high: Array) -> float:
    """The largest gain, found by somebody else's solver."""
    inside = np.clip(np.stack([low, high]), -1, 1)  # no norm lets a coordinate beyond 1
    if name == "Linf":
        bounds = list(zip(*inside, strict=True))
        return -float(linprog(-gain, bounds=bounds).fun)
    if name == "L1":  # offset = up - down, both >= 0, with a sum of at most 1
        room = [*((0, top) for top in inside[1]), *((0, -bottom) for bottom in inside[0])]
        ones = np.ones((1, 2 * len(gain)))
        found = linprog(np.concatenate([-gain, gain]), A_ub=ones, b_ub=[1.0], bounds=room)
        return -float(found.fun)
    found = minimize(
        lambda offset: -gain @ offset,
        np.zeros_like(gain),
        jac=lambda _: -gain,
        method="SLSQP",
        bounds=list(zip(*inside, strict=True)),
        constraints={
            "type": "ineq",
            "fun": lambda offset: 1 - offset @ offset,
            "jac": lambda offset: -2 * offset,
        },
        options={"ftol": 1e-12, "maxiter": 500},
    )
    inside_ball = found.x / max(1.0, float(np.linalg.norm(found.x)))
    return float(gain @ inside_ball)


@each_norm
@settings(max_examples=50)  # each one is solved by a general solver
@given(case=PROBLEMS)
def test_ascend_gains_as_much_as_a_solver_does(
    name: NormName, case: tuple[Array, Array, Array]
) -> None:
    gain, low, high = case
    offset = NORMS[name].ascend(gain, low, high)
    assert (offset >= low).all()
    assert (offset <= high).all()
    assert NORMS[name].length(offset)[0] <= 1 + 1e-12
    wanted = best(name, gain[0], low[0], high[0])
    assert wanted - 1e-9 <= (gain * offset).sum() <= wanted + 1e-4


@each_norm
@given(cases=st.lists(PROBLEMS, min_size=2, max_size=4))
def test_ascend_treats_every_row_for_itself(
    name: NormName, cases: list[tuple[Array, Array, Array]]
) -> None:
    width = min(gain.shape[1] for gain, _, _ in cases)
    parts = [tuple(part[:, :width] for part in case) for case in cases]
    together = NORMS[name].ascend(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    for row, part in zip(together, parts, strict=True):
        assert np.array_equal(NORMS[name].ascend(*part)[0], row)


@each_norm
def test_ascend_stands_still_without_a_gain_or_without_room(name: NormName) -> None:
    gain, free, shut = np.array([[0.0, 3.0]]), np.array([[np.inf, 0.0]]), np.zeros((1, 2))
    assert not NORMS[name].ascend(gain, -free, free).any()
    assert not NORMS[name].ascend(gain + 1, shut, shut).any()


@pytest.mark.parametrize("size", [1e-200, 1e200])
@each_norm
def test_ascend_does_not_mind_the_size_of_the_gains(name: NormName, size: float) -> None:
    gain, free = np.array([[3.0, -4.0]]), np.full((1, 2), np.inf)
    wanted = NORMS[name].ascend(gain, -free, free)
    assert NORMS[name].ascend(gain * size, -free, free) == pytest.approx(wanted)
