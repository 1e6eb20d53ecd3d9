"""How sure models are of training rows that they have not seen."""

from collections.abc import Mapping

import numpy as np

from bartizan.assess.damage.ground import Ground
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import Recipe
from bartizan.core.entry import Kept
from bartizan.core.streams import rng as named


def doubts(ground: Ground, *, recipe: Recipe, kept: Kept, rng: np.random.Generator) -> Array:
    """Scores of each training row by a model trained on the other half, shape (n, k).

    Cost:
        Two trainings.

    Raises:
        Error: the recipe failed.
    """
    train, seed = ground.train, int(rng.integers(2**63))

    def make() -> Mapping[str, AnyArray]:
        order = named(seed, "damage", "halves").permutation(len(train.y))
        halves = np.array_split(order, 2)
        made = np.zeros((len(order), len(train.classes)), dtype=np.float32)
        for inside, outside in (halves, halves[::-1]):
            model = recipe.fit(train.take(np.sort(inside)), named(seed, "damage", "half"))
            made[outside] = model.scores(train.x[outside])
        kind = model.score_kind
        return {"scores": made, "logit": np.array([kind == "logit"])}

    found = kept(f"damage, scores of {len(train.y)} rows by halves, seed {seed}", make)
    scores = found["scores"].astype(np.float64)
    return scores if found["logit"][0] else np.log(np.maximum(scores, np.finfo(np.float32).tiny))
