"""The control of importances: a twin that rests on known features, in a known order."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Recipe, ScoreKind, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, Study, finished
from bartizan.core.schema import Label

_ROWS = 2000
"""Rows of the user's data that the twin answers, at most."""
_FIRST, _SECOND = 2.0, 1.0
"""Weights of the two columns, whose ranks are brought to the same spread."""
_MATTERS = 0.02
"""Change of the twin's answers from which the second column must be found."""


@dataclass(frozen=True)
class RankTwin:
    """A weighted sum of how high two columns rank among the user's rows, cut in the middle."""

    columns: Ints
    """Shape (2,)."""
    values: tuple[Array, ...]
    """Sorted values of each column."""
    ranks: tuple[Array, ...]
    """Rank of each, with mean 0 and spread 1."""
    weights: Array
    middle: float = 0.0
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "label"

    def value(self, x: Array) -> Array:
        """The sum before the cut: (n, d) -> (n,)."""
        total = np.zeros(len(x))
        for column, values, ranks, weight in zip(
            self.columns, self.values, self.ranks, self.weights, strict=True
        ):
            place = np.searchsorted(values, x[:, column])  # NaN sorts last, as in `values`
            total += weight * ranks[np.minimum(place, len(ranks) - 1)]
        return total

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, 2)."""
        return np.eye(2)[(self.value(x) > self.middle).astype(np.int64)]


def planted(run: Callable[..., Any], params: object) -> Callable[..., ControlResult]:
    """The control of importances: ``control(*, constraint, data, recipe, rng)``."""

    def control(
        *,
        constraint: Constraint | None,
        data: Dataset,
        recipe: Recipe | None,
        rng: np.random.Generator,
    ) -> ControlResult:
        del constraint, recipe
        sample = data.take(rng.permutation(len(data.y))[:_ROWS])
        twin = twin_of(sample)
        y = decisions(twin.scores(sample.x))
        if min(y.mean(), 1 - y.mean()) < 0.02:
            detail = "no case could be planted: fewer than two columns vary enough"
            return ControlResult(passed=False, detail=detail)
        judged = dataclasses.replace(sample, y=y, classes=twin.classes)
        found = finished(run(Study(model=twin, data=judged), params=params, rng=rng)).importances
        names = [_owner(data, int(column)) for column in twin.columns]
        wanted = names if _second_matters(twin, sample.x, rng) else names[:1]
        ranked = [one.feature for one in found[: len(wanted)]]
        idle = [one for one in found if one.feature not in names and not one.low <= 0 <= one.high]
        return ControlResult(
            passed=ranked == wanted and found[0].low > 0 and not idle,
            detail=(
                f"a twin that rests on {' before '.join(wanted)} was found to rest on "
                f"{' before '.join(ranked)}; {len(idle)} features it does not use seemed to matter"
            ),
        )

    return control


def twin_of(data: Dataset) -> RankTwin:
    """A twin that rests on the two columns whose values vary most, of different features."""
    from scipy.stats import rankdata  # noqa: PLC0415 (a second, and rarely needed)

    ranks = np.column_stack([rankdata(_known(column)) for column in data.x.T]) / len(data.y)
    spread = ranks.std(axis=0)
    order = np.argsort(-spread, kind="stable")
    first = int(order[0])
    others = [int(j) for j in order if _owner(data, int(j)) != _owner(data, first)]
    columns = np.array([first, *others[:1]])
    kept = [np.unique(_known(data.x[:, j]), return_index=True) for j in columns]
    scaled = (ranks - ranks.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    twin = RankTwin(
        columns=columns,
        values=tuple(values for values, _ in kept),
        ranks=tuple(scaled[at, j] for (_, at), j in zip(kept, columns, strict=True)),
        weights=np.array([_FIRST, _SECOND][: len(columns)]),
    )
    return dataclasses.replace(twin, middle=_cut(twin.value(data.x)))


def _cut(value: Array) -> float:
    """The value of the sum that shares the rows out most evenly."""
    found, counts = np.unique(value, return_counts=True)
    above = 1 - np.cumsum(counts) / len(value)
    return float(found[np.abs(above - 0.5).argmin()])


def _known(column: Array) -> Array:
    """Missing values rank above all others."""
    return np.where(np.isnan(column), np.inf, column)


def _owner(data: Dataset, column: int) -> str:
    feature = data.schema.features[column]
    return feature.group or feature.name


def _second_matters(twin: RankTwin, x: Array, rng: np.random.Generator) -> bool:
    """Whether the second column changes enough answers to be found."""
    if len(twin.columns) < 2:
        return False
    mixed = x.copy()
    mixed[:, twin.columns[1]] = rng.permutation(x[:, twin.columns[1]])
    changed = decisions(twin.scores(mixed)) != decisions(twin.scores(x))
    return bool(changed.mean() > _MATTERS)
