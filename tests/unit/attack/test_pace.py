"""APGD's schedule: checks, halvings, and the way back to the best point."""

import numpy as np
import pytest

from bartizan.attack.pace import Pace
from bartizan.attack.sweep import Leg
from bartizan.attack.terrain import Patch, View
from bartizan.core.arrays import Array
from bartizan.core.attacker import NormName
from bartizan.core.norm import NORMS

STEPS, RADIUS = 100, 1.0
CHECKS = [22, 41, 57, 70, 80, 87, 93, 99]
"""Steps before each check: 22 % of all, then less by 3 % each time, 6 % at least (paper, 3.1)."""


def patch(n: int, m: int) -> Patch:
    return Patch(np.arange(n), np.zeros((n, m)), np.full((n, m), -9.0), np.full((n, m), 9.0))


def view(value: Array, gain: Array) -> View:
    return View(reached=np.zeros(len(value), dtype=bool), value=value, gain=gain)


def walk(values: Array, *, norm: NormName = "Linf", m: int = 2) -> tuple[Pace, list[Array]]:
    """Feed a loss, shape (steps, n), whatever the position; note the step sizes."""
    n = values.shape[1]
    pace, sizes = Pace(NORMS[norm], np.zeros((n, m)), leg=Leg(RADIUS, STEPS, decides=True)), []
    for value in values:
        pace.note(view(value, np.ones((n, m))))
        sizes.append(pace._size.copy())
        pace.step(patch(n, m))
    return pace, sizes


def test_a_loss_that_always_rises_keeps_the_step_and_one_that_stalls_halves_it_at_each_check() -> (
    None
):
    rising, stalled = np.arange(STEPS), np.zeros(STEPS)
    _, sizes = walk(np.stack([rising, stalled], axis=1).astype(float))
    size = np.array(sizes)
    assert (size[:, 0] == 2 * RADIUS).all()
    halved = np.flatnonzero(np.diff(size[:, 1])) + 1
    assert halved.tolist() == CHECKS
    assert size[-1, 1] == 2 * RADIUS * 0.5 ** len(CHECKS)


@pytest.mark.parametrize(("rises", "kept"), [(16, False), (17, True)])
def test_three_quarters_of_the_steps_must_go_up(rises: int, *, kept: bool) -> None:
    """Of 22 steps before the first check, 16.5."""
    changes = np.where(np.arange(22) < rises, 1.0, -1e-3)
    values = np.concatenate([[0.0], np.cumsum(changes)])
    _, sizes = walk(values[:, None])
    assert (sizes[-1][0] == 2 * RADIUS) == kept


def test_where_the_step_is_halved_the_walk_goes_on_from_the_best_point() -> None:
    values = np.zeros(23)
    values[3] = 5.0  # the best point was the fourth
    pace, norm = Pace(NORMS["L2"], np.zeros((1, 2)), leg=Leg(RADIUS, STEPS, decides=True)), []
    places = []
    for step, value in enumerate(values):
        places.append(pace.here.copy())
        angle = step / 3
        pace.note(view(np.array([value]), np.array([[np.cos(angle), np.sin(angle)]])))
        norm.append(pace._size[0])
        if step < 22:
            pace.step(patch(1, 2))
    assert norm[-1] == RADIUS
    assert np.array_equal(pace.here, places[3])
    assert pace._gain[0] == pytest.approx([np.cos(1), np.sin(1)])


def test_no_progress_since_a_check_halves_the_step_even_when_the_loss_goes_up_and_down() -> None:
    """Three rises out of four, but never above the best: the second condition of the paper."""
    values = np.zeros(STEPS)
    values[1:23] = np.arange(22)  # a clean climb to the first check
    saw = np.tile([0.0, 1.0, 2.0, 3.0, 4.0], 20)
    values[23:] = saw[: STEPS - 23]
    _, sizes = walk(values[:, None])
    assert sizes[22][0] == 2 * RADIUS
    assert sizes[41][0] == RADIUS


def test_the_second_step_carries_on_a_quarter_of_the_first() -> None:
    pace = Pace(NORMS["L2"], np.zeros((1, 2)), leg=Leg(10.0, STEPS, decides=True))
    pace._size[:] = 1.0
    pace.note(view(np.zeros(1), np.array([[1.0, 0.0]])))
    pace.step(patch(1, 2))
    assert pace.here.tolist() == [[1.0, 0.0]]  # the first one has nothing to carry on
    pace.note(view(np.ones(1), np.array([[0.0, 1.0]])))
    pace.step(patch(1, 2))
    assert pace.here == pytest.approx(np.array([[1.25, 0.75]]))


def test_where_fewer_coordinates_gain_more_the_share_thins_out() -> None:
    pace = Pace(NORMS["L1"], np.zeros((1, 10)), leg=Leg(RADIUS, STEPS, decides=True))
    assert pace._share.tolist() == [0.2]
    went_on = Pace(NORMS["L1"], np.eye(10)[:1] * 0.5, leg=Leg(RADIUS, STEPS, decides=True))
    assert went_on._share == pytest.approx([0.1 / 1.5])


def test_dropping_rows_drops_them_everywhere() -> None:
    pace, _ = walk(np.arange(3.0 * 4).reshape(4, 3))
    kept = np.array([True, False, True])
    pace.only(kept)
    arrays = [values for values in vars(pace).values() if isinstance(values, np.ndarray)]
    assert len(arrays) > 8
    assert {len(values) for values in arrays} == {2}
