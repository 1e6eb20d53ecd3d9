"""Learners for thieves: small models of scikit-learn that learn from another model's answers."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from bartizan.adapt.training.perceptron import Perceptron
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import decisions

_SURE = 8.0
"""Log odds beyond which answers count as equally sure: what lies further out says nothing about
where the decision changes. Of 2, 4 and 8, this copied three boosted models best."""
_FAINT = 0.01
"""Shares of a class below this are left out when soft answers become weighted rows."""
_WIDE = 200
"""Columns up to which boosting is worth its time; images are wider."""
_MANY = 10
"""Classes up to which it is: one ensemble is grown for each."""
_FEW = 1500
"""Answers up to which light boosting copies as well as heavy boosting does, in a third of the time;
from 3,000 on, five models were copied up to two points worse by it."""
_LIGHT = {"max_iter": 50, "learning_rate": 0.3, "max_leaf_nodes": 10}
_HEAVY = {"max_iter": 100, "learning_rate": 0.15, "max_leaf_nodes": 31}


@dataclass(frozen=True)
class Boosting:
    """Boosted trees: on log odds where shares are told, on labels otherwise."""

    name: str = "boosted trees"

    def fit(
        self, x: Array, targets: Array, *, rng: np.random.Generator
    ) -> Callable[[Array], Array]:
        """See `bartizan.attack.surrogate.Learner`."""
        from sklearn.ensemble import (  # noqa: PLC0415 (slow to import)
            HistGradientBoostingClassifier,
            HistGradientBoostingRegressor,
        )

        settings: dict[str, Any] = {
            **(_LIGHT if len(x) <= _FEW else _HEAVY),
            "early_stopping": False,
            "random_state": int(rng.integers(2**31)),
        }
        if _hard(targets):
            model = _fitted(HistGradientBoostingClassifier(**settings), x, decisions(targets))
            return _columns(model, targets.shape[1])
        logs = np.log(np.clip(targets, np.exp(-_SURE), 1.0))
        if targets.shape[1] == 2:
            odds = np.clip(logs[:, 1] - logs[:, 0], -_SURE, _SURE)
            one = _fitted(HistGradientBoostingRegressor(**settings), x, odds)
            return _alone(lambda asked: np.outer(one.predict(asked), [0.0, 1.0]))
        many = [_fitted(HistGradientBoostingRegressor(**settings), x, logs_c) for logs_c in logs.T]
        return _alone(lambda asked: np.column_stack([model.predict(asked) for model in many]))


@dataclass(frozen=True)
class Network:
    """A network with one hidden layer."""

    name: str = "a small network"

    def fit(
        self, x: Array, targets: Array, *, rng: np.random.Generator
    ) -> Callable[[Array], Array]:
        """See `bartizan.attack.surrogate.Learner`."""
        with threadpool_limits(1):
            return _alone(Perceptron.trained(x, targets, rng=rng).scores)


@dataclass(frozen=True)
class Logistic:
    """Logistic regression."""

    name: str = "logistic regression"

    def fit(
        self, x: Array, targets: Array, *, rng: np.random.Generator
    ) -> Callable[[Array], Array]:
        """See `bartizan.attack.surrogate.Learner`."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (slow to import)

        del rng  # nothing is random
        rows, y, weights = weighted(targets)
        model = LogisticRegression(C=100.0, max_iter=200)  # answers have no noise to guard against
        return _scaled(model, x, rows=rows, y=y, weights=weights, k=targets.shape[1])


def learners(width: int, k: int) -> tuple[Boosting | Network | Logistic, ...]:
    """The learners that are worth their time.

    Args:
        width: Terms of a row.
        k: Classes.
    """
    every: tuple[Network | Logistic, ...] = (Network(), Logistic())
    return (Boosting(), *every) if width <= _WIDE and k <= _MANY else every


def weighted(targets: Array) -> tuple[Ints, Ints, Array]:
    """Soft answers as weighted rows with one class each: the same loss, for any classifier.

    Args:
        targets: Shares of the classes, shape (n, k); rows sum to 1.

    Returns:
        Row, class and weight of each of m >= n parts.
    """
    rows, y = np.nonzero(
        np.where(targets == targets.max(axis=1, keepdims=True), 1.0, targets) > _FAINT
    )
    return rows, y, targets[rows, y]


def _hard(targets: Array) -> bool:
    return bool(((targets == 0) | (targets == 1)).all())


def _scaled(
    model: Any, x: Array, *, rows: Ints, y: Ints, weights: Array, k: int
) -> Callable[[Array], Array]:
    """Fit on standardised columns, without the library's remarks on convergence."""
    middle, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fitted(model, ((x - middle) / spread)[rows], y, sample_weight=weights)
    answer = _columns(model, k)
    return lambda questions: answer((questions - middle) / spread)


def _columns(model: Any, k: int) -> Callable[[Array], Array]:
    """Probabilities for all k classes, those never met included."""

    def answer(questions: Array) -> Array:
        found = np.zeros((len(questions), k))
        found[:, model.classes_] = model.predict_proba(questions)
        return found

    return _alone(answer)


def _fitted(model: Any, x: Array, y: Any, **settings: Any) -> Any:
    """Train on one thread: so small, models gain nothing by more, and lose much on a busy machine.

    Thirty copies of 160 answers took 3 s with one thread, and 40 s with two on a busy machine.
    """
    with threadpool_limits(1):
        return model.fit(x, y, **settings)


def _alone(answer: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The same answers, on one thread."""

    def limited(asked: Array) -> Array:
        with threadpool_limits(1):
            return answer(asked)

    return limited
