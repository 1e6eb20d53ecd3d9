"""Tiny models with a known memory: one that holds every row, one that holds none."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Label

_SURE = 10.0
"""Logit of a row that was seen in training; the next best row says less."""


@dataclass(frozen=True)
class ByHeart:
    """Answers with the nearest row it was trained on, the surer the nearer."""

    x: Array
    y: Ints
    reach: float
    """Distance at which it is about a third as sure."""
    classes: tuple[Label, ...]
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, k)."""
        squares = (x**2).sum(axis=1)[:, None] + (self.x**2).sum(axis=1) - 2 * x @ self.x.T
        nearest = squares.argmin(axis=1)
        far = np.sqrt(np.maximum(squares[np.arange(len(x)), nearest], 0.0))
        made = np.zeros((len(x), len(self.classes)))
        made[np.arange(len(x)), self.y[nearest]] = _SURE * np.exp(-far / self.reach)
        return made


@dataclass(frozen=True)
class LearnsByHeart:
    """The recipe of a model that learns its rows by heart."""

    reach: float

    def fit(self, data: Dataset, rng: np.random.Generator) -> ByHeart:
        """Keep the rows."""
        del rng
        return ByHeart(x=data.x, y=data.y, reach=self.reach, classes=data.classes)


@dataclass(frozen=True)
class Drawn:
    """A linear model drawn at random."""

    weights: Array
    """Shape (d, k)."""
    classes: tuple[Label, ...]
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, k)."""
        return np.asarray(x @ self.weights)


@dataclass(frozen=True)
class LearnsNothing:
    """The recipe of a model that no row of its training has a part in."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Drawn:
        """Look at the shape of the rows only."""
        d, k = data.x.shape[1], len(data.classes)
        return Drawn(weights=rng.normal(size=(d, k)) / np.sqrt(d), classes=data.classes)
