"""The control of cells: a model with a mark in one column must be found, a clean one must pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bartizan.assess.backdoor.cell_excess import LINE
from bartizan.assess.backdoor.poisoned_twin import poisoned_pair
from bartizan.attack.poisoning.cell_triggers import in_bounds
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, Study, finished
from bartizan.core.trigger import Trigger


def planted(
    run: Callable[..., Any], params: object, *, own: Recipe, fits: Callable[[Classifier], bool]
) -> Callable[..., ControlResult]:
    """The control of a check of tables.

    Args:
        run: The check.
        params: Its settings here.
        own: A recipe of ours, where the user's does not work.
        fits: Whether the check applies to what a recipe trains.

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
        del constraint
        if data.schema.image is not None:
            return ControlResult(passed=False, detail="rows are images")

        def mark(rows: Dataset) -> Trigger:
            return in_bounds(rows, count=1, quantile=_HIGH, region="sparse", rng=rng)

        pair = poisoned_pair(
            data, recipe=recipe, own=own, fits=fits, mark=mark, rng=rng, share=_TRAINED
        )
        if isinstance(pair, str):
            return ControlResult(passed=False, detail=pair)
        found, clean = (
            finished(
                run(Study(model=model, data=pair.rest, recipe=pair.recipe), params=params, rng=rng)
            )
            for model in (pair.poisoned, pair.clean)
        )
        first, second = found.measures[0], clean.measures[0]
        if first.value is None or second.value is None:
            return ControlResult(
                passed=False, detail=f"it found nothing: {first.why or second.why}"
            )
        line = found.line or LINE
        return ControlResult(
            passed=second.value < line < first.value,
            detail=(
                f"with {pair.trigger.text} planted in your rows one cell turns {first.value:.2f} "
                f"of them beyond clean models, without it {second.value:.2f} (line {line:.2f})"
            ),
        )

    return control


_TRAINED = 0.5
"""Part of the rows that the two models learn from; their clean twins learn from the rest, and must
not know far less than they do."""
_HIGH = 0.97
"""Quantile that the mark lies at: inside the range, where few rows are."""
