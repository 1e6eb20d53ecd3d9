"""The control of a bias audit: an unfair twin must be found, fair ones must not be accused."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bartizan.assess.fairness.partition import crossings, questions, told
from bartizan.core.arrays import Ints
from bartizan.core.classifier import Recipe
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, ControlResult

_WRONGED = 2
"""Every second row of the wronged group is decided wrongly: a gap of a half, which 50 rows are
enough to be sure of."""
_ERRS = 5
"""A fair twin errs on every fifth row of each group."""


def planted(judge: Callable[..., CheckResult], params: Any, *, line: float) -> Callable[..., Any]:
    """The control: ``control(*, constraint, data, recipe, rng)``."""

    def control(
        *,
        constraint: Constraint | None,
        data: Dataset,
        recipe: Recipe | None,
        rng: np.random.Generator,
    ) -> ControlResult:
        del constraint, recipe
        found = _unfair(data, crossed=params.crossed)
        if found is None:
            detail = "no case could be planted: no two groups have enough rows of one class"
            return ControlResult(passed=False, detail=detail)
        whom, unfair = found

        def ends(decided: Ints) -> tuple[float, float]:
            result = judge(data, decided, protected=(), params=params, rng=rng).measures[0]
            return result.low or 0.0, result.high or 0.0

        caught, erring, flawless = ends(unfair), ends(_fair(data)), ends(data.y)
        return ControlResult(
            passed=caught[0] > line and erring[0] <= line and flawless[0] == 0.0,
            detail=(
                f"a twin that wrongs every second row of {whom} has a gap of {caught[0]:.3f} at "
                f"least, one that errs on every fifth row of all {erring[0]:.3f}, one without "
                f"error {flawless[0]:.3f} to {flawless[1]:.3f}"
            ),
        )

    return control


def _unfair(data: Dataset, *, crossed: bool) -> tuple[str, Ints] | None:
    """The group that is wronged, and decisions that wrong it alone."""
    parts = crossings(data.groups) if crossed else data.groups
    for part in parts:
        for one in questions(data.classes, ()):
            yes = one.wanted[data.y]
            counts = told(part, yes)
            for column, of_it in ((0, yes), (1, ~yes)):
                large = np.flatnonzero(counts[:, column] >= part.least)
                if len(large) > 1:
                    group = int(large[counts[large, column].argmax()])
                    rows = np.flatnonzero((part.codes == group) & of_it)
                    other = one.wanted if column else ~one.wanted
                    decided = data.y.copy()
                    decided[rows[::_WRONGED]] = int(other.argmax())
                    return f"{part.column} = {part.names[group]}", decided
    return None


def _fair(data: Dataset) -> Ints:
    """Decisions that are wrong equally often in all groups, as far as rows can be shared out."""
    order = np.lexsort((*(one.codes for one in data.groups), data.y))
    decided = data.y.copy()
    wrong = order[::_ERRS]
    decided[wrong] = (decided[wrong] + 1) % len(data.classes)
    return decided
