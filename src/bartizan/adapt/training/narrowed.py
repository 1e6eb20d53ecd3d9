"""Binds a model trained on some rows: it may not know every class."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.adapt.binding import bind
from bartizan.adapt.bound import Bound
from bartizan.adapt.model import Model
from bartizan.adapt.table import Table
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Label

_BELOW = 14.0
"""How far below its worst score, in logits, a model puts a class that it never saw: about the
logarithm of a millionth."""


def narrowed(
    model: Model, *, table: Table, data: Dataset, classes: tuple[Label, ...]
) -> Classifier:
    """Make a model score all classes, of which its training rows may have lacked some.

    Args:
        model: Trained on `data`.
        table: The way from rows to the containers that models take.
        data: The rows it was trained on, of the table's columns and classes.
        classes: The classes wanted, in order.

    Returns:
        The classifier over these classes; one that it never saw never wins.

    Raises:
        SchemaError: the model knows other columns or classes.
        ModelError: it crashes, or answers nonsense.
    """
    try:
        bound = bind(model, replace(table, dataset=data))
    except SchemaError:
        present = np.unique(data.y)
        if len(present) == len(data.classes):
            raise
        known = tuple(data.classes[place] for place in present)
        part = replace(data, classes=known, y=np.searchsorted(present, data.y))
        bound = bind(model, replace(table, dataset=part))
    if bound.classes == classes:
        return bound
    places = [bound.classes.index(c) if c in bound.classes else -1 for c in classes]
    return Padded(model=bound, classes=classes, places=np.array(places, dtype=np.int64))


@dataclass(frozen=True, kw_only=True)
class Padded:
    """A model of some of the classes, with a column for each of them all."""

    model: Bound
    classes: tuple[Label, ...]
    places: Ints
    """The model's column of each class; -1 = it has none. Shape (k,)."""

    @property
    def score_kind(self) -> ScoreKind:
        """What the scores are."""
        return self.model.score_kind

    def scores(self, x: Array) -> Array:
        """Score rows; (n, d) -> (n, k)."""
        known = self.model.scores(x)
        made = np.zeros((len(x), len(self.places)))
        if self.score_kind == "logit" and len(x):
            made += known.min(axis=1, keepdims=True) - _BELOW
        made[:, self.places >= 0] = known[:, self.places[self.places >= 0]]
        return made
