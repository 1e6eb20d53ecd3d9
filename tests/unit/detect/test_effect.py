import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.detect.drift import Cells
from bartizan.detect.effect import Effect, intervals, stability_index, total_variation


def cells(reference: list[int], current: list[int]) -> Cells:
    return Cells(np.array(reference), np.array(current))


def test_total_variation_is_half_of_the_differences() -> None:
    assert total_variation(cells([50, 50], [10, 10])) == 0
    assert total_variation(cells([50, 50], [80, 20])) == pytest.approx(0.3)
    assert total_variation(cells([7, 0], [0, 3])) == 1


def test_the_stability_index_is_the_textbook_one_where_no_cell_is_empty() -> None:
    p, q = np.array([0.2, 0.5, 0.3]), np.array([0.3, 0.4, 0.3])
    expected = float(((p - q) * np.log(p / q)).sum())
    found = stability_index(cells([200_000, 500_000, 300_000], [300_000, 400_000, 300_000]))
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_stability_index_is_finite_where_a_cell_is_empty() -> None:
    assert 0.5 < stability_index(cells([90, 0], [60, 30])) < 5


def test_both_are_the_same_in_both_directions() -> None:
    there, back = cells([30, 60, 10], [30, 30, 40]), cells([30, 30, 40], [30, 60, 10])
    assert total_variation(there) == pytest.approx(total_variation(back))
    assert stability_index(there) == pytest.approx(stability_index(back))


@pytest.mark.parametrize("shift", [0.1, 0.3])
@pytest.mark.parametrize("n", [1000, 20_000])
def test_intervals_hold_the_true_effect_about_as_often_as_they_say(shift: float, n: int) -> None:
    p = np.full(10, 0.1)
    q = p * (1 + shift * np.linspace(-1, 1, 10))
    true = (np.abs(p - q).sum() / 2, ((p - q) * np.log(p / q)).sum())
    held = np.zeros(2)
    runs = 200
    for seed in range(runs):
        draws = rng(seed, n)
        table = Cells(draws.multinomial(n, p), draws.multinomial(n, q))
        for i, effect in enumerate(intervals(table, rng=draws)):
            held[i] += effect.low <= true[i] <= effect.high
    assert (held / runs >= 0.88).all(), held / runs


def test_an_interval_stays_inside_of_what_is_possible() -> None:
    for effect in intervals(cells([5, 0], [0, 5]), rng=rng(0)):
        assert isinstance(effect, Effect)
        assert 0 <= effect.low <= effect.high
    variation, _ = intervals(cells([5, 0], [0, 5]), rng=rng(0))
    assert variation.high <= 1
