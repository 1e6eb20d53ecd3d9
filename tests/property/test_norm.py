"""Laws of the norms: lengths, shortening, and the best change of unit length."""

import numpy as np
import pytest
from hypothesis import example, given, settings
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
    assert (gain * offset).sum() >= wanted - 1e-9  # more is fine: a solver may stop early


FAR = np.array([[np.inf, np.inf]])


@each_norm
@given(cases=st.lists(PROBLEMS, min_size=2, max_size=4))
@example(  # the first needs another step; the second was given it too, and ended elsewhere
    [
        (np.array([[1.0, 1.0]]), np.zeros((1, 2)), np.array([[0.0, np.inf]])),
        (np.array([[0.01, -0.25]]), -FAR, FAR),
    ]
)
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


RADII = st.just(0.0) | st.floats(0.01, 3)


@each_norm
@settings(max_examples=50)  # each one is solved by a general solver
@given(case=PROBLEMS, radius=RADII)
def test_no_point_of_the_ball_and_the_box_is_nearer_than_the_projection(
    name: NormName, case: tuple[Array, Array, Array], radius: float
) -> None:
    """Nearest means: seen from it, the whole set lies behind the plane across the way to it."""
    offset, low, high = case
    near = NORMS[name].project(offset.copy(), low, high, radius=np.array([radius]))
    assert (near >= low).all()
    assert (near <= high).all()
    assert NORMS[name].length(near)[0] <= radius * (1 + 1e-12)
    if not radius:
        return
    way = offset[0] - near[0]
    farthest = radius * best(name, way, low[0] / radius, high[0] / radius)
    assert farthest <= way @ near[0] + 1e-5 * max(1.0, float(way @ way))


@each_norm
@given(case=PROBLEMS, radius=RADII)
def test_projecting_twice_is_projecting_once_and_what_fits_is_left_alone(
    name: NormName, case: tuple[Array, Array, Array], radius: float
) -> None:
    offset, low, high = case
    norm, wanted = NORMS[name], np.array([radius])
    once = norm.project(offset.copy(), low, high, radius=wanted)
    assert norm.project(once.copy(), low, high, radius=wanted) == pytest.approx(once, abs=1e-12)
    wide = norm.length(once) + 1
    assert np.array_equal(norm.project(once.copy(), low, high, radius=wide), once)


@each_norm
@given(cases=st.lists(PROBLEMS, min_size=2, max_size=4), radius=RADII)
def test_project_and_stride_treat_every_row_for_itself(
    name: NormName, cases: list[tuple[Array, Array, Array]], radius: float
) -> None:
    width = min(gain.shape[1] for gain, _, _ in cases)
    parts = [tuple(part[:, :width] for part in case) for case in cases]
    gain, low, high = (np.concatenate(part) for part in zip(*parts, strict=True))
    norm, at = NORMS[name], np.zeros_like(gain)
    share = np.linspace(0, 1, len(gain))
    near = norm.project(gain.copy(), low, high, radius=np.full(len(gain), radius))
    step = norm.stride(gain, offset=at, low=low, high=high, share=share)
    for i, (one_gain, one_low, one_high) in enumerate(parts):
        own = norm.project(one_gain.copy(), one_low, one_high, radius=np.array([radius]))
        assert near[i] == pytest.approx(own[0], abs=1e-12)
        own = norm.stride(
            one_gain, offset=at[:1], low=one_low, high=one_high, share=share[i : i + 1]
        )
        assert np.array_equal(step[i], own[0])


def test_rows_of_one_radius_are_clipped_bit_for_bit_as_among_rows_of_others() -> None:
    draw = np.random.default_rng(0)
    offset, room = draw.normal(size=(6, 5)), draw.exponential(0.4, size=(6, 5))
    alike, mixed = np.full(6, 0.7), np.array([0.7, 0.1, 0.7, 2.0, 0.0, 0.7])
    norm, own = NORMS["Linf"], mixed == 0.7
    near = norm.project(offset.copy(), -room, room, radius=alike)
    among = norm.project(offset.copy(), -room, room, radius=mixed)
    assert np.array_equal(near[own], among[own])
    assert (np.abs(among) <= mixed[:, None]).all()


@each_norm
@given(gain=rows(GAINS), share=st.floats(0, 1))
def test_a_stride_has_length_1_and_gains_and_no_change_gains_more_than_the_rate(
    name: NormName, gain: Array, share: float
) -> None:
    norm, free = NORMS[name], np.full_like(gain, np.inf)
    step = norm.stride(
        gain, offset=np.zeros_like(gain), low=-free, high=free, share=np.full(len(gain), share)
    )
    some = gain.any(axis=1)
    assert norm.length(step) == pytest.approx(some.astype(float))
    gained = (step * gain).sum(axis=1)
    assert (gained[some] > 0).all()
    assert (gained <= norm.rate(gain) * (1 + 1e-12)).all()
    most = (norm.ascend(gain, -free, free) * gain).sum(axis=1)
    assert norm.rate(gain) == pytest.approx(most)


def test_a_sparse_stride_takes_the_best_coordinates_that_have_room() -> None:
    gain = np.array([[4.0, -3.0, 2.0, 1.0]])
    low, high = np.full((1, 4), -1.0), np.full((1, 4), 1.0)
    at = np.array([[1.0, 0.0, 0.0, 0.0]])  # the best one is at its bound
    step = NORMS["L1"].stride(gain, offset=at, low=low, high=high, share=np.array([0.5]))
    assert step.tolist() == [[0.0, -0.5, 0.5, 0.0]]


def test_projecting_wide_rows_with_few_bounds_in_the_way_ends_on_the_sphere() -> None:
    draw = np.random.default_rng(0)
    offset, radius = draw.normal(size=(50, 784)), np.full(50, 3.0)
    high = draw.exponential(0.2, size=(50, 784))
    for norm in NORMS.values():
        near = norm.project(offset.copy(), -high, high, radius=radius)
        wanted = np.minimum(radius, norm.length(np.clip(offset, -high, high)))
        assert norm.length(near) == pytest.approx(wanted, rel=1e-12)
