"""The check on what a model rests on: one feature that carries everything is a weakness."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.contribution import contributions
from bartizan.assess.importance_control import planted
from bartizan.core.arrays import Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Steps, Study
from bartizan.core.finding import Importance, Measure, Severity, Taxonomy
from bartizan.core.schema import Schema
from bartizan.explain.permutation import Losses, losses, permutation

_NAME = "largest-share"
_LINE = 0.90
"""Accepted: a model that loses nine tenths of what it knows with one feature has nothing to fall
back on, and is either a short cut, a leak of the answer, or one thing to forge."""
_ALONE = 0.97
"""Above this the other features are decoration."""
_DRAWS = 1000
"""Samples of rows behind the interval of the share."""


@dataclass(frozen=True)
class Params:
    """How much is shuffled."""

    rows: int = 1000
    """Rows that are shuffled, at most, evenly over the classes."""
    repeats: int = 5
    """Shuffles of each feature."""


def features(schema: Schema) -> dict[str, Ints]:
    """Columns of each feature, a one-hot group being one."""
    groups = schema.groups()
    found = {
        feature.name: np.array([place])
        for place, feature in enumerate(schema.features)
        if feature.group is None
    }
    return found | {name: np.array(columns) for name, columns in groups.items()}


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Measure how much the model loses with each feature, and whether one carries it all.

    Args:
        study: The model, and rows it was not trained on.
        params: Rows and repeats.
        rng: For the rows and shuffles.

    Yields:
        How far it is; a step for each feature.

    Returns:
        The largest share of the total importance in one feature, and all importances.

    Cost:
        rows * (1 + features * repeats) rows sent to the model, and contributions.

    Source:
        See `bartizan.explain.permutation` and `bartizan.explain.trees`.
    """
    yield 0.0
    data, groups = study.data, features(study.data.schema)
    if len(np.unique(data.y)) < 2 or len(groups) < 2:
        why = "it takes two classes and two features to tell which feature matters"
        return CheckResult(measures=(Measure(name=_NAME, value=None, why=why),), severity="low")
    rows = evenly(data.y, params.rows, rng)
    parts = []
    for part in permutation(
        study.model,
        data.x[rows],
        data.y[rows],
        donors=data.x,
        groups=tuple(groups.values()),
        repeats=params.repeats,
        rng=rng,
    ):
        parts.append(part)
        yield 0.9 * len(parts) / len(groups)
    lost = losses(parts, data.y[rows])
    added, how = contributions(study.model, data, groups, rng=rng)
    share = largest_share(lost, rng=rng)
    return CheckResult(
        measures=(share,),
        severity=severity(share.value or 0.0),
        importances=_importances(tuple(groups), lost, added),
        remarks=(_shuffled(data, len(rows), params), how),
    )


def evenly(y: Ints, n: int, rng: np.random.Generator) -> Ints:
    """At most n positions, as many of each class as there are, up to an even share."""
    classes, counts = np.unique(y, return_counts=True)
    found, left = [], n
    for place, rank in enumerate(np.argsort(counts, kind="stable")):
        here = rng.permutation(np.flatnonzero(y == classes[rank]))
        found.append(here[: max(1, left // (len(classes) - place))])
        left -= len(found[-1])
    return np.sort(np.concatenate(found))


def largest_share(lost: Losses, *, rng: np.random.Generator) -> Measure:
    """Share of the total positive importance that the most important feature carries.

    Args:
        lost: What each feature's shuffling cost.
        rng: For the interval, over rows drawn anew within each class.
    """
    value, n = lost.value, lost.lost.shape[1]
    top = int(value.argmax())
    if lost.interval()[0][top] <= 0:
        why = "no feature matters to the model's balanced accuracy beyond chance"
        return Measure(name=_NAME, value=None, why=why, n=n)
    share = float(value[top] / np.maximum(value, 0).sum())
    drawn = np.maximum(lost.resampled(_DRAWS, rng=rng), 0)
    total = drawn.sum(axis=1)
    low, high = np.quantile(drawn.max(axis=1)[total > 0] / total[total > 0], (0.025, 0.975))
    low, high = float(min(low, share)), float(max(high, share))
    return Measure(name=_NAME, value=share, low=low, high=high, n=n)


def severity(share: float) -> Severity:
    """Medium where one feature is all the model has (above 0.97); low otherwise.

    It is a weakness of design: what an attacker makes of it, the attacks measure.
    """
    return "medium" if share > _ALONE else "low"


def _importances(
    names: tuple[str, ...], lost: Losses, added: dict[str, float]
) -> tuple[Importance, ...]:
    """A record for each feature, the most important first."""
    low, high = lost.interval()
    value = lost.value
    return tuple(
        Importance(
            feature=names[place],
            value=float(value[place]),
            low=float(low[place]),
            high=float(high[place]),
            contribution=added.get(names[place]),
        )
        for place in np.argsort(-value, kind="stable")
    )


def _shuffled(data: Dataset, n: int, params: Params) -> str:
    some = f"{n} of {len(data.y)} rows, evenly over the classes" if n < len(data.y) else "all rows"
    return (
        f"Each feature was shuffled {params.repeats} times among {some}. What two features both "
        "tell shows in neither: a small importance does not mean that a feature says nothing."
    )


ENTRY = Entry(
    id="explain.importance",
    kind="check",
    title="Explanation: what the model rests on",
    run=run,
    params=Params(),
    needs=("labels", "columns"),
    control=planted(run, Params(rows=500)),
    threshold=(_NAME, "<=", _LINE),
    weight=2,
    taxonomy=Taxonomy(),
    references=(
        "Breiman (2001), Machine Learning 45, permutation importance",
        "Lundberg et al. (2020), Nature Machine Intelligence 2, tree Shapley values",
    ),
    fix=(
        "Find out why one feature carries the model: does it leak the answer, or can whoever "
        "is judged by the model set it? Drop or cap it, and train on features that are dear to "
        "forge."
    ),
)
