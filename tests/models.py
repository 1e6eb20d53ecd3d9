"""Models with known traits, for tests of attacks."""

from dataclasses import dataclass, field

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Access
from bartizan.core.classifier import (
    Classifier,
    Differentiable,
    Loss,
    ScoreKind,
    TreeEnsemble,
)
from bartizan.core.schema import Label
from bartizan.core.trees import Trees


@dataclass(frozen=True)
class Additive:
    """A sum over columns: numbers by a weight, category codes by a table. Missing counts 0."""

    weights: Array
    """Shape (d, k)."""
    offset: Array
    """Shape (k,)."""
    tables: dict[int, Array] = field(default_factory=dict)
    """Scores of the codes of a column, shape (codes, k)."""
    score_kind: ScoreKind = "logit"

    @property
    def classes(self) -> tuple[Label, ...]:
        return tuple(range(len(self.offset)))

    def scores(self, x: Array) -> Array:
        known = np.where(np.isnan(x), 0.0, x)
        scores = known @ self.weights + self.offset
        for column, table in self.tables.items():
            scores += table[known[:, column].astype(np.int64)]
        return np.asarray(scores)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """A loss and its gradient by the numbers; codes and gaps have none."""
        value, slope = loss(self.scores(x))
        return value, np.where(np.isnan(x), 0.0, slope @ self.weights.T)


def linear(weights: Array, *, offset: float = 0.0) -> Additive:
    """Two classes; the second wins where ``weights @ x + offset`` is above zero."""
    columns = np.stack([np.zeros_like(weights), weights], axis=1)
    return Additive(weights=columns, offset=np.array([0.0, offset]))


@dataclass(frozen=True)
class Table:
    """Scores read off rows of whole numbers, as a dictionary would."""

    answers: dict[tuple[int, ...], int]
    """Class of each combination of the columns; others are class 0."""
    k: int = 2
    score_kind: ScoreKind = "label"

    @property
    def classes(self) -> tuple[Label, ...]:
        return tuple(range(self.k))

    def scores(self, x: Array) -> Array:
        keys = map(tuple, x.astype(int).tolist())
        return np.eye(self.k)[[self.answers.get(key, 0) for key in keys]]


@dataclass
class Yes:
    """Says one class to everything, and notes how it was asked."""

    answer: int = 1
    classes: tuple[Label, ...] = ("bad", "good", "odd")
    score_kind: ScoreKind = "label"
    asked: list[Array] = field(default_factory=list)

    def scores(self, x: Array) -> Array:
        self.asked.append(x.copy())
        return np.eye(len(self.classes))[np.full(len(x), self.answer)]


@dataclass(frozen=True)
class Stumps:
    """A sum of steps, each at one cut of one column."""

    column: Ints
    cut: Array
    step: Array
    bias: float
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        above = x[:, self.column] > self.cut
        value = above @ self.step + self.bias
        return np.stack([np.zeros(len(x)), value], axis=1)


@dataclass
class Counting:
    """A model that notes how often each row was asked about, told by its first column."""

    model: Classifier
    asked: dict[int, int] = field(default_factory=dict)
    seen: list[Array] = field(default_factory=list)

    @property
    def classes(self) -> tuple[Label, ...]:
        return self.model.classes

    @property
    def score_kind(self) -> ScoreKind:
        return self.model.score_kind

    def scores(self, x: Array) -> Array:
        self.note(x)
        return self.model.scores(x)

    def note(self, x: Array) -> None:
        """Remember a question."""
        self.seen.append(x.copy())
        for name in x[:, 0].astype(int).tolist():
            self.asked[name] = self.asked.get(name, 0) + 1


class CountingSlopes(Counting):
    """The same for a model that shows its gradient."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """Noted like any question."""
        self.note(x)
        assert isinstance(self.model, Differentiable)
        return self.model.value_and_grad(x, loss)


class CountingTrees(Counting):
    """The same for a model that shows its trees, which costs no question."""

    def structure(self) -> Trees:
        """The trees."""
        assert isinstance(self.model, TreeEnsemble)
        return self.model.structure()


def counting(model: Classifier, access: Access) -> Counting:
    """A model that notes questions and shows as much as an attacker sees."""
    kinds = {"gradients": CountingSlopes, "structure": CountingTrees}
    return kinds.get(access, Counting)(model)
