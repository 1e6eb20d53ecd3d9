"""Clean models of the same kind: trained as the model was, on rows believed to be sound."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.errors import Error

TWINS = 3
"""Clean models: what one allows by chance, two others rarely do."""
_SHARE = 0.7
"""Part of the rows that each is trained on, so that they differ as models of other rows do."""
_MOST = 6000
"""Rows that a twin is trained on, at most."""
_CLASS = 2
"""Rows of a class without which no twin is trained: it would not know the class."""


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A clean model, and the rows that it knows."""

    model: Classifier
    learnt: Ints
    """Positions of the rows that it was trained on, ascending."""


Twins = Generator[float, None, tuple[tuple[Twin, ...], str]]


def clean_twins(
    recipe: Recipe | None, data: Dataset, *, count: int, rng: np.random.Generator
) -> Twins:
    """Train clean models.

    Args:
        recipe: How the model is trained.
        data: Rows that the model was not trained on, so that its poison is not in them.
        count: Models.
        rng: Draws their rows.

    Yields:
        The share of them that is trained.

    Returns:
        The models, and why there is none; empty if there are.

    Cost:
        `count` trainings.
    """
    if recipe is None:
        return (), "nothing says how the model is trained anew; name a recipe"
    why = too_few(data, rows=0, each=_CLASS + 1)
    if why:
        return (), why
    made: list[Twin] = []
    for number in range(count):
        try:
            learnt = part(data, _SHARE, rng=rng)
            made.append(Twin(model=recipe.fit(data.take(learnt), rng), learnt=learnt))
        except Error as error:
            return (), f"no clean model could be trained: {error}"
        yield (number + 1) / count
    return tuple(made), ""


def too_few(data: Dataset, *, rows: int, each: int = 1) -> str:
    """Why rows do not do; empty if they do.

    Args:
        data: Rows that the model was not trained on.
        rows: How many are needed.
        each: How many of every class that has any.
    """
    if len(data.y) < rows:
        return f"{len(data.y)} rows are too few; {rows} are needed"
    counts = np.bincount(data.y)
    if (counts > 0).sum() < 2:
        return "the data holds one class only"
    least = int(counts[counts > 0].min())
    return f"a class has {least} rows; {each} are needed" if least < each else ""


def part(data: Dataset, share: float, *, rng: np.random.Generator) -> Ints:
    """Rows drawn within each class, ascending."""
    found = []
    for label in np.unique(data.y):
        own = rng.permutation(np.flatnonzero(data.y == label))
        found.append(own[: max(round(share * len(own)), _CLASS)])
    rows = np.concatenate(found)
    return np.sort(rng.permutation(rows)[:_MOST])
