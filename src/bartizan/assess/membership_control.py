"""The control of membership inference: a twin that knows rows by heart, and one that does not."""

from collections.abc import Callable

import numpy as np

from bartizan.attack.memory import LearnsByHeart, LearnsNothing
from bartizan.core.arrays import Array
from bartizan.core.classifier import Recipe
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, ControlResult, Steps, Study, finished

_ROWS = 400
"""Rows looked at: a side of 200 tells an area of 0.7 from one half, in a fraction of a second."""
_CLASSES = 4
"""Labels are drawn among so many, so that a right answer is rarely luck."""
_FOUND = 0.7
"""Area that must be reached on the model that knows its rows by heart."""
_SLACK = 2.0
"""Half-widths of the 95 % interval that the area may be off one half for the other: a sound
attack is off by more than that in one run of ten thousand."""


def planted(run: Callable[..., Steps], params: object) -> Callable[..., ControlResult]:
    """The control of a membership check.

    Rows of the user get labels at random, so that there is nothing to learn but the rows
    themselves. Half of them train a twin.

    Args:
        run: The check.
        params: Its settings here: few models, few rows.

    Returns:
        ``control(*, constraint, data, recipe, rng) -> ControlResult``.
    """

    def control(
        *,
        constraint: Constraint | None,
        data: Dataset,
        recipe: Recipe | None,
        rng: np.random.Generator,
    ) -> ControlResult:
        del constraint, recipe  # the twins are trained in their own way
        rows = _relabelled(data, rng=rng)
        train = rows.take(np.arange(0, len(rows.y), 2))
        rest = rows.take(np.arange(1, len(rows.y), 2))

        def checked(twin: Recipe) -> CheckResult:
            model = twin.fit(train, rng)
            study = Study(model=model, data=rest, train=train, recipe=twin)
            return finished(run(study, params=params, rng=rng))

        heart = checked(LearnsByHeart(reach=_reach(train.x)))
        return _judged(heart, checked(LearnsNothing()))

    return control


def _relabelled(data: Dataset, *, rng: np.random.Generator) -> Dataset:
    """Some of the user's rows, of unit variance, nothing missing, with labels at random."""
    picked = rng.permutation(len(data.y))[:_ROWS]
    x = data.x[picked]
    known = ~np.isnan(x)
    x = np.where(known, x, 0.0)
    x /= np.maximum(np.abs(x).max(axis=0, initial=0.0), np.finfo(float).tiny)
    x = np.where(known, x - x.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    spread = np.sqrt((x**2).mean(axis=0)) if len(x) else np.ones(x.shape[1])
    return data.holding(
        x=x / np.where(spread > 0, spread, 1.0),
        y=rng.integers(0, _CLASSES, len(picked)),
        classes=tuple(range(_CLASSES)),
        ids=data.ids[picked],
    )


def _reach(x: Array) -> float:
    """The usual distance of a row to the nearest other one."""
    squares = (x**2).sum(axis=1)[:, None] + (x**2).sum(axis=1) - 2 * x @ x.T
    np.fill_diagonal(squares, np.inf)
    near = np.sqrt(np.maximum(squares.min(axis=1, initial=np.inf), 0.0))
    usual = float(np.median(near)) if len(near) > 1 else 1.0
    return usual if usual > 0 else 1.0


def _judged(heart: CheckResult, nothing: CheckResult) -> ControlResult:
    """Whether the first twin was caught, by scores and by labels, and the second was not."""
    found = {measure.name: measure for measure in heart.measures}
    scores, labels = found["membership-auc"], found["label-only-auc"]
    null = next(measure for measure in nothing.measures if measure.name == "membership-auc")
    if scores.value is None or labels.value is None or null.value is None:
        return ControlResult(
            passed=False, detail=f"nothing could be planted: {scores.why or null.why}"
        )
    wide = max((null.high or 1.0) - null.value, null.value - (null.low or 0.0))
    return ControlResult(
        passed=min(scores.value, labels.value) > _FOUND and abs(null.value - 0.5) <= _SLACK * wide,
        detail=(
            f"a model that knows {scores.n // 2} of your rows by heart is found out with an area "
            f"of {scores.value:.2f} (by labels {labels.value:.2f}), one that knows none with "
            f"{null.value:.2f}"
        ),
    )
