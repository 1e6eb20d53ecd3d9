"""What a model is to everything above `adapt/`."""

from typing import Literal, Protocol, TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Label

ScoreKind: TypeAlias = Literal["logit", "probability", "label"]
"""`label`: the model only says a class; its scores are 0 and 1."""


class Classifier(Protocol):
    """A model that scores rows. Binary single-output models have two columns like any other."""

    @property
    def classes(self) -> tuple[Label, ...]:
        """Labels of the columns of `scores`."""
        ...

    @property
    def score_kind(self) -> ScoreKind:
        """What the scores are."""
        ...

    def scores(self, x: Array) -> Array:
        """Score rows.

        Args:
            x: Shape (n, d), as in the data set.

        Returns:
            Shape (n, k), finite; larger = more likely. The decision is the largest column.

        Raises:
            ModelError: the model crashed or answered nonsense; the message names the row.
        """
        ...


class Recipe(Protocol):
    """How to train the model anew."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Train on a data set."""
        ...


def decisions(scores: Array) -> Ints:
    """The class with the largest score, the first of equals; (n, k) -> (n,)."""
    if scores.shape[1] == 2:  # ten times faster than argmax over two columns
        return (scores[:, 1] > scores[:, 0]).astype(np.int64)
    return scores.argmax(axis=1)


_FLOOR = 1e-300
"""Stands for a probability of 0 so that its logarithm is finite."""


def margins(scores: Array, y: Ints, *, kind: ScoreKind) -> Array:
    """How far each row is from leaving its class.

    Args:
        scores: Shape (n, k).
        y: Class of each row, shape (n,).
        kind: What the scores are; probabilities are compared by their logarithms, which stay
            informative where the model is sure of itself.

    Returns:
        Score of the own class minus the best other, shape (n,); below zero = another class wins.
    """
    if kind == "probability":
        scores = np.log(np.maximum(scores, _FLOOR))
    own = np.take_along_axis(scores, y[:, None], axis=1)[:, 0]
    rivals = scores.copy()
    np.put_along_axis(rivals, y[:, None], -np.inf, axis=1)
    return np.asarray(own - rivals.max(axis=1))
