from collections.abc import Callable

import numpy as np
import pytest

from bartizan.assess.damage.spread import spread
from bartizan.core.arrays import Array, Ints
from bartizan.core.streams import rng

Draw = Callable[[np.random.Generator, int, int], Array]


def one(n: int) -> Ints:
    return np.zeros(n, dtype=np.int64)


def moody(stream: np.random.Generator, models: int, n: int) -> Array:
    """Backdoors that take in some models and not in others: mean 0.5."""
    return (stream.random((models, n)) < stream.beta(2, 2, size=(models, 1))).astype(float)


def stubborn(stream: np.random.Generator, models: int, n: int) -> Array:
    """Three rows in ten that nearly all models lose: mean 0.305."""
    rows = np.where(stream.random(n) < 0.3, 0.9, 0.05)
    return (stream.random((models, n)) < rows).astype(float)


def both(stream: np.random.Generator, models: int, n: int) -> Array:
    """Models and rows differ: mean 0.1."""
    each = stream.normal(0, 0.05, size=(models, 1)) + stream.normal(0, 0.2, size=n)
    return np.asarray(0.1 + each + stream.normal(0, 0.3, size=(models, n)))


def apart(stream: np.random.Generator, models: int, n: int) -> Array:
    """Accuracy before and after: mean 0.05."""
    before, after = (stream.random((models, n)) < share for share in (0.9, 0.85))
    return before.astype(float) - after


@pytest.mark.parametrize(
    ("draw", "mean"),
    [(moody, 0.5), (stubborn, 0.305), (both, 0.1), (apart, 0.05)],
    ids=["moody", "stubborn", "both", "apart"],
)
@pytest.mark.parametrize("models", [3, 5])
def test_the_interval_covers_the_mean_over_all_models_and_rows(
    draw: Draw, mean: float, models: int
) -> None:
    """Of 600 studies 95 % are 570; 3.3 standard deviations of a fair coin of 95 % are 18."""
    stream, n = rng(0, "cover", str(mean), models), 120
    found = [spread(draw(stream, models, n), one(n)) for _ in range(600)]
    assert sum(each.low <= mean <= each.high for each in found) >= 570 - 18


def test_rows_alone_or_models_alone_would_not_cover_it() -> None:
    """The law above can fail: a thousand rows know nothing of the next model."""
    stream, missed = rng(0, "alone"), 0
    for _ in range(200):
        values = moody(stream, 5, 1000)
        half = 1.96 * values.mean(axis=0).std() / np.sqrt(1000)
        missed += abs(values.mean() - 0.5) > half
    assert missed > 100


def test_it_is_the_mean_and_lies_within_its_interval() -> None:
    values = both(rng(0), 5, 50)
    found = spread(values, one(50))
    assert found.value == pytest.approx(values.mean())
    assert found.low <= found.value <= found.high


def test_models_that_agree_on_few_rows_still_leave_something_open() -> None:
    few, many = (spread(np.ones((5, n)), one(n)) for n in (20, 2000))
    assert few.value == many.value == few.high == 1.0
    assert few.low < 0.92
    assert 0.99 < many.low < 1.0


def test_each_group_counts_the_same() -> None:
    groups = np.array([0] * 90 + [1] * 10)
    found = spread(np.tile(groups * 1.0, (3, 1)), groups)
    assert found.value == pytest.approx(0.5)


def test_many_small_groups_are_not_drowned_in_added_rows() -> None:
    groups = np.arange(1000) % 500
    found = spread(np.full((3, 1000), 0.4), groups)
    assert found.value == pytest.approx(0.4)
    assert found.high - found.low < 0.02


def test_of_single_rows_in_each_group_the_spread_is_still_seen() -> None:
    """Ten classes of one row, half of them lost: nothing is known within half a width of 0.2."""
    found = spread(np.tile((np.arange(10) % 2) * 1.0, (3, 1)), np.arange(10))
    assert found.high - found.low > 0.4


def test_the_order_of_rows_and_models_does_not_matter() -> None:
    values, groups = both(rng(1), 5, 60), np.arange(60) % 3
    order, models = rng(2).permutation(60), rng(3).permutation(5)
    here, there = spread(values, groups), spread(values[models][:, order], groups[order])
    assert [there.value, there.low, there.high] == pytest.approx([here.value, here.low, here.high])


def test_the_largest_of_several_has_a_lower_low_end_and_the_same_high_one() -> None:
    values = both(rng(0), 5, 100)
    alone, picked = spread(values, one(100)), spread(values, one(100), tests=4)
    assert picked.low < alone.low
    assert picked.high == alone.high
