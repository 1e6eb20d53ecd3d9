"""A user's own network, made ready to be repaired."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from bartizan.adapt.loading import load_model
from bartizan.adapt.model import Model
from bartizan.adapt.networks.hidden_units import hidden_layers, thinned, trained_on
from bartizan.adapt.networks.modules import is_module
from bartizan.adapt.table import Table
from bartizan.adapt.training.foreign import trained
from bartizan.adapt.training.refit import Refit
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import ScoreKind, Tunable
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError
from bartizan.core.schema import Label


class Keepable(Tunable, Protocol):
    """A network that can be written to a file."""

    @property
    def suffix(self) -> str:
        """What the file's name ends with."""
        ...

    def tuned(self, data: Dataset, rng: np.random.Generator, *, rounds: int = 1) -> "Keepable":
        """See `Tunable`."""
        ...

    def without(self, units: Sequence[Ints]) -> "Keepable":
        """See `Tunable`."""
        ...

    def content(self) -> bytes:
        """The file."""
        ...


def tunable(model: Model, table: Table) -> Keepable:
    """Make a network ready to be trained further and to lose hidden units.

    Args:
        model: scikit-learn's `MLPClassifier`, alone or as the last step of a pipeline; or a torch
            `Sequential` whose last two layers of weights are `Linear`.
        table: Its data.

    Raises:
        ModelError: it is something else, such as trees, which have no units.
    """
    raw = model.open()
    if is_module(raw):
        from bartizan.adapt.networks.tunable_torch import tunable_module  # noqa: PLC0415 (an extra)

        return tunable_module(model, table)
    last = _last(raw)
    if type(last).__name__ != "MLPClassifier" or not hasattr(last, "coefs_"):
        message = (
            f"a model of type {type(last).__name__} ({model.format}) cannot be repaired: expected "
            "a fitted MLPClassifier of scikit-learn, a pipeline that ends in one, or a torch "
            "Sequential; clean the data and train it anew instead"
        )
        raise ModelError(message)
    return TunableEstimator(like=model, table=table)


@dataclass(frozen=True, kw_only=True, repr=False)
class TunableEstimator(Refit):
    """A network of scikit-learn, with what a pipeline does before it."""

    suffix: str = ".skops"

    @property
    def classes(self) -> tuple[Label, ...]:
        """See `Classifier`."""
        return self._bound.classes

    @property
    def score_kind(self) -> ScoreKind:
        """See `Classifier`."""
        return self._bound.score_kind

    def scores(self, x: Array) -> Array:
        """See `Classifier`."""
        return self._bound.scores(x)

    def features(self, x: Array) -> tuple[Array, ...]:
        """See `Embedding`."""
        return hidden_layers(_last(self._raw), self._inputs(x))

    def tuned(
        self, data: Dataset, rng: np.random.Generator, *, rounds: int = 1
    ) -> "TunableEstimator":
        """See `Tunable`."""
        rows, labels = self._inputs(data.x), self._labels[data.y]
        last = trained_on(_last(self._raw), rows, labels, rng=rng, rounds=rounds)
        return self._with(last)

    def without(self, units: Sequence[Ints]) -> "TunableEstimator":
        """See `Tunable`."""
        return self._with(thinned(_last(self._raw), units))

    def content(self) -> bytes:
        """The file: skops, which holds no code."""
        import skops.io  # noqa: PLC0415 (slow to import)

        return bytes(skops.io.dumps(self._raw))

    def _inputs(self, x: Array) -> AnyArray:
        """Rows as they reach the network."""
        rows, raw = self._rows(x), self._raw
        if raw is not _last(raw):
            rows = trained(lambda: raw[:-1].transform(rows), what="preparing rows")
        dense = rows.toarray() if hasattr(rows, "toarray") else rows
        return np.asarray(dense, dtype=_last(raw).coefs_[0].dtype)

    def _with(self, last: Any) -> "TunableEstimator":
        raw = self._raw
        if raw is not _last(raw):
            made = deepcopy(raw)
            made.steps[-1] = (made.steps[-1][0], last)
        else:
            made = last
        like = load_model(made, threshold=self.like.threshold, classes=self.like.classes)
        return replace(self, like=replace(like, name=self.like.name))


def _last(raw: Any) -> Any:
    """The last step of a pipeline, or the estimator itself."""
    return raw.steps[-1][1] if hasattr(raw, "steps") else raw
