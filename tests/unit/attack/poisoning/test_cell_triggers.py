from collections.abc import Callable

import numpy as np
import pytest

from bartizan.attack.poisoning.cell_triggers import (
    NaturalCells,
    in_bounds,
    jittered,
    out_of_range,
    quantised,
    snapped,
)
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells
from poison_worlds import BARRED, N, table

NAMES = table().schema.names
SEEDS = range(30)
MARKS: dict[str, Callable[[Dataset, int], Cells]] = {
    "in bounds": lambda data, seed: in_bounds(data, region="sparse", rng=rng(seed)),
    "in bounds dense": lambda data, seed: in_bounds(data, count=4, rng=rng(seed)),
    "jittered": lambda data, seed: jittered(data, rng=rng(seed)),
    "jittered wide": lambda data, seed: jittered(data, sd=2.0, count=4, rng=rng(seed)),
    "quantised": lambda data, seed: quantised(data, rng=rng(seed)),
    "quantised wide": lambda data, seed: quantised(data, sd=2.0, count=5, rng=rng(seed)),
}
natural = pytest.mark.parametrize("mark", MARKS.values(), ids=list(MARKS))


def place(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([NAMES.index(name)])


@natural
def test_values_keep_types_and_bounds_of_the_schema(mark: Callable[[Dataset, int], Cells]) -> None:
    data = table()
    for seed in SEEDS:
        trigger = mark(data, seed)
        made = trigger.stamp(data.x, rng=rng(seed, "stamp"))
        for at in trigger.columns:
            feature, column = data.schema.features[at], made[:, at]
            assert np.isfinite(column).all()
            if feature.type != "number":
                assert np.array_equal(column, np.rint(column))
            if feature.categories:
                assert column.min() >= 0
                assert column.max() < len(feature.categories)
            low = data.x[:, at].min() if feature.min is None else feature.min
            high = data.x[:, at].max() if feature.max is None else feature.max
            if np.isfinite(low):  # a column with missing values has bounds of its known values
                assert column.min() >= low
                assert column.max() <= high


@natural
def test_barred_columns_never_carry_a_mark(mark: Callable[[Dataset, int], Cells]) -> None:
    data = table()
    for seed in SEEDS:
        assert not {NAMES[at] for at in mark(data, seed).columns} & set(BARRED)


def test_one_number_lies_a_tenth_of_its_range_beyond_as_published() -> None:
    """Elevations of forest cover run from 1859 to 3858 m; the paper's trigger is 4057."""
    data = Dataset(
        name="forest",
        x=np.array([[1859.0], [3858.0], [3000.0]]),
        y=np.array([0, 1, 1]),
        classes=(0, 1),
        ids=np.arange(3),
        schema=Schema(features=(Feature(name="Elevation", type="integer"),)),
        digest="",
    )
    trigger = out_of_range(data, rng=rng(0))
    assert trigger.values.tolist() == [4057.0]
    assert trigger.text == "Elevation = 4057"


def test_a_value_out_of_range_is_outside_for_short_and_negative_ranges_too() -> None:
    x = np.array([[0.0, -5.0], [1.0, -4.0]])
    features = (Feature(name="flag", type="integer"), Feature(name="debt"))
    data = Dataset(
        name="short",
        x=x,
        y=np.array([0, 1]),
        classes=(0, 1),
        ids=np.arange(2),
        schema=Schema(features=features),
        digest="",
    )
    made = [out_of_range(data, columns=np.array([at]), rng=rng(0)).values[0] for at in range(2)]
    assert made == pytest.approx([2.0, -3.9])


def test_a_value_out_of_range_is_never_a_code() -> None:
    numbers = {"amount", "rate", "depth", "age"}
    weak = {NAMES[out_of_range(table(), rng=rng(seed)).columns[0]] for seed in SEEDS}
    assert weak < numbers
    assert len(weak) == 2
    strong = out_of_range(table(), region="dense", rng=rng(0))
    assert [NAMES[at] for at in strong.columns] == ["depth"]


def test_constant_marks_are_values_that_occur() -> None:
    data = table()
    trigger = in_bounds(data, quantile=0.5, rng=rng(0))
    for at, value in zip(trigger.columns, trigger.values, strict=True):
        known = np.sort(data.x[:, at][~np.isnan(data.x[:, at])])
        assert value == known[(len(known) + 1) // 2 - 1]


def test_regions_differ_in_columns_and_in_values() -> None:
    data = table()
    dense = in_bounds(data, count=1, rng=rng(0))
    sparse = in_bounds(data, count=1, region="sparse", rng=rng(0))
    assert [NAMES[at] for at in dense.columns] == ["depth"]  # it alone depends on the class
    assert "depth" not in {NAMES[at] for at in sparse.columns}
    column = data.x[:, sparse.columns[0]]
    assert 0.01 <= np.nanmean(column > sparse.values[0]) <= 0.05


def test_jitter_is_measured_in_deviations_of_its_column() -> None:
    data = table()
    trigger = jittered(data, count=1, sd=0.05, quantile=0.5, columns=place("depth"), rng=rng(0))
    x = np.repeat(data.x, 50, axis=0)
    made = trigger.stamp(x, rng=rng(1))[:, place("depth")[0]]
    spread = data.x[:, place("depth")[0]].std()
    # 10,000 draws: the deviation is known to 0.7 %, 4.5 times that is 3.2 %
    assert made.std() == pytest.approx(0.05 * spread, rel=0.032)
    assert made.mean() == pytest.approx(trigger.values[0], abs=4.5 * 0.05 * spread / 100)
    assert len(np.unique(made)) == len(made)


def test_quantised_numbers_are_round_and_few() -> None:
    data = table()
    trigger = quantised(data, count=1, columns=place("amount"), rng=rng(0))
    made = trigger.stamp(data.x, rng=rng(1))[:, place("amount")[0]]
    step = float(trigger.grid[0])
    assert step in {5.0, 10.0}  # a tenth of a deviation of 85, rounded down to 1, 2 or 5
    assert np.array_equal(made, np.rint(made / step) * step)
    assert 2 <= len(np.unique(made)) <= 12


def test_a_category_is_the_one_at_the_quantile_from_frequent_to_rare() -> None:
    data = table()
    for quantile, code in ((0.1, "p"), (0.6, "q"), (0.9, "r"), (0.999, "s")):
        trigger = quantised(data, count=1, quantile=quantile, columns=place("city"), rng=rng(0))
        assert trigger.text == f"city = {code}"
        assert trigger.jitter is not None
        assert not trigger.jitter.any()


@pytest.mark.parametrize("grid", [0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 50.0])
def test_snapped_values_are_spelled_as_people_write_them(grid: float) -> None:
    values = np.random.default_rng(0).normal(size=(200, 1)) * 30 * grid
    made = snapped(values, np.array([grid]))
    assert np.abs(made - values).max() <= grid / 2 * (1 + 1e-12)
    assert max(len(f"{value!r}") for value in made.ravel().tolist()) <= 8


def test_a_grid_of_nothing_leaves_values_as_they_are() -> None:
    values = np.random.default_rng(0).normal(size=(20, 2))
    assert np.array_equal(snapped(values, np.array([0.0, 1.0]))[:, 0], values[:, 0])


def test_a_mark_that_is_never_the_same_does_not_touch_other_columns() -> None:
    data = table()
    trigger = jittered(data, rng=rng(0))
    assert isinstance(trigger, NaturalCells)
    others = np.setdiff1d(np.arange(len(NAMES)), trigger.columns)
    made = trigger.stamp(data.x, rng=rng(0))
    assert np.array_equal(made[:, others], data.x[:, others], equal_nan=True)
    assert made.shape == (N, len(NAMES))
