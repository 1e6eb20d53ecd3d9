"""What a model is to everything above `adapt/`."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Access
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Label
from bartizan.core.trees import Trees

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


Loss: TypeAlias = Callable[[Array], tuple[Array, Array]]
"""Scores (n, k) -> each row's value (n,), and its derivative by that row's scores (n, k)."""


@runtime_checkable
class Differentiable(Classifier, Protocol):
    """A model that knows how its scores change with its input."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """Evaluate a loss and its gradient in one pass forward and one back.

        Args:
            x: Shape (n, d), as in the data set.
            loss: Given the scores of these rows: logits, or logarithms of probabilities where
                the model has nothing else. Called once, with all n rows in order.

        Returns:
            The values, shape (n,), and their gradient by x, shape (n, d); as the model computes
            them, so zero or not finite where it hides its gradient.

        Raises:
            ModelError: the model crashed.
        """
        ...


@runtime_checkable
class TreeEnsemble(Classifier, Protocol):
    """A model made of decision trees."""

    def structure(self) -> Trees:
        """Its trees, over the columns and classes of this classifier."""
        ...


@runtime_checkable
class Embedding(Classifier, Protocol):
    """A model that shows what it makes of a row on the way to its answer."""

    def features(self, x: Array) -> tuple[Array, ...]:
        """What its hidden layers hold.

        Args:
            x: Shape (n, d), as in the data set.

        Returns:
            One array (n, w) for each hidden layer, from the first to the last; finite.
        """
        ...


@runtime_checkable
class Tunable(Embedding, Protocol):
    """A network that can be trained further, and of which hidden units can be taken out."""

    def tuned(self, data: Dataset, rng: np.random.Generator, *, rounds: int = 1) -> "Tunable":
        """Train a copy further.

        Args:
            data: Rows of the same columns and classes; not all classes need occur.
            rng: Order of the rows.
            rounds: Times that every row is seen.

        Raises:
            ModelError: training crashed.
        """
        ...

    def without(self, units: Sequence[Ints]) -> "Tunable":
        """Take hidden units out of a copy, for good: training further does not bring them back.

        Args:
            units: For each hidden layer, as `features` orders them, positions of its units;
                none of a layer may be all of it.
        """
        ...


@runtime_checkable
class Weighted(Classifier, Protocol):
    """A model that shows its weights."""

    def layers(self) -> tuple[Array, ...]:
        """Weights of its layers, from the first to the last.

        Returns:
            One array (outputs, inputs) for each layer; windows of convolutions are unrolled into
            inputs. The outputs of the last are classes in the model's own order, or one number.
        """
        ...


class Recipe(Protocol):
    """How to train the model anew."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Train on a data set.

        Raises:
            ModelError: the model cannot be trained anew; the message says why.
        """
        ...


def decisions(scores: Array) -> Ints:
    """The class with the largest score, the first of equals; (n, k) -> (n,)."""
    if scores.shape[1] == 2:  # ten times faster than argmax over two columns
        return (scores[:, 1] > scores[:, 0]).astype(np.int64)
    return scores.argmax(axis=1)


def offered(model: Classifier) -> Access:
    """The most that anybody can see of a model."""
    if isinstance(model, TreeEnsemble):
        return "structure"
    if isinstance(model, Differentiable):
        return "gradients"
    return "labels" if model.score_kind == "label" else "scores"


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
    places = np.arange(len(scores))
    own = scores[places, y]
    rivals = scores.copy()
    rivals[places, y] = -np.inf
    return np.asarray(own - rivals.max(axis=1))
