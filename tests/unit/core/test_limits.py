"""What movable numbers can be: the fast ways give bit for bit what the definition gives."""

from itertools import product

import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints, clamp, same, single
from bartizan.core.limits import Limits

NONE = np.zeros(0, dtype=np.int64)
LOWER, UPPER = np.array([0.0, -1.0, 0.0, -np.inf]), np.array([2.0, 1.0, 9.0, np.inf])
ONE = np.array([1])


def limits(
    lower: Array, upper: Array, *, up: Ints = NONE, down: Ints = NONE, whole: Ints = NONE
) -> Limits:
    scale = np.ones(len(lower))
    return Limits(lower=lower, upper=upper, scale=scale, up=up, down=down, whole=whole)


def settled(it: Limits, values: Array, start: Array) -> Array:
    """The definition, value by value."""
    made = values.copy()
    for i, j in product(*map(range, values.shape)):
        value, before = values[i, j], start[i, j]
        if np.isnan(before):
            made[i, j] = np.nan
            continue
        low, high = min(it.lower[j], before), max(it.upper[j], before)
        low = before if j in it.up else low
        high = before if j in it.down else high
        value = np.rint(value) if j in it.whole and value != before else value
        made[i, j] = min(max(value, low), high)
    return made


def rows(kind: str, draw: np.random.Generator) -> Array:
    """Originals: inside all bounds, or some outside, fractional or missing."""
    start = draw.integers(0, 2, size=(6, 4)).astype(float)
    if kind == "outside":
        start[2, 0], start[3, 2] = 7.0, -3.5
    if kind == "fractional":
        start[1] += 0.25
    if kind == "missing":
        start[4, 1] = np.nan
    return start


@pytest.mark.parametrize("kind", ["inside", "outside", "fractional", "missing"])
@pytest.mark.parametrize("whole", [NONE, ONE, np.arange(4)], ids=["reals", "mixed", "whole"])
@pytest.mark.parametrize("way", [NONE, ONE], ids=["any", "one way"])
@pytest.mark.parametrize("bounds", [(LOWER, UPPER), (np.zeros(4), np.full(4, 2.0))])
def test_values_settle_as_defined_whatever_the_rows_have_in_common(
    kind: str, whole: Ints, way: Ints, bounds: tuple[Array, Array]
) -> None:
    draw = np.random.default_rng(0)
    start = rows(kind, draw)
    wanted = start + draw.choice([0.0, 0.3, -0.7, 4.0, -4.0], size=(6, 4))
    for it in (limits(*bounds, up=way, whole=whole), limits(*bounds, down=way, whole=whole)):
        made = wanted.copy()
        it.settle(made, start)
        assert np.array_equal(made, settled(it, wanted, start), equal_nan=True)
        many = np.stack([wanted, start, wanted - 1], axis=1)
        it.settle(many, start[:, None])
        assert np.array_equal(many[:, 0], made, equal_nan=True)
        assert np.array_equal(many[:, 1], start, equal_nan=True)
        alone = [wanted[i : i + 1].copy() for i in range(len(wanted))]
        for i, row in enumerate(alone):
            it.settle(row, start[i : i + 1])
        assert np.array_equal(np.concatenate(alone), made, equal_nan=True)
        assert it.fit(made, start).all()


def test_what_lies_past_a_limit_or_between_whole_numbers_does_not_fit() -> None:
    it = limits(LOWER, UPPER, up=ONE, whole=np.array([2]))
    start = np.zeros((1, 4))
    for column, value in ((0, 2.1), (0, -0.1), (1, -0.5), (2, 0.5)):
        moved = start.copy()
        moved[0, column] = value
        assert not it.fit(moved, start).any()
        assert it.fit(moved, moved).all()  # as it was from the start


def test_no_whole_number_is_a_negative_zero() -> None:
    for upper in (UPPER, np.ones(4)):
        it = limits(np.zeros(4), upper, whole=np.arange(4))
        made = np.full((1, 4), -0.3)
        it.settle(made, np.zeros((1, 4)))
        assert not np.signbit(made).any()


def test_room_ends_at_the_bounds_and_where_the_direction_forbids() -> None:
    it = limits(LOWER, UPPER, up=ONE)
    start = np.array([[0.5, 0.0, 12.0, np.nan]])
    low, high = it.room(start, unit=np.array([0.5, 1.0, 3.0, 1.0]))
    assert low.tolist() == [[-1.0, 0.0, -4.0, 0.0]]
    assert high.tolist() == [[3.0, 1.0, 0.0, 0.0]]


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (0, 3)])
def test_one_number_in_place_of_many_equal_ones_changes_nothing(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    low, high = np.full(3, -0.5), np.full(3, 0.25)
    assert single(low).shape == (1,)
    many, one = clamp(values.copy(), low, high), clamp(values.copy(), single(low), single(high))
    assert np.array_equal(many, one)
    assert np.array_equal(many, np.minimum(np.maximum(values, -0.5), 0.25))
    other = np.array([1.0, 1.0, 2.0])
    assert np.array_equal(single(other), other)
    gap = np.array([np.nan, np.nan])
    assert single(gap).shape == (2,)


def test_missing_values_are_the_same_as_missing_values_only() -> None:
    left, right = np.array([1.0, np.nan, np.nan, 2.0]), np.array([1.0, np.nan, 1.0, np.nan])
    assert same(left, right).tolist() == [True, True, False, False]
