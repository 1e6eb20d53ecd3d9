"""The control of the filter: rows with a mark that a model follows must be refused, others pass."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.assess.backdoor.strip_trial import Params, trial
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import Recipe, ScoreKind
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult
from bartizan.core.schema import Label

_ROWS = 600
"""Rows of the user that the twin answers, at most: half of them set the threshold."""
_FEWEST = 100
"""Rows without which no threshold is set: of fifty, the least is one of 2 %."""
_PASSED = 0.05
"""Stamped rows that may pass: a model that is sure of every marked one lets none through."""
_REFUSED = 0.06
"""Clean rows that may be refused. Of 50 rows that the least of 50 others is set on, more than three
are in one run of twenty; of 300 such rows, more than 18 in one of two thousand."""


@dataclass(frozen=True)
class Marked:
    """Sure of one class where the marked pixels are all bright, torn by brightness elsewhere."""

    pixels: Mask
    """Which pixels the mark covers, shape (d,)."""
    dark: float
    bright: float
    """What a pixel is at least, and at most, which the marked ones are."""
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, 2)."""
        sure = (x[:, self.pixels] >= self.bright).all(axis=1)
        torn = 0.3 + 0.4 * (x.mean(axis=1) - self.dark) / (self.bright - self.dark)
        chance = np.where(sure, 1.0, torn)
        return np.stack([1 - chance, chance], axis=1)


def control(
    *,
    constraint: Constraint | None,
    data: Dataset,
    recipe: Recipe | None,
    rng: np.random.Generator,
) -> ControlResult:
    """A filter made as the check makes it must refuse rows with a patch, and let clean ones pass.

    The model is one of ours whose answers are known, so that nothing but the filter can fail.
    """
    del constraint, recipe
    image = data.schema.image
    if image is None:
        return ControlResult(passed=False, detail="rows are no images")
    if len(data.y) < _FEWEST:
        return ControlResult(passed=False, detail=f"only {len(data.y)} rows; {_FEWEST} are needed")
    rows = data.take(rng.permutation(len(data.y))[:_ROWS])
    rows = replace(rows, y=np.zeros_like(rows.y))  # so that every row is stamped
    mark = patch(image, corner="bottom-right", rng=rng)
    twin = Marked(np.asarray(mark.mask) > 0, image.min, image.max)
    tried = trial(rows, model=twin, trigger=mark, target=1, params=Params(), rng=rng)
    passed, refused = float(tried.passed.mean()), float(tried.refused.mean())
    return ControlResult(
        passed=passed <= _PASSED and refused <= _REFUSED,
        detail=(
            f"of {len(tried.passed)} of your rows with {mark.text} {1 - passed:.0%} were refused, "
            f"of {len(tried.refused)} clean ones {refused:.0%}"
        ),
    )
