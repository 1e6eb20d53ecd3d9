"""A linear learner of two classes: the twin that computed rows are made to harm."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.linear_model import LinearModel, fitted
from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Label


@dataclass(frozen=True)
class Sides:
    """A trained linear model with a score for each class."""

    model: LinearModel
    classes: tuple[Label, ...]
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, 2)."""
        score = self.model.scores(x)
        return np.stack([-score, score], axis=1) / 2


@dataclass(frozen=True)
class Linear:
    """The recipe of a logistic regression on rows of one scale."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Sides:
        """Train; see `bartizan.core.classifier.Recipe`.

        Raises:
            ModelError: no minimum was found.
        """
        del rng
        signs = np.where(data.y == 1, 1.0, -1.0)
        return Sides(fitted(data.x, signs, loss="logistic", decay=1.0), data.classes)
