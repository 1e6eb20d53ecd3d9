"""The numbers that the check on theft is held to, on boosted trees."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification

from bartizan.assess.loot import Loot
from bartizan.assess.theft import Scene, Theft
from bartizan.attack.surrogate import Answer
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Study
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng

pytestmark = pytest.mark.slow
TRAINED = 8000


class Boosted:
    """A LightGBM model of 150 trees."""

    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"

    def __init__(self, x: Array, y: Ints) -> None:
        lightgbm: Any = pytest.importorskip("lightgbm")
        settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 0}
        self.raw = lightgbm.train(settings, lightgbm.Dataset(x, y), num_boost_round=150)

    def scores(self, x: Array) -> Array:
        share = self.raw.predict(x, num_threads=1)
        return np.stack([1 - share, share], axis=1)


def scene(seed: int, *, queries: int) -> Scene:
    """One victim, and 20,000 rows it was not trained on."""
    x, y = make_classification(
        28000, 30, n_informative=12, n_redundant=4, weights=[0.85], random_state=seed
    )
    data = Dataset(
        name="toy", x=x[TRAINED:], y=y[TRAINED:], classes=(0, 1), ids=np.arange(len(x) - TRAINED),
        schema=Schema(features=tuple(Feature(name=f"x{j}") for j in range(30))), digest="",
    )  # fmt: skip
    study = Study(model=Boosted(x[:TRAINED], y[:TRAINED]), data=data, queries=queries)
    return Scene.of(study, most=5000, rng=rng(seed, "numbers"))


def fidelity(theft: Theft, way: str, answer: Answer) -> float:
    """Of the copy made with the whole purse."""
    loot = Loot(way, answer)
    list(theft.stolen(loot))
    return loot.fidelities(theft.scene.decided)[-1]


def test_three_thousand_natural_questions_copy_boosted_trees() -> None:
    theft = Theft(scene(1, queries=3000))
    assert 0.8 < theft.scene.floor < 0.9
    assert fidelity(theft, "natural", "scores") >= 0.97
    assert fidelity(theft, "natural", "labels") >= 0.97  # hiding the scores buys nothing
    assert theft.spent == 3000


def test_active_thieves_are_at_least_as_good_on_four_of_five_seeds() -> None:
    better = {"natural": 0, "marginal": 0}
    for seed in range(5):
        theft = Theft(scene(seed, queries=800))
        active = fidelity(theft, "active", "scores")
        for way in better:
            better[way] += active >= fidelity(theft, way, "scores")
    assert min(better.values()) >= 4
