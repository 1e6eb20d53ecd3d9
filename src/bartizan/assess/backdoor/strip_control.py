"""The control of the filter: a twin that follows a mark must be seen, one that never does not."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.classifier import Recipe, ScoreKind
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult
from bartizan.core.schema import Label
from bartizan.detect.strip import Strip, limit

_ROWS = 300
"""Rows of the user that the twin answers, at most."""
_FEWEST = 40
"""Rows without which no threshold is set."""
_REFUSED = 0.05
"""Clean rows that may be refused here: fifteen of three hundred."""


@dataclass(frozen=True)
class Marked:
    """Sure of one class on rows that lie at or beyond a point, torn on all others."""

    column: int
    value: float
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, 2)."""
        sure = x[:, self.column] >= self.value
        torn = 0.5 + 0.2 * np.sin(np.nan_to_num(x).sum(axis=1))
        chance = np.where(sure, 1.0, torn)
        return np.stack([1 - chance, chance], axis=1)


def control(
    *,
    constraint: Constraint | None,
    data: Dataset,
    recipe: Recipe | None,
    rng: np.random.Generator,
) -> ControlResult:
    """Rows whose first value was raised must be refused by the filter, and clean ones pass."""
    del constraint, recipe
    x = data.x[rng.permutation(len(data.y))[:_ROWS]]
    if len(x) < _FEWEST:
        return ControlResult(passed=False, detail=f"only {len(x)} rows; {_FEWEST} are needed")
    first = np.nan_to_num(x[:, 0])
    x = np.concatenate([first[:, None], x[:, 1:]], axis=1)
    beyond = float(first.max()) + 10.0 * max(float(first.max() - first.min()), 1.0)
    twin = Marked(0, beyond - (beyond - float(first.max())) / 2)
    strip = Strip(overlays=_without(x), low=-np.inf, high=np.inf, copies=10)
    clean = strip.score(twin, x, rng=rng)
    line = limit(clean, refused=_REFUSED)
    marked = x.copy()
    marked[:, 0] = beyond
    seen = float((strip.score(twin, marked, rng=rng) < line).mean())
    again = float((strip.score(twin, x, rng=rng) < line).mean())
    return ControlResult(
        passed=seen > 1 - _REFUSED and again < 3 * _REFUSED,
        detail=(
            f"of {len(x)} of your rows with a planted mark {seen:.0%} were refused, of clean ones "
            f"{again:.0%}"
        ),
    )


def _without(x: Array) -> Array:
    """Rows whose first value adds nothing."""
    made = x.copy()
    made[:, 0] = 0.0
    return made
