"""The control of inversion: a network with a patch planted must be found, a clean one must pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bartizan.adapt.gradients.stand_in import SlopedNetwork
from bartizan.assess.backdoor.poisoned_twin import Pair, poisoned_pair, rounds
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.core.classifier import Classifier, Differentiable, Recipe
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, ControlResult, Study, finished
from bartizan.core.trigger import Trigger
from bartizan.detect.trigger_size import ALONE, LINE

_SIDE = 0.1
"""Side of the patch beside the picture's: a pixel of 8 x 8, of which clean models need nine."""


def planted(run: Callable[..., Any], params: object) -> Callable[..., ControlResult]:
    """The control of the check: ``control(*, constraint, data, recipe, rng)``."""

    def control(
        *,
        constraint: Constraint | None,
        data: Dataset,
        recipe: Recipe | None,
        rng: np.random.Generator,
    ) -> ControlResult:
        del constraint
        image = data.schema.image
        if image is None:
            return ControlResult(passed=False, detail="rows are no images")

        def mark(_rows: Dataset) -> Trigger:
            side = max(round(_SIDE * min(image.height, image.width)), 1)
            return patch(image, size=side, corner="bottom-right", rng=rng)

        pair = poisoned_pair(
            data,
            recipe=recipe,
            own=SlopedNetwork(rounds=rounds(data)),
            fits=sloped,
            mark=mark,
            rng=rng,
        )
        if isinstance(pair, str):
            return ControlResult(passed=False, detail=pair)
        found, clean = (
            finished(run(_study(pair, model, recipe=recipe), params=params, rng=rng))
            for model in (pair.poisoned, pair.clean)
        )
        return _judged(pair, found, clean)

    return control


def sloped(model: Classifier) -> bool:
    """Whether a model shows its gradient."""
    return isinstance(model, Differentiable)


def _study(pair: Pair, model: Classifier, *, recipe: Recipe | None) -> Study:
    """With clean models where the check has them: where the user's recipe works.

    Of fewer than five classes nothing is said without them, so that there a recipe of ours has to
    do.
    """
    with_twins = pair.recipe is recipe or len(model.classes) < ALONE
    return Study(model=model, data=pair.rest, recipe=pair.recipe if with_twins else None)


def _judged(pair: Pair, found: CheckResult, clean: CheckResult) -> ControlResult:
    first, second = found.measures[0], clean.measures[0]
    if first.value is None or second.value is None:
        return ControlResult(passed=False, detail=f"it found nothing: {first.why or second.why}")
    return ControlResult(
        passed=first.value < LINE < second.value,
        detail=(
            f"with {pair.trigger.text} planted in your rows the smallest mark has "
            f"{first.value:.2f} of the usual size, without it {second.value:.2f} (line {LINE:.2f})"
        ),
    )
