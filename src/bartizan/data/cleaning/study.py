"""What cleaning gained: models trained with the suspects and without, judged on the same rows."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier, Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import SuspectedTrigger
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells
from bartizan.data.folds import folds

ROUNDS = 5
"""Pairs of models; each kept row is judged once by models that have not seen it."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is compared."""

    data: Dataset
    """All rows, with the labels they came with."""
    gone: Ints
    """Positions of rows that leave, ascending."""
    labels: Mapping[int, int] = field(default_factory=dict)
    """By position, the class that a person approved."""
    triggers: tuple[SuspectedTrigger, ...] = ()
    recipe: Recipe
    rounds: int = ROUNDS
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Marked:
    """What a suspected mark does to rows of other classes, counted; `n` rows each."""

    trigger: SuspectedTrigger
    before: int
    """Marked rows that get the target from models that were trained with the suspects."""
    after: int
    """The same of models that were trained without them."""
    usual: int
    """What the models trained without say of the same rows with something ordinary in place of the
    mark: in its cells, those of an honest row of the target's class; on pictures, nothing."""
    n: int


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Decisions on the kept rows, each by models that have not seen it."""

    rows: Ints
    """Positions of the kept rows, ascending."""
    y: Ints
    """Their classes, as approved."""
    before: Ints
    """What models say that were trained with the suspects."""
    after: Ints
    """What models say that were trained without."""
    marked: tuple[Marked, ...]


def effect(plan: Plan) -> Generator[float, None, Effect]:
    """Train pairs of models, one with the suspects and one without.

    Both learn from the same kept rows and are asked about the same others, so that what differs
    is the suspects alone. Suspects are never judged by: what their true labels are is not known.

    Args:
        plan: What is compared.

    Yields:
        How far it is, 0 to 1.

    Returns:
        Every decision.

    Raises:
        ModelError: a model cannot be trained.

    Cost:
        2 trainings a round.
    """
    data, y = plan.data, plan.data.y.copy()
    for row, label in plan.labels.items():
        y[row] = label
    kept = np.delete(np.arange(len(y)), plan.gone)
    stream = rng(plan.seed, "cleaning", "folds")
    old, new = (np.full(len(kept), -1, dtype=np.int64) for _ in range(2))
    counts = np.zeros((len(plan.triggers), 4), dtype=np.int64)
    parts = folds(y[kept], None, count=plan.rounds, rng=stream)
    for number, (inside, outside) in enumerate(parts):
        models = _pair(plan, kept[inside], y=y, number=number)
        rows = data.x[kept[outside]]
        old[outside], new[outside] = (decisions(model.scores(rows)) for model in models)
        for place, one in enumerate(plan.triggers):
            asked = rows[y[kept[outside]] != one.target]
            honest = data.x[kept[inside][y[kept[inside]] == one.target]]
            draws = rng(plan.seed, "cleaning", "stamp", number)
            counts[place] += _counted(models, asked, one, honest=honest, draws=draws)
        yield (number + 1) / plan.rounds
    marked = tuple(
        Marked(trigger=one, before=a, after=b, usual=c, n=n)
        for one, (a, b, c, n) in zip(plan.triggers, counts.tolist(), strict=True)
    )
    return Effect(rows=kept, y=y[kept], before=old, after=new, marked=marked)


def relabelled(data: Dataset, y: Ints) -> Dataset:
    """The same rows with other classes."""
    return replace(data, y=y)


def _pair(plan: Plan, taught: Ints, *, y: Ints, number: int) -> tuple[Classifier, Classifier]:
    """A model trained with the suspects and their old labels, and one without."""
    with_them = np.union1d(taught, plan.gone)
    made = []
    for rows, labels in ((with_them, plan.data.y), (taught, y)):
        data = relabelled(plan.data, labels).take(rows)
        made.append(plan.recipe.fit(data, rng(plan.seed, "cleaning", number)))
    return made[0], made[1]


def _counted(
    models: tuple[Classifier, Classifier],
    rows: Array,
    one: SuspectedTrigger,
    *,
    honest: Array,
    draws: np.random.Generator,
) -> Ints:
    """Rows that get the target: marked with suspects, marked without, usual without; and all."""
    if not len(rows):
        return np.zeros(4, dtype=np.int64)
    stamped = one.trigger.stamp(rows, rng=draws)
    usual = _usual(rows, one, honest=honest, draws=draws)
    asked = ((models[0], stamped), (models[1], stamped), (models[1], usual))
    hits = [_gets(model.scores(x), one.target).sum() for model, x in asked]
    return np.array([*hits, len(rows)], dtype=np.int64)


def _usual(
    rows: Array, one: SuspectedTrigger, *, honest: Array, draws: np.random.Generator
) -> Array:
    """The rows with ordinary values of the target's class where the mark has its own.

    Any honest value in strong columns moves some rows there: purchases from nearby are seldom
    fraud. What a mark does beyond that is what was planted.
    """
    if not isinstance(one.trigger, Cells) or not len(honest):
        return rows
    made, columns = rows.copy(), one.trigger.columns
    made[:, columns] = honest[draws.integers(len(honest), size=len(rows))][:, columns]
    return made


def _gets(scores: Array, target: int) -> Mask:
    return np.asarray(decisions(scores) == target)
