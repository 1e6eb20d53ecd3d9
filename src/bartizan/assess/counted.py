"""A model that counts what it is asked: checks have no oracle that does it for them."""

from dataclasses import dataclass
from time import perf_counter

from bartizan.core.arrays import Array
from bartizan.core.classifier import (
    Classifier,
    Differentiable,
    Loss,
    ScoreKind,
    TreeEnsemble,
    Weighted,
)
from bartizan.core.errors import ModelError
from bartizan.core.schema import Label
from bartizan.core.trees import Trees


@dataclass
class Counted:
    """Answers as the model does."""

    model: Classifier
    calls: int = 0
    queries: int = 0
    """Rows asked about in this run."""
    before: int = 0
    """Rows asked about in earlier runs, for what was taken over from them."""
    model_s: float = 0.0

    @property
    def classes(self) -> tuple[Label, ...]:
        """As the model has them."""
        return self.model.classes

    @property
    def score_kind(self) -> ScoreKind:
        """As the model has it."""
        return self.model.score_kind

    def scores(self, x: Array) -> Array:
        """Ask the model; shape (n, d) -> (n, k)."""
        self.calls += 1
        self.queries += len(x)
        started = perf_counter()
        try:
            return self.model.scores(x)
        finally:
            self.model_s += perf_counter() - started


@dataclass
class CountedTrees(Counted):
    """The same for a model that shows its trees; looking at them is no question."""

    model: TreeEnsemble

    def structure(self) -> Trees:
        """As the model has them."""
        return self.model.structure()


@dataclass
class CountedSlopes(Counted):
    """The same for a model that shows its gradient: one is one question."""

    model: Differentiable

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """As the model has it."""
        self.calls += 1
        self.queries += len(x)
        started = perf_counter()
        try:
            return self.model.value_and_grad(x, loss)
        finally:
            self.model_s += perf_counter() - started


@dataclass
class CountedLayers(CountedSlopes):
    """The same for one that shows its weights too."""

    @property
    def weighted(self) -> Weighted:
        """The model."""
        if not isinstance(self.model, Weighted):
            message = "the model shows no weights"
            raise ModelError(message)
        return self.model

    def layers(self) -> tuple[Array, ...]:
        """As the model has them."""
        return self.weighted.layers()


def counted(model: Classifier) -> Counted:
    """Count what a model is asked from now on."""
    if isinstance(model, TreeEnsemble):
        return CountedTrees(model)
    if isinstance(model, Differentiable):
        return CountedLayers(model) if isinstance(model, Weighted) else CountedSlopes(model)
    return Counted(model)
