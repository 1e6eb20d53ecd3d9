"""The check that the model is worth attacking: better than chance in every sense."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, Recipe, ScoreKind, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, ControlResult, Entry, Steps, Study
from bartizan.core.finding import Measure, Taxonomy
from bartizan.core.interval import mean_interval
from bartizan.core.schema import Label


@dataclass(frozen=True)
class Params:
    """No settings."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Measure balanced accuracy, which a constant answer cannot raise above chance.

    Args:
        study: The model, and rows it was not trained on.
        params: None.
        rng: Not used.

    Yields:
        How far it is.

    Returns:
        Balanced accuracy over the classes that occur, with chance (1 / number of them) as line.
    """
    del params, rng
    yield 0.0
    return measured(study.model, study.data.x, study.data.y)


def measured(model: Classifier, x: Array, y: Ints) -> CheckResult:
    """The measures of one model on some rows."""
    right = decisions(model.scores(x)) == y
    present = np.unique(y)
    parts = [(int(right[y == c].sum()), int((y == c).sum())) for c in present]
    mean, low, high = mean_interval(parts)
    chance = 1 / max(len(present), 2)
    if len(present) < 2:
        balanced = Measure(
            name="balanced-accuracy",
            value=None,
            why="the data holds one class only, so nothing can be told apart",
            better="higher",
        )
    else:
        balanced = Measure(
            name="balanced-accuracy", value=mean, low=low, high=high, n=len(y), better="higher"
        )
    accuracy = Measure(name="accuracy", value=float(right.mean()), n=len(y), better="higher")
    return CheckResult(
        measures=(balanced, accuracy),
        severity="high",
        line=chance,
        remarks=(_mixed_up(model.classes),) if high < chance and len(present) > 1 else (),
    )


def _mixed_up(classes: Sequence[Label]) -> str:
    """What it means to be worse than chance: a model that knows nothing is as good as chance."""
    order = ", ".join(repr(str(label)) for label in classes)
    return (
        "That is worse than chance: the model seems to know the classes, but its outputs are "
        f"taken to be {order}, in this order. If the order is another one, write it under "
        "`classes` of the model in the project file."
    )


@dataclass(frozen=True)
class _Constant:
    """Says the first class, always."""

    classes: tuple[Label, ...]
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(len(self.classes))[np.zeros(len(x), dtype=np.int64)]


@dataclass(frozen=True)
class _LookUp:
    """Knows the answers by heart."""

    classes: tuple[Label, ...]
    answers: Ints
    score_kind: ScoreKind = "label"

    def scores(self, x: Array) -> Array:
        return np.eye(len(self.classes))[self.answers[: len(x)]]


def control(
    *,
    constraint: Constraint | None,
    data: Dataset,
    recipe: Recipe | None,
    rng: np.random.Generator,
) -> ControlResult:
    """A constant model must not pass, a perfect one must."""
    del constraint, recipe, rng
    if len(np.unique(data.y)) < 2:
        return ControlResult(passed=False, detail="the data holds one class only")
    worst = measured(_Constant(data.classes), data.x, data.y)
    best = measured(_LookUp(data.classes, data.y), data.x, data.y)
    low, high = worst.measures[0].low or 0.0, best.measures[0].low or 0.0
    return ControlResult(
        passed=low <= (worst.line or 0.5) < high,
        detail=f"a constant model reaches {low:.3f} at least, a perfect one {high:.3f}",
    )


ENTRY = Entry(
    id="utility.balanced-accuracy",
    kind="check",
    title="Utility: better than chance",
    run=run,
    params=Params(),
    needs=("labels",),
    control=control,
    threshold=("balanced-accuracy", ">=", 0.5),
    unsure="fail",
    taxonomy=Taxonomy(),
    references=("Brodersen et al. (2010), ICPR, balanced accuracy",),
    fix=(
        "The model does not tell the classes apart on this data. Check the target, the classes "
        "and their order, the order of the columns, and their types: numbers that the model learnt "
        "as text or as codes, or categories coded otherwise than in its training. Robustness of "
        "such a model means nothing."
    ),
)
