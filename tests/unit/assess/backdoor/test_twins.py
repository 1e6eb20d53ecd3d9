"""Rows that twins are trained on: all classes, however rare, and why there are too few."""

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Boosted
from bartizan.assess.backdoor.clean_twins import too_few
from bartizan.assess.backdoor.poisoned_twin import Pair, poisoned_pair
from bartizan.assess.backdoor.size_measures import _half
from bartizan.attack.poisoning.cell_triggers import in_bounds
from bartizan.core.dataset import Dataset
from bartizan.core.trigger import Trigger
from unit.assess.backdoor.digits import table


def rare(n: int, count: int) -> Dataset:
    """A table of which a few rows are of the second class."""
    data = table(n)
    y = np.zeros(n, dtype=np.int64)
    y[np.argsort(-data.x[:, 0])[:count]] = 1
    return Dataset(
        name=data.name, x=data.x, y=y, classes=data.classes, ids=data.ids, schema=data.schema,
        digest=data.digest,
    )  # fmt: skip


def test_a_rare_class_of_many_rows_keeps_enough_of_them_to_be_learnt_and_tried() -> None:
    rng = np.random.default_rng(0)

    def mark(rows: Dataset) -> Trigger:
        return in_bounds(rows, count=1, quantile=0.97, region="sparse", rng=rng)

    pair = poisoned_pair(
        rare(30_000, 60), recipe=None, own=Boosted(rounds=2), fits=lambda _: True, mark=mark,
        rng=rng,
    )  # fmt: skip
    assert isinstance(pair, Pair)
    assert (pair.rest.y == 1).sum() == 10  # a quarter of forty; of 3,000 rows drawn six were rare
    assert not too_few(pair.rest, rows=60, each=3)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (rare(99, 20), "99 rows are too few; 100 are needed"),
        (rare(200, 0), "the data holds one class only"),
        (rare(200, 10), "a class has 10 rows; 11 are needed"),
        (rare(200, 11), ""),
    ],
    ids=["rows", "one class", "rare class", "enough"],
)
def test_too_few_rows_are_told(data: Dataset, why: str) -> None:
    assert too_few(data, rows=100, each=11) == why


def test_two_searches_that_differ_by_chance_do_not_widen_the_interval_beyond_sense() -> None:
    by_two_alone = 12.7 * np.std([-0.52, -0.44], ddof=1) / np.sqrt(2)
    assert 0.05 < _half(np.array([-0.52, -0.44])) < 0.15 < by_two_alone


def test_searches_that_differ_much_widen_the_interval() -> None:
    narrow, wide = (_half(np.array([-1.0, -1.0 + gap, -1.0 - gap])) for gap in (0.05, 0.8))
    assert wide > 3 * narrow
    assert _half(np.array([-1.0])) == 0.0
