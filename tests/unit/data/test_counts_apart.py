import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.data.inspections.counts_apart import likely, shift_of


def test_it_is_half_the_sum_of_the_differences() -> None:
    found = shift_of(np.array([20, 30, 50]), np.array([500, 300, 200]))
    assert found.value == pytest.approx((0.3 + 0.0 + 0.3) / 2)
    assert found.rows == 100


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ([0.5, 0.5], [0.5, 0.5]),
        ([0.9, 0.1], [0.7, 0.3]),
        ([0.2] * 5, [0.2] * 5),
        ([0.6, 0.2, 0.1, 0.05, 0.05], [0.4, 0.2, 0.2, 0.1, 0.1]),
        ([1 / 40] * 40, [1 / 40] * 40),
    ],
)
def test_the_interval_covers_the_distance_of_the_sources(
    source: list[float], other: list[float]
) -> None:
    p, q, draw = np.array(source), np.array(other), rng(0, "shift")
    truth, trials = np.abs(p - q).sum() / 2, 300
    missed = 0
    for _ in range(trials):
        found = shift_of(draw.multinomial(200, p), draw.multinomial(400, q))
        missed += not found.low - 1e-12 <= truth <= found.high + 1e-12
    assert missed <= 0.05 * trials + 3 * np.sqrt(0.05 * 0.95 * trials)


def test_more_rows_narrow_the_interval() -> None:
    small = shift_of(np.array([50, 30, 20]), np.array([50, 30, 20]))
    large = shift_of(np.array([5000, 3000, 2000]), np.array([5000, 3000, 2000]))
    assert large.high < small.high / 5
    assert small.low == large.low == 0


def test_data_without_a_class_in_common_is_as_far_apart_as_can_be() -> None:
    found = shift_of(np.array([10**5, 0, 0]), np.array([0, 10**5, 0]))
    assert found.value == found.high == 1
    assert found.low > 0.98


def test_the_small_test_agrees_with_the_large_one_where_both_hold() -> None:
    # Counts just at the limit are judged by chi-square, one row fewer by drawing.
    here, there = np.array([5, 95]), np.array([15, 85])
    fewer = np.array([4, 96]), np.array([5, 95])
    assert likely(here, there, rng=rng(0, "a")) == pytest.approx(0.018, abs=0.002)
    assert likely(*fewer, rng=rng(0, "a")) > 0.5


@pytest.mark.parametrize(
    ("here", "there"), [([5], [7]), ([0, 3], [0, 9]), ([4, 0], [0, 0]), ([10**9, 5], [10**9, 5])]
)
def test_odd_tables_have_a_chance_between_0_and_1(here: list[int], there: list[int]) -> None:
    assert 0 < likely(np.array(here), np.array(there), rng=rng(0, "odd")) <= 1


def test_the_drawn_chance_is_uniform_at_most_under_one_source() -> None:
    draw = rng(1, "uniform")
    values = [
        likely(draw.multinomial(30, [0.9, 0.1]), draw.multinomial(30, [0.9, 0.1]), rng=draw)
        for _ in range(200)
    ]
    assert np.mean(np.array(values) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
