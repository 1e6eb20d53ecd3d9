"""Methods of estimators, as things that can be handed around."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.scoring.threshold import at_threshold, past
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import ModelError
from bartizan.core.schema import Label


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method of an estimator. Can be pickled where the estimator can."""

    estimator: Any
    name: str

    def __call__(self, rows: Any) -> Any:
        """Container -> answer."""
        return getattr(self.estimator, self.name)(rows)


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """An estimator with a decision threshold, asked so that the larger score decides."""

    method: Method
    threshold: float
    positive: int
    """Column of the class that the threshold is about."""

    def __call__(self, rows: Any) -> Array:
        """Container -> (n, 2)."""
        answer = np.asarray(self.method(rows), dtype=np.float64)
        if answer.ndim == 2:
            pair = answer[:, [1 - self.positive, self.positive]]
            both = at_threshold(pair, kind="probability", threshold=self.threshold)
        else:
            margin = answer if self.positive else -answer
            both = past(margin - self.threshold, reached=margin >= self.threshold)
        return both if self.positive else both[:, ::-1]


def spelled(value: Any) -> Label:
    """A class label as the data would spell it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else str(value)


def one_column(answer: Any) -> AnyArray:
    """One label a row, shape (n,).

    Raises:
        ModelError: the answer has another shape.
    """
    values = np.asarray(answer)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        message = f"expected one label a row from the model, got shape {values.shape}"
        raise ModelError(message)
    return values


def tuned_method(raw: Any, *, labels: tuple[Label, ...]) -> Tuned | None:
    """How to ask a classifier with a threshold of its own, if this is one."""
    if type(raw).__name__ not in ("TunedThresholdClassifierCV", "FixedThresholdClassifier"):
        return None
    names = ("predict_proba", "decision_function")
    wanted = names if raw.response_method == "auto" else (raw.response_method,)
    inner = getattr(raw, "estimator_", raw.estimator)
    name = next((name for name in wanted if hasattr(inner, name)), None)
    if name is None or len(labels) != 2:
        return None
    threshold = getattr(raw, "best_threshold_", getattr(raw, "threshold", "auto"))
    if threshold == "auto":  # as FixedThresholdClassifier documents it
        threshold = 0.5 if name == "predict_proba" else 0.0
    about = getattr(raw, "pos_label", None)
    positive = 1 if about is None else [str(label) for label in labels].index(str(about))
    return Tuned(
        method=Method(estimator=inner, name=name), threshold=float(threshold), positive=positive
    )
