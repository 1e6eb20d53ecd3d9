"""Whether a mark works: what it does to a poisoned model beyond what it does to a clean one."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Ints, Mask, frozen
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.errors import InputError
from bartizan.core.interval import paired_gap, share_interval
from bartizan.core.trigger import Trigger


@dataclass(frozen=True, kw_only=True)
class Success:
    """What a mark does to one model."""

    rows: Ints
    """Rows of other classes that the model gets right without the mark: positions, ascending."""
    hits: Mask
    """Which of them it takes for the target with the mark, shape (len(rows),)."""

    def __post_init__(self) -> None:
        """Lock the arrays."""
        for name in ("rows", "hits"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def share(self) -> float:
        """Of the rows, 0..1."""
        return float(self.hits.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % over rows."""
        return share_interval(int(self.hits.sum()), len(self.hits))


@dataclass(frozen=True, kw_only=True)
class NetSuccess:
    """What a mark does to a poisoned model beyond what it does to a clean one, on the same rows."""

    value: float
    """Share of the rows, -1..1; larger = the poison did more."""
    low: float
    high: float
    """95 % interval over rows; chance in training is not in it, several trainings show that."""
    poisoned: float
    """Share that the poisoned model takes for the target."""
    clean: float
    """Share that the clean model takes for it."""
    n: int
    """Rows: of other classes, and right without the mark by both models."""


def success(
    model: Classifier,
    x: AnyArray,
    y: Ints,
    *,
    trigger: Trigger,
    target: int,
    rng: np.random.Generator,
) -> Success:
    """Put the mark on rows of other classes that the model gets right.

    Args:
        model: Asked twice.
        x: Rows it was not trained on, shape (n, d) or (n,).
        y: Their classes, shape (n,).
        trigger: The mark.
        target: The class it shall call up.
        rng: For marks that are never twice the same.

    Returns:
        Which rows follow the mark.

    Raises:
        InputError: there is no such row.
    """
    rows = _right(x, y, target=target, models=(model,))
    marked = trigger.stamp(x[rows], rng=rng)
    return Success(rows=rows, hits=decisions(model.scores(marked)) == target)


def net_success(
    poisoned: Classifier,
    clean: Classifier,
    x: AnyArray,
    y: Ints,
    *,
    trigger: Trigger,
    target: int,
    rng: np.random.Generator,
) -> NetSuccess:
    """Success on a poisoned model less that of the same marks on a clean one.

    A mark that looks like the target class moves clean models as well: three strong columns of a
    fraud table, set to values of honest customers, moved more than half of the frauds of a model
    that nobody had touched.

    Args:
        poisoned: Trained with the poison.
        clean: Trained without it.
        x: Rows that neither was trained on, shape (n, d) or (n,).
        y: Their classes, shape (n,).
        trigger: The mark; both models see the same marked rows.
        target: The class it shall call up.
        rng: For marks that are never twice the same.

    Returns:
        The difference with its interval over rows.

    Raises:
        InputError: no row of another class is right by both models.
    """
    rows = _right(x, y, target=target, models=(poisoned, clean))
    marked = trigger.stamp(x[rows], rng=rng)
    first, second = (decisions(one.scores(marked)) == target for one in (poisoned, clean))
    value, low, high = paired_gap(first, second)
    return NetSuccess(
        value=value,
        low=low,
        high=high,
        poisoned=float(first.mean()),
        clean=float(second.mean()),
        n=len(rows),
    )


def _right(x: AnyArray, y: Ints, *, target: int, models: tuple[Classifier, ...]) -> Ints:
    """Rows of other classes that all models get right."""
    rows = np.flatnonzero(y != target)
    for model in models:
        if len(rows):
            rows = rows[decisions(model.scores(x[rows])) == y[rows]]
    if not len(rows):
        message = (
            f"no row of another class than {target} is right by {len(models)} model(s) without "
            "the mark, so nothing can be said of the mark; bring rows that the model gets right"
        )
        raise InputError(message)
    return rows
