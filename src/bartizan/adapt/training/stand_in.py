"""Models of our own, where nobody named one: what a learner makes of labelled rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bartizan.adapt.networks.hidden_units import hidden_layers, thinned, trained_on
from bartizan.adapt.training.foreign import trained
from bartizan.adapt.training.standard_form import StandardForm
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError
from bartizan.core.schema import Label

_HIDDEN = (64, 32)
"""Units of the hidden layers."""
_ROUNDS = 40
"""Times that every row is seen, at most."""
_MOST_CODES = 255
"""Categories of a column that boosted trees take as such; more are taken for numbers, their order
in the schema."""


_RATE = 0.1
"""How much of each tree is believed; twice that with more classes, which get fewer rounds."""
_TREES = 240
"""Trees of one training at most: each round grows one for each class, and ten classes of 1,797
digits took 11 s with 100 rounds, 1 s with 24; wrong labels were found as well."""
_FEWEST_ROUNDS = 8
"""Rounds without which trees have not left the ground."""


@dataclass(frozen=True, kw_only=True)
class Boosted:
    """The recipe for tables: boosted trees.

    Small ones, whose leaves are held back: on card payments, 10 % of them with a wrong label, five
    folds of 60 rounds take 0.6 s, where 100 rounds of 31 leaves took 1.5 s and found no more.
    """

    rounds: int = 60
    """With two classes; with more of them as many as `_TREES` allow."""
    leaves: int = 15
    shrink: float = 5.0
    """Rows' worth by which the values of leaves are pulled towards 0 (an L2 penalty)."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> "Fitted":
        """Train; see `bartizan.core.classifier.Recipe`.

        Raises:
            ModelError: the rows are of one class.
        """
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 (slow)

        _require_two(data)
        codes = [
            one.type == "categorical" and len(one.categories) <= _MOST_CODES
            for one in data.schema.features
        ]
        model = HistGradientBoostingClassifier(
            max_iter=self._rounds(len(np.unique(data.y))),
            learning_rate=_RATE if len(np.unique(data.y)) == 2 else 2 * _RATE,
            max_leaf_nodes=self.leaves,
            l2_regularization=self.shrink,
            early_stopping=False,
            categorical_features=codes if any(codes) else None,
            random_state=int(rng.integers(2**31)),
        )
        rows = _without_void(data.x)
        trained(lambda: model.fit(rows, data.y), what="training boosted trees")
        return Fitted(model=model, classes=data.classes)

    def _rounds(self, present: int) -> int:
        """How many rounds there are for so many classes."""
        most = self.rounds if present == 2 else max(_TREES // present, _FEWEST_ROUNDS)
        return min(self.rounds, most)


@dataclass(frozen=True, kw_only=True)
class Network:
    """The recipe for images, and for what hidden layers see: a network of two hidden layers."""

    hidden: tuple[int, ...] = _HIDDEN
    rounds: int = _ROUNDS

    def fit(self, data: Dataset, rng: np.random.Generator) -> "Layered":
        """Train; see `bartizan.core.classifier.Recipe`.

        Raises:
            ModelError: the rows are of one class.
        """
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 (slow to import)

        _require_two(data)
        form = StandardForm.of(data)
        model = MLPClassifier(
            self.hidden, max_iter=self.rounds, random_state=int(rng.integers(2**31))
        )
        rows = form.form(data.x).astype(np.float32)  # half the time of double
        trained(lambda: model.fit(rows, data.y), what="training a network")
        return Layered(model=model, classes=data.classes, form=form)


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A trained model of our own."""

    model: Any
    classes: tuple[Label, ...]
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        """Probabilities, classes without a row at 0; (n, d) -> (n, k)."""
        return _columns(self.model.predict_proba(x), self.model.classes_, k=len(self.classes))


@dataclass(frozen=True, kw_only=True)
class Layered:
    """A trained network that shows its hidden layers."""

    model: Any
    classes: tuple[Label, ...]
    form: StandardForm
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        """Probabilities, classes without a row at 0; (n, d) -> (n, k)."""
        rows = self.form.form(x).astype(np.float32)
        found = self.model.predict_proba(rows).astype(np.float64)
        return _columns(found, self.model.classes_, k=len(self.classes))

    def features(self, x: Array) -> tuple[Array, ...]:
        """See `bartizan.core.classifier.Embedding`."""
        return hidden_layers(self.model, self.form.form(x).astype(np.float32))

    def tuned(self, data: Dataset, rng: np.random.Generator, *, rounds: int = 1) -> "Layered":
        """See `bartizan.core.classifier.Tunable`."""
        rows = self.form.form(data.x).astype(np.float32)
        return replace(self, model=trained_on(self.model, rows, data.y, rng=rng, rounds=rounds))

    def without(self, units: Sequence[Ints]) -> "Layered":
        """See `bartizan.core.classifier.Tunable`."""
        return replace(self, model=thinned(self.model, units))


def _without_void(x: Array) -> Array:
    """Rows whose columns without any value are 0, since scikit-learn cannot cut those into bins."""
    void = np.isnan(x).all(axis=0)
    return np.where(void, 0.0, x) if void.any() else x


def _columns(known: Array, present: Ints, *, k: int) -> Array:
    made = np.zeros((len(known), k))
    made[:, present] = known
    return made


def _require_two(data: Dataset) -> None:
    if len(np.unique(data.y)) < 2:
        message = f"cannot train on {len(data.y)} rows of one class; two are needed"
        raise ModelError(message)
