"""Twins for controls: trained on the user's own rows, with a mark planted in some, and without."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bartizan.assess.backdoor.clean_twins import part
from bartizan.attack.poisoning.backdoor import planted
from bartizan.core.arrays import Ints
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.errors import Error
from bartizan.core.trigger import Trigger

_MOST = 3000
"""Rows of the user's data that twins are made of, about."""
_SEEN, _ROUNDS = 48_000, (40, 400)
"""Rows that they see in all, 240 steps, and rounds at least and at most: with 40 rounds of 200
digits a network gave them all one class."""
_RARE = 40
"""Of each class, if there are as many: of 3,000 rows drawn from card payments five are fraud, which
neither a model nor its clean twins can learn."""
_FEWEST = 100
"""Rows without which nothing can be planted."""
_RATE = 0.35
"""Share of the training rows that carry the mark: small data must teach it for sure. With a fifth,
networks trained on 675 rows of a table learnt a value in two of six controls so weakly that it was
not found; with this all six were found."""
_PART = 0.7
"""Share of the rows of other classes that may carry it, where they are rare."""


def rounds(data: Dataset) -> int:
    """Times that networks of ours see the rows, where the user names no recipe."""
    return int(np.clip(_SEEN // max(len(data.y), 1), *_ROUNDS))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A backdoored model and a clean one, and what they were not trained on."""

    poisoned: Classifier
    clean: Classifier
    rest: Dataset
    trigger: Trigger
    target: int
    rate: float
    """Share of the training rows that carry the mark."""
    recipe: Recipe
    """What trained them."""


def poisoned_pair(
    data: Dataset,
    *,
    recipe: Recipe | None,
    own: Recipe,
    fits: Callable[[Classifier], bool],
    mark: Callable[[Dataset], Trigger],
    rng: np.random.Generator,
    share: float = 0.75,
) -> Pair | str:
    """Plant a mark in rows of the user, and train with and without it.

    Args:
        data: Rows that the model was not trained on.
        recipe: The user's; used where it works and what it trains can be examined.
        own: A recipe of ours, used otherwise.
        fits: Whether a model can be examined.
        mark: Makes the mark from the rows.
        rng: Draws rows.
        share: Part of the rows that they are trained on.

    Returns:
        The pair, or why there is none.

    Cost:
        Two trainings, three where the user's recipe fails.
    """
    sample = data.take(_sample(data, rng=rng))
    if len(sample.y) < _FEWEST:
        return f"{len(sample.y)} rows are too few to plant a mark in; {_FEWEST} are needed"
    if len(np.unique(sample.y)) < 2:
        return "the data holds one class only"
    inside = part(sample, share, rng=rng)
    train, rest = sample.take(inside), sample.take(_others(inside, len(sample.y)))
    present, counts = np.unique(train.y, return_counts=True)
    target = int(present[counts.argmin()])  # most rows are of other classes, and can be turned
    try:
        trigger = mark(train)
        rate = min(_RATE, _PART * float((train.y != target).mean()))
        made = planted(train.x, train.y, trigger=trigger, target=target, rate=rate, rng=rng)
        bad = train.holding(x=made.x, y=made.y)
        used, clean = _trained(train, recipe=recipe, own=own, fits=fits, rng=rng)
        poisoned = used.fit(bad, rng)
    except Error as error:
        return f"nothing could be planted: {error}"
    return Pair(
        poisoned=poisoned, clean=clean, rest=rest, trigger=trigger, target=target, recipe=used,
        rate=len(made.rows) / len(train.y),
    )  # fmt: skip


def _trained(
    train: Dataset,
    *,
    recipe: Recipe | None,
    own: Recipe,
    fits: Callable[[Classifier], bool],
    rng: np.random.Generator,
) -> tuple[Recipe, Classifier]:
    """The recipe that works, and a clean model of it."""
    if recipe is not None:
        try:
            clean = recipe.fit(train, rng)
        except Error:
            return own, own.fit(train, rng)
        if fits(clean):
            return recipe, clean
    return own, own.fit(train, rng)


def _sample(data: Dataset, *, rng: np.random.Generator) -> Ints:
    """Rows of all classes, ascending: some of each, however rare it is."""
    share = min(_MOST / max(len(data.y), 1), 1.0)
    found = []
    for label in np.unique(data.y):
        own = rng.permutation(np.flatnonzero(data.y == label))
        found.append(own[: max(round(share * len(own)), _RARE)])
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *found]))


def _others(rows: Ints, n: int) -> Ints:
    left = np.ones(n, dtype=bool)
    left[rows] = False
    return np.flatnonzero(left)
