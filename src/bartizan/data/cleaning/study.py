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
    sources: Ints | None = None
    """Who contributed each row, shape (n,); none = not told. Where there are enough of them, no
    row is judged by a model that learnt from kept rows of its source."""
    recipe: Recipe
    rounds: int = ROUNDS
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Which rows of other classes get the target of a suspected mark; shape (n,) each.

    The same rows are asked four times, so that rows on which two answers agree are known.
    """

    trigger: SuspectedTrigger
    before: Mask
    """With the mark, from models that were trained with the suspects."""
    usual_before: Mask
    """With something ordinary in place of the mark, from the same models: in its cells, those of
    an honest row of the target's class; on pictures, nothing."""
    after: Mask
    """With the mark, from models that were trained without the suspects."""
    usual_after: Mask
    """With something ordinary, from models that were trained without."""

    @property
    def n(self) -> int:
        """Rows that were asked about."""
        return len(self.before)


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
    said: list[list[Mask]] = [[] for _ in plan.triggers]
    sources = None if plan.sources is None else plan.sources[kept]
    parts = folds(y[kept], sources, count=plan.rounds, rng=stream)
    for number, (inside, outside) in enumerate(parts):
        models = _pair(plan, kept[inside], y=y, number=number)
        rows = data.x[kept[outside]]
        old[outside], new[outside] = (decisions(model.scores(rows)) for model in models)
        for place, one in enumerate(plan.triggers):
            asked = rows[y[kept[outside]] != one.target]
            honest = data.x[kept[inside][y[kept[inside]] == one.target]]
            draws = rng(plan.seed, "cleaning", "stamp", number)
            said[place].append(_answers(models, asked, one, honest=honest, draws=draws))
        yield (number + 1) / plan.rounds
    marked = tuple(
        _joined(one, np.concatenate(answers, axis=1))
        for one, answers in zip(plan.triggers, said, strict=True)
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


def _joined(trigger: SuspectedTrigger, answers: Mask) -> Marked:
    before, usual_before, after, usual_after = answers
    return Marked(
        trigger=trigger,
        before=before,
        usual_before=usual_before,
        after=after,
        usual_after=usual_after,
    )


def _answers(
    models: tuple[Classifier, Classifier],
    rows: Array,
    one: SuspectedTrigger,
    *,
    honest: Array,
    draws: np.random.Generator,
) -> Mask:
    """Which rows get the target, (4, n): of each model, with the mark and as usual."""
    if not len(rows):
        return np.zeros((4, 0), dtype=np.bool_)
    stamped = one.trigger.stamp(rows, rng=draws)
    usual = _usual(rows, one, honest=honest, draws=draws)
    asked = [(model, x) for model in models for x in (stamped, usual)]
    return np.stack([_gets(model.scores(x), one.target) for model, x in asked])


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
