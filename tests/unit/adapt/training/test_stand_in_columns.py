"""Columns that boosted trees of the library refuse are none of the user's business."""

import numpy as np
import pytest

from bartizan.adapt.training.stand_in import Boosted
from bartizan.core.arrays import Array
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Schema

N = 400
RNG = np.random.default_rng(0)
A = RNG.normal(size=N)
MANY = tuple(f"k{number}" for number in range(300))


@pytest.mark.parametrize(
    ("other", "feature"),
    [
        (np.full(N, np.nan), Feature(name="b", missing=True)),
        (np.arange(N) % 300.0, Feature(name="b", type="categorical", categories=MANY)),
    ],
    ids=["no value at all", "more categories than the library takes"],
)
def test_the_stand_in_learns_from_the_other_columns(other: Array, feature: Feature) -> None:
    data = Dataset(
        name="rows",
        x=np.column_stack([A, other]),
        y=(A > 0).astype(np.int64),
        classes=(0, 1),
        ids=np.arange(N),
        schema=Schema(features=(Feature(name="a"), feature)),
        digest="",
    )
    model = Boosted().fit(data, np.random.default_rng(0))
    assert (model.scores(data.x).argmax(axis=1) == data.y).mean() > 0.98
