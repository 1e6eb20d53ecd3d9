import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.streams import rng
from bartizan.detect.quantile_bins import BINS, RARE, edges, positions, scores


def test_many_values_fall_into_bins_of_equal_numbers_of_rows() -> None:
    values = np.sort(rng(0).standard_normal(4000))
    inner = edges(values)
    counts = np.bincount(positions(values, edges=inner), minlength=len(inner) + 1)
    assert (counts[[0, -1]] == 0).all()  # far outside
    assert (counts[1:-1] == 4000 // BINS).all()


def test_a_bin_never_rests_on_fewer_rows_than_stated() -> None:
    values = np.sort(rng(0).standard_normal(57))
    inner = edges(values)
    counts = np.bincount(positions(values, edges=inner), minlength=len(inner) + 1)
    assert counts[1:-1].min() >= RARE


def test_a_shared_value_has_a_bin_of_its_own_with_room_on_both_sides() -> None:
    inner = edges(np.zeros(100))
    low, zero, high = (int(positions(np.array([v]), edges=inner)[0]) for v in (-1e-9, 0.0, 1e-9))
    assert low < zero < high


def test_values_far_outside_of_all_others_have_a_bin_of_their_own() -> None:
    inner = edges(np.linspace(0, 1, 400))
    counts = positions(np.array([-5.0, 0.0, 1.0, 5.0]), edges=inner)
    assert counts[0] == 0
    assert counts[1] > 0
    assert counts[2] < len(inner)
    assert counts[3] == len(inner)


def test_an_edge_belongs_to_the_bin_below() -> None:
    assert positions(np.array([1.0, 1.5, 2.0]), edges=np.array([1.0, 2.0])).tolist() == [0, 1, 1]


def test_a_missing_value_has_the_place_after_the_last_bin() -> None:
    assert positions(np.array([np.nan, 0.0]), edges=np.array([1.0])).tolist() == [2, 0]


@pytest.mark.parametrize(
    "values",
    [
        np.array([]),
        np.array([3.0]),
        np.full(50, np.inf),
        np.full(50, -np.inf),
        np.full(50, np.finfo(float).max),
        np.full(50, -np.finfo(float).max),
        np.sort(np.array([-np.inf, np.inf, -1e308, 1e308] * 20)),
    ],
)
def test_edges_are_finite_and_ascend_whatever_the_values(values: Array) -> None:
    inner = edges(values)
    assert np.isfinite(inner).all()
    assert (inner[1:] > inner[:-1]).all()
    assert positions(values, edges=inner).max(initial=0) <= len(inner)


def test_scores_ascend_and_have_mean_zero() -> None:
    counts = np.array([0, 10, 200, 300, 5, 0])
    found = scores(counts)
    assert (np.diff(found) >= 0).all()
    assert (found * counts).sum() == pytest.approx(0)


def test_a_column_of_one_value_scores_zero() -> None:
    assert scores(np.array([0, 500, 0]))[1] == 0
    assert scores(np.array([0])).tolist() == [0]
