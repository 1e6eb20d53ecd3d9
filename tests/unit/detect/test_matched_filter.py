"""Groups grown along a line of which no row is a part of its own."""

import numpy as np
import pytest

from bartizan.core.arrays import Array, Mask
from bartizan.detect.matched_filter import filtered, grown
from bartizan.detect.standing_apart import groups


def marked(*, bad: int, seed: int = 0) -> Array:
    """Rows of as many dimensions as there are rows, some with a mark in all of them."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(300, 300))
    z[:bad] += 10 * rng.normal(size=300) / np.sqrt(300)
    return z


def test_each_row_is_measured_on_the_line_between_the_means_of_the_others() -> None:
    rng = np.random.default_rng(0)
    z, member = rng.normal(size=(12, 4)), np.arange(12) < 5
    line = np.linalg.norm(z[member].mean(axis=0) - z[~member].mean(axis=0))
    expected = []
    for row in range(12):
        rest = np.arange(12) != row
        up, low = (z[side & rest].mean(axis=0) for side in (member, ~member))
        expected.append(z[row] @ (up - low) / line)
    assert np.allclose(filtered(z, member), expected)


def test_a_chance_group_does_not_stand_apart_though_dimensions_outnumber_rows() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        z, member = rng.normal(size=(200, 800)), rng.permutation(200) < 30
        along = filtered(z, member)
        gap = along[member].mean() - along[~member].mean()
        assert abs(gap) < 0.7 * along.std()
        naive = z @ (z[member].mean(axis=0) - z[~member].mean(axis=0))
        assert naive[member].mean() - naive[~member].mean() > 2 * naive.std()


@pytest.mark.parametrize("bad", [20, 90, 200])
def test_a_part_of_the_carriers_grows_to_all_of_them(bad: int) -> None:
    made = grown(marked(bad=bad), np.arange(300) < bad // 3, seen=set())
    assert made is not None
    assert np.array_equal(made.member, np.arange(300) < bad)
    assert made.apart > 4


def test_honest_rows_leave_a_group() -> None:
    first = np.arange(300) < 60  # half of it carries the mark
    made = grown(marked(bad=30), first, seen=set())
    assert made is not None
    assert np.array_equal(made.member, np.arange(300) < 30)


def test_carriers_are_told_apart_though_tight_heaps_decide_the_directions_searched() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(250, 400))
    films = np.repeat(8 * rng.normal(size=(8, 400)) / 20, 10, axis=0)
    z[:80] = 0.3 * z[:80] + films
    bad = np.arange(250) >= 190
    z[bad] += 8 * rng.normal(size=400) / 20
    first = groups(z, rng=rng)
    after = [made for one in first if (made := grown(z, one.member, seen=set())) is not None]

    def clean(member: Mask) -> float:
        return float(max((member == bad).mean(), (member != bad).mean()))

    assert max(clean(one.member) for one in after) == 1.0
    assert max(clean(one.member) for one in first) < 1.0


def test_a_group_that_leads_to_one_seen_before_is_not_followed() -> None:
    z, seen = marked(bad=60), set[bytes]()
    assert grown(z, np.arange(300) < 20, seen=seen) is not None
    assert grown(z, np.arange(300) < 20, seen=seen) is None
    assert grown(z, np.arange(300) >= 20, seen=seen) is None


def test_groups_without_spread_do_not_grow() -> None:
    assert grown(np.ones((30, 4)), np.arange(30) < 10, seen=set()) is None
    assert grown(np.eye(30), np.arange(30) < 2, seen=set()) is None
    assert grown(np.zeros((0, 4)), np.zeros(0, dtype=bool), seen=set()) is None
