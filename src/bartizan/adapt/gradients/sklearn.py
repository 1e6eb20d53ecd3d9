"""Gradients of scikit-learn models that have a closed form: linear ones and perceptrons.

Both are the same chain, rows -> scaled columns -> layers of weights -> scores; a linear model has
one layer. What the chain answers is compared with the model before it is used, so an estimator
that only looks like one of these never gets a wrong gradient.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from bartizan.adapt.frameworks.methods import Method
from bartizan.adapt.scoring.feeding import Reversible
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer, as_columns
from bartizan.core.arrays import Array
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.errors import ModelError

_SAME = 1e-6
"""Difference of two answers, relative to the largest, up to which they are the same: estimators
fitted on float32 keep seven digits."""
_PLAIN: dict[str, tuple[str, str, bool]] = {
    "StandardScaler": ("mean_", "scale_", False),
    "RobustScaler": ("center_", "scale_", False),
    "MaxAbsScaler": ("", "scale_", False),
    "MinMaxScaler": ("min_", "scale_", True),
}
"""Scalers: what they shift by, what they scale by, and whether they multiply first."""


def _sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


Activation: TypeAlias = tuple[Callable[[Array], Array], Callable[[Array], Array]]
_ACTIVATIONS: dict[str, Activation] = {
    "identity": (lambda z: z, np.ones_like),
    "logistic": (_sigmoid, lambda a: a * (1.0 - a)),
    "tanh": (np.tanh, lambda a: 1.0 - a * a),
    "relu": (lambda z: np.maximum(z, 0.0), lambda a: (a > 0.0).astype(np.float64)),
}
"""Hidden units: values, and their derivative in terms of the values."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Scaling and layers, in double precision. Can be pickled."""

    feed: Reversible
    scale: Array
    shift: Array
    """(d,) each: columns are multiplied, then shifted."""
    layers: tuple[tuple[Array, Array], ...]
    """Weights (inputs, outputs) and biases (outputs,); the last gives logits."""
    activation: str
    kind: ScoreKind
    """What the model's scores are; of probabilities the loss gets logarithms."""

    def __call__(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """A loss of the scores and its gradient by rows.

        Args:
            x: Shape (n, d).
            loss: Of logits, or of logarithms of probabilities.

        Returns:
            Values, shape (n,), and gradient, shape (n, d), exact to rounding.

        Cost:
            Two products with each layer's weights.
        """
        slope_of = _ACTIVATIONS[self.activation][1]
        hidden = self._forth(x)
        weights, bias = self.layers[-1]
        logits = hidden[-1] @ weights + bias
        value, moved = loss(self.scores(logits))
        slope = self._by_logits(logits, moved)
        for (weights, _), units in zip(self.layers[:0:-1], hidden[:0:-1], strict=True):
            slope = (slope @ weights.T) * slope_of(units)
        return value, self.feed.back((slope @ self.layers[0][0].T) * self.scale)

    def _forth(self, x: Array) -> list[Array]:
        """Scaled columns, and what each hidden layer makes of them."""
        values = _ACTIVATIONS[self.activation][0]
        hidden = [np.asarray(self.feed(x), dtype=np.float64) * self.scale + self.shift]
        for weights, bias in self.layers[:-1]:
            hidden.append(values(hidden[-1] @ weights + bias))
        return hidden

    def hidden(self, x: Array) -> tuple[Array, ...]:
        """What hidden layers hold, one array (n, w) each; none of a linear model."""
        return tuple(self._forth(x)[1:])

    def weights(self) -> tuple[Array, ...]:
        """One array (outputs, inputs) for each layer."""
        return tuple(np.asarray(weights.T) for weights, _ in self.layers)

    def scores(self, logits: Array) -> Array:
        """Columns of classes: logits, or logarithms of probabilities; (n, 1 or k) -> (n, k)."""
        if self.kind == "logit":
            places = tuple(range(max(2, logits.shape[1])))
            return as_columns(logits, kind="logit", labels=places)
        if logits.shape[1] == 1:
            return np.hstack([-np.logaddexp(0.0, logits), -np.logaddexp(0.0, -logits)])
        return _log_softmax(logits)

    def _by_logits(self, logits: Array, moved: Array) -> Array:
        """The derivative by logits of that by columns; (n, k) -> (n, 1 or k)."""
        single = logits.shape[1] == 1
        if self.kind == "logit":
            return moved[:, 1:] if single else moved
        if single:
            chance = _sigmoid(logits)
            return moved[:, 1:] * (1.0 - chance) - moved[:, :1] * chance
        return moved - np.exp(_log_softmax(logits)) * moved.sum(axis=1, keepdims=True)


def with_slope(scorer: Scorer, *, raw: Any, x: Array) -> Scorer:
    """A scorer with its gradient, if the estimator is of a kind that has a closed form.

    Args:
        scorer: The estimator asked by its margins, or by its probabilities.
        raw: The estimator, or a pipeline that ends in it.
        x: Rows to compare on, shape (n, d).
    """
    feed, ask = scorer.feed, scorer.ask
    if not isinstance(feed, Reversible) or not isinstance(ask, Method):
        return scorer
    *before, final = [step for _, step in raw.steps] if hasattr(raw, "steps") else [raw]
    layers = _layers(final, name=ask.name)
    if layers is None:
        return scorer
    scale, shift = np.ones(len(layers[0][0])), np.zeros(len(layers[0][0]))
    for step in before:
        found = _affine(step)
        if found is None or np.size(found[0]) not in (1, len(scale)):
            return scorer
        scale, shift = scale * found[0], shift * found[0] + found[1]
    chain = Chain(
        feed=feed,
        scale=scale,
        shift=shift,
        layers=layers,
        activation=getattr(final, "activation", "identity") if len(layers) > 1 else "identity",
        kind=scorer.kind,
    )
    return replace(scorer, slope=chain) if _agrees(chain, scorer, x=x) else scorer


def _layers(final: Any, *, name: str) -> tuple[tuple[Array, Array], ...] | None:
    """Weights and biases of an estimator, if the method answers what they give."""
    if name == "predict_proba" and hasattr(final, "coefs_") and hasattr(final, "out_activation_"):
        pairs = zip(final.coefs_, final.intercepts_, strict=True)
        made = tuple((_doubles(weights), _doubles(bias)) for weights, bias in pairs)
        return made if final.activation in _ACTIVATIONS else None
    weights: Any = getattr(final, "coef_", None)
    bias = getattr(final, "intercept_", None)
    if name != "decision_function" or np.ndim(weights) not in (1, 2) or bias is None:
        return None
    if hasattr(weights, "toarray"):  # made sparse by `sparsify`
        return None
    made_weights = np.atleast_2d(_doubles(weights)).T
    return ((made_weights, np.broadcast_to(_doubles(bias), made_weights.shape[1:])),)


def _affine(step: Any) -> tuple[Array, Array] | None:
    """What a scaler multiplies by and adds, if it is one that does no more."""
    if step is None or step == "passthrough":
        return np.ones(1), np.zeros(1)
    name = type(step).__name__
    if name not in _PLAIN or getattr(step, "clip", False):
        return None
    shift_name, scale_name, multiplies = _PLAIN[name]
    shift, scale = (getattr(step, part, None) for part in (shift_name, scale_name))
    if getattr(step, "with_mean", True) is False:  # the mean is kept, and not used
        shift = None
    moved = np.zeros(1) if shift is None else _doubles(shift)
    size = np.ones(1) if scale is None else _doubles(scale)
    return (size, moved) if multiplies else (1.0 / size, -moved / size)


def _agrees(chain: Chain, scorer: Scorer, *, x: Array) -> bool:
    """Whether the chain gives the scores that the model gives."""
    seen: list[Array] = []

    def look(scores: Array) -> tuple[Array, Array]:
        seen.append(scores)
        return scores[:, 0], np.zeros_like(scores)

    try:
        quietly(lambda rows: chain(rows, look), x)
        own = quietly(scorer, x)
    except ModelError:
        return False
    answer = np.exp(seen[0]) if chain.kind == "probability" else seen[0]
    room = _SAME * max(1.0, float(np.abs(own).max()))
    return answer.shape == own.shape and bool(np.allclose(answer, own, rtol=0.0, atol=room))


def _doubles(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64)


def _log_softmax(logits: Array) -> Array:
    """Logarithms of probabilities, (n, k) -> (n, k)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
