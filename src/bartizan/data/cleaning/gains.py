"""Findings that need models: what cleaning gained, and what a vote withstands."""

from collections.abc import Generator
from dataclasses import dataclass

import msgspec
import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.errors import UsageError
from bartizan.core.finding import Finding
from bartizan.core.streams import rng
from bartizan.data.cleaning.account import effect_finding
from bartizan.data.cleaning.certificate import certificate_finding
from bartizan.data.cleaning.cleaning import Cleaning
from bartizan.data.cleaning.fairness import LEAST, Groups, gaps, small
from bartizan.data.cleaning.study import Plan, effect, relabelled
from bartizan.data.folds import folds
from bartizan.defend.certificate import certified_curve
from bartizan.defend.partition import Partitioned, certified, require_repeatable, taught

_RADII = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Changed rows that the curve is drawn for, as far as the models reach."""
_HELD = 4
"""One row of so many is kept from the models of a vote, to ask them about it."""


@dataclass(frozen=True, kw_only=True)
class Certify:
    """What is to be certified."""

    count: int
    """Models that vote."""
    balanced: bool = False


def effect_of(
    cleaning: Cleaning,
    recipe: Recipe,
    *,
    groups: Groups | None,
    sources: Ints | None = None,
    seed: int,
) -> Generator[float, None, Finding]:
    """Train with the suspects and without; yields how far it is, returns the finding.

    Raises:
        ModelError: a model cannot be trained.
    """
    data = cleaning.data
    found = yield from effect(
        Plan(
            data=data,
            gone=positions(cleaning),
            labels=classes_of(cleaning),
            triggers=cleaning.suspicion.triggers,
            sources=sources,
            recipe=recipe,
            seed=seed,
        )
    )
    fairness = () if groups is None else gaps(found, groups)
    made = effect_finding(found, name=data.name, fairness=fairness)
    few = () if groups is None else small(found, groups)
    if few:
        told = f"groups with fewer than {LEAST} kept rows are not compared: {', '.join(few[:10])}"
        made = msgspec.structs.replace(made, remarks=(*made.remarks, told))
    return made


def certificate_of(
    cleaning: Cleaning, recipe: Recipe, wanted: Certify, *, sources: Ints | None = None, seed: int
) -> Generator[float, None, Finding]:
    """Train a vote on the kept rows and ask it about some that it has not seen.

    Yields:
        How far it is, 0 to 1.

    Raises:
        ModelError: the recipe is not deterministic, or cannot train on a part.
        UsageError: there are more models than rows.
    """
    data = cleaned_data(cleaning)
    kept = None if sources is None else np.delete(sources, positions(cleaning))
    parts = folds(data.y, kept, count=_HELD, rng=rng(seed, "cleaning", "certify"))
    inside, outside = next(parts)
    learnt, asked = data.take(inside), data.take(outside)
    require_enough(len(learnt.y), wanted.count)
    yield 0.0
    require_repeatable(learnt, recipe, count=wanted.count, seed=seed)
    steps = taught(learnt, recipe, count=wanted.count, seed=seed, balanced=wanted.balanced)
    try:
        while True:
            yield next(steps) / wanted.count
    except StopIteration as end:
        models: Partitioned = end.value
    radii = tuple(one for one in _RADII if one <= wanted.count // 2)
    curve = certified_curve(certified(models.votes(asked.x)), asked.y, radii=radii)
    return certificate_finding(
        curve, name=data.name, count=wanted.count, n=len(asked.y), balanced=wanted.balanced
    )


def require_votes(rows: int, count: int) -> None:
    """Refuse more models than rows, before anything is done.

    Args:
        rows: Labelled rows there are before any leaves.
        count: Models that are to vote.

    Raises:
        UsageError: even if no row left, there would be parts without a row.
    """
    require_enough(rows - rows // _HELD, count)


def require_enough(learnt: int, count: int) -> None:
    """Refuse more models than rows that they learn from.

    Raises:
        UsageError: there are.
    """
    if count > learnt:
        message = (
            f"--certify {count:,} asks for more models than the {learnt:,} rows there are to learn "
            f"from (one row of {_HELD} is kept to ask them about); choose {learnt:,} at most"
        )
        raise UsageError(message)


def cleaned_data(cleaning: Cleaning) -> Dataset:
    """The labelled rows that stay, with the labels that were approved."""
    data, y = cleaning.data, cleaning.data.y.copy()
    for row, label in classes_of(cleaning).items():
        y[row] = label
    return relabelled(data, y).take(np.delete(np.arange(len(y)), positions(cleaning)))


def positions(cleaning: Cleaning) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Positions, among the labelled rows, of those that leave."""
    return np.flatnonzero(np.isin(cleaning.data.ids, cleaning.gone))


def classes_of(cleaning: Cleaning) -> dict[int, int]:
    """By position of a row, the class that was approved for it."""
    data = cleaning.data
    places = {str(label): place for place, label in enumerate(data.classes)}
    return {
        int(np.searchsorted(data.ids, row)): places[label]
        for row, label in cleaning.approved.items()
    }
