"""The numbers that the check on theft is held to, on boosted trees."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification

from bartizan.assess.extraction import Params, run
from bartizan.assess.extraction_control import finished
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Study
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng

pytestmark = pytest.mark.slow
TRAINED = 8000


class Boosted:
    """A LightGBM model of 150 trees."""

    classes: tuple[Label, ...] = (0, 1)
    score_kind = "probability"

    def __init__(self, x: Array, y: Ints) -> None:
        lightgbm: Any = pytest.importorskip("lightgbm")
        settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 0}
        self.raw = lightgbm.train(settings, lightgbm.Dataset(x, y), num_boost_round=150)

    def scores(self, x: Array) -> Array:
        share = self.raw.predict(x, num_threads=1)
        return np.stack([1 - share, share], axis=1)


def stolen(seed: int, *, queries: int) -> CheckResult:
    """One victim, 20,000 rows it was not trained on, and its thieves."""
    x, y = make_classification(
        28000, 30, n_informative=12, n_redundant=4, weights=[0.85], random_state=seed
    )
    data = Dataset(
        name="toy", x=x[TRAINED:], y=y[TRAINED:], classes=(0, 1), ids=np.arange(len(x) - TRAINED),
        schema=Schema(features=tuple(Feature(name=f"x{j}") for j in range(30))), digest="",
    )  # fmt: skip
    model = Boosted(x[:TRAINED], y[:TRAINED])
    study: Any = Study(model=model, data=data, queries=queries)  # type: ignore[arg-type]  # a class attribute
    return finished(run(study, params=Params(), rng=rng(seed, "numbers")))


def last(result: CheckResult, name: str) -> float:
    return next(series.y[-1] for series in result.series if series.name == name)


def test_three_thousand_natural_questions_copy_boosted_trees() -> None:
    result = stolen(1, queries=3000)
    assert last(result, "natural") >= 0.97
    assert last(result, "labels only") >= 0.97  # hiding the scores bought nothing
    floor = next(m.value for m in result.measures if m.name == "majority-floor")
    assert floor is not None
    assert 0.8 < floor < 0.9


def test_active_thieves_are_at_least_as_good_on_four_of_five_seeds() -> None:
    found = [stolen(seed, queries=1000) for seed in range(5)]
    for way in ("marginal", "natural"):
        assert sum(last(one, "active") >= last(one, way) for one in found) >= 4
