"""One way to ask a model: which container it is fed, which method answers, what that means."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from bartizan.adapt.scoring.classes import Naming, keys
from bartizan.adapt.scoring.rows import quietly
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.errors import ConfigError, ModelError
from bartizan.core.schema import Label
from bartizan.core.trees import Trees

_CLOSE = 1e-5
"""Difference of two best scores, relative, within which either decision is right: single
precision keeps seven digits."""


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """A model made ready: rows as numbers in, scores out. Can be pickled if its parts can."""

    feed: Callable[[Array], Any]
    """Rows as numbers, (n, d) -> the container that the model takes."""
    ask: Callable[[Any], Any]
    """Container -> what the model answers."""
    kind: ScoreKind
    answers: tuple[Label, ...]
    """Classes in the model's order, as it answers them; without names 0, 1, ..."""
    naming: Naming
    names: tuple[Label, ...] | None = None
    """What the user calls these classes."""
    slope: Callable[[Array, Loss], tuple[Array, Array]] | None = None
    """Rows as numbers (n, d) and a loss of logits, or of logarithms of probabilities -> its
    values (n,) and gradient (n, d); none where the model shows no gradient."""
    trees: Callable[[], Trees] | None = None
    """The trees, over the columns and classes of the model; none where it is not made of them."""
    notes: tuple[str, ...] = ()
    """What was chosen on the way, in words for a report."""

    @property
    def labels(self) -> tuple[Label, ...]:
        """Labels of the columns."""
        return self.answers if self.names is None else self.names

    def __call__(self, x: Array) -> Array:
        """Score rows; (n, d) -> (n, k), unchecked."""
        return as_columns(self.ask(self.feed(x)), kind=self.kind, labels=self.answers)

    def renamed(self, names: tuple[Label, ...] | None) -> Self:
        """The same model with other names for its classes.

        Raises:
            ConfigError: they are too many or too few.
        """
        if names is None:
            return self
        if len(names) != len(self.answers):
            message = (
                f"classes={list(names)} names {len(names)} classes, the model scores "
                f"{len(self.answers)}"
            )
            raise ConfigError(message)
        return replace(self, names=names, naming="names")


def as_columns(answer: Any, *, kind: ScoreKind, labels: tuple[Label, ...]) -> Array:
    """Bring an answer into one column a class.

    Args:
        answer: Scores of shape (n,), (n, 1) or (n, k), or class labels of shape (n,).
        kind: What they are. One column stands for the second class: a margin above zero, or
            its probability.
        labels: The classes.

    Returns:
        Shape (n, k).

    Raises:
        ModelError: labels that are no classes, or values that are no numbers.
    """
    values = np.asarray(answer)
    if kind == "label" and (values.ndim == 1 or values.shape[1:] == (1,)):
        return np.eye(len(labels))[positions(values.reshape(-1), labels=labels)]
    try:
        scores = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        message = f"expected numbers from the model, got {str(answer)[:80]}"
        raise ModelError(message) from error
    if scores.ndim == 1:
        scores = scores[:, None]
    if scores.ndim == 2 and scores.shape[1] == 1 and len(labels) == 2:
        both = np.zeros((len(scores), 2))
        both[:, 1] = scores[:, 0]
        if kind == "probability":
            both[:, 0] = 1.0 - scores[:, 0]
        return both
    return scores


def positions(values: AnyArray, *, labels: tuple[Label, ...]) -> Ints:
    """Places of answered labels among the classes, shape (n,).

    Raises:
        ModelError: an answer is none of the classes; the message names the row.
    """
    found, codes = np.unique(values.astype(object).astype(str), return_inverse=True)
    known = {key: place for place, label in enumerate(labels) for key in keys(label)}
    places = np.array(
        [next((known[key] for key in keys(text) if key in known), -1) for text in found.tolist()],
        dtype=np.int64,
    )[codes]
    if (places < 0).any():
        row = int(np.flatnonzero(places < 0)[0])
        message = (
            f"the model answered {values[row]!r} on row {row}, which is none of its classes "
            f"{labels[:8]}; name them all with classes=..."
        )
        raise ModelError(message)
    return places


def agrees(scorer: Scorer, decisions: AnyArray, *, x: Array) -> bool:
    """Whether the largest score is the class that the model itself decides on.

    Args:
        scorer: A way to ask.
        decisions: The model's own labels for the rows, shape (n,).
        x: Rows, shape (n, d).
    """
    scores = quietly(scorer, x)
    if scores.shape != (len(x), len(scorer.answers)) or not np.isfinite(scores).all():
        return False
    own = np.take_along_axis(scores, positions(decisions, labels=scorer.answers)[:, None], axis=1)
    best = scores.max(axis=1)
    return bool((best - own[:, 0] <= _CLOSE * np.maximum(np.abs(best), _CLOSE)).all())


def spoken(
    values: AnyArray, *, names: tuple[Label, ...] | None, data: tuple[Label, ...]
) -> tuple[Label, ...]:
    """The classes of a model that only answers labels and lists none.

    Args:
        values: Labels it answered, shape (n,).
        names: What the user calls its classes.
        data: The data's classes.

    Returns:
        The user's names if it answers in those, positions 0, 1, ... if it answers in numbers
        below their count; without names, the classes of the data.
    """
    if names is None:
        return data
    known = {key for name in names for key in keys(name)}
    if all(known & set(keys(value)) for value in np.unique(values.astype(str)).tolist()):
        return names
    return tuple(range(len(names)))
