"""The control of the checks: a twin that believes every row, and one that believes none."""

from collections.abc import Callable

import numpy as np

from bartizan.attack.memory import LearnsByHeart, LearnsNothing
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Recipe
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, ControlResult, Steps, Study, finished
from bartizan.core.errors import InputError
from bartizan.core.provenance import Provenance
from bartizan.core.schema import Feature, Image, Schema

_ROWS = 600
"""Rows looked at: half of them train a twin in a few milliseconds."""
_COLUMNS = 3
"""Columns kept: as many as the widest mark has, so that the mark is most of what a row is and the
nearest row to a marked one is a marked one."""
_SIDE = 4
"""Pixels along a side of the images of the control, for the same reason."""
_SPLIT = 0.6
"""Share of the rows in the class that marks lead to, which holds the low values: marks of high ones
do not lead there by themselves."""
_DITHER = 0.02
"""Noise added to ranks, as a share of the rows: of three columns of codes alone most rows would be
equal, and rows that stand in the training data measure nothing."""
_SOURCES = 5
"""Contributors that the rows are dealt out to, one after the other: few hold much each."""
_NOTHING = 0.02
"""Damage that may be found on the twin that no row has a part in; it is always the same model."""


def planted(
    run: Callable[..., Steps], params: object, *, least: float, twin: Recipe | None = None
) -> Callable[..., ControlResult]:
    """The control of a check on poisoned training data.

    A look-up of the nearest row believes whatever stands in its rows, so poison must show. A model
    drawn at random, the same whatever the rows say, must show none.

    Args:
        run: The check.
        params: Its settings here: few rows and seeds, much poison.
        least: Damage that must be found on the first twin.
        twin: Another one in its place.

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
        try:
            rows = _plain(data, rng=rng)
        except InputError as error:
            return ControlResult(passed=False, detail=f"nothing could be planted: {error}")

        def checked(twin: Recipe) -> CheckResult:
            train = rows.take(np.arange(0, len(rows.y), 2))
            rest = rows.take(np.arange(1, len(rows.y), 2))
            study = Study(
                model=twin.fit(train, rng),
                data=rest,
                train=train,
                provenance=Provenance(sources=np.arange(len(train.y)) % _SOURCES),
                recipe=twin,
            )
            return finished(run(study, params=params, rng=rng))

        harmed = checked(twin or LearnsByHeart(reach=1.0))
        return _judged(harmed, checked(LearnsNothing()), least=least)

    return control


def _plain(data: Dataset, *, rng: np.random.Generator) -> Dataset:
    """Some of the user's rows, few numbers each, of two classes that these numbers tell apart.

    Raises:
        InputError: no number differs from row to row.
    """
    picked = rng.permutation(len(data.y))[:_ROWS]
    x, schema = (
        _columns(data, picked, rng=rng) if data.schema.image is None else _small(data, picked)
    )
    level = x.mean(axis=1) if schema.image else x[:, 0]
    y = (level > np.quantile(level, _SPLIT)).astype(np.int64)
    if not y.any():  # most rows have the largest value
        y = (level > level.mean()).astype(np.int64)
    return data.holding(
        x=x, y=y, classes=(0, 1), ids=data.ids[picked], schema=schema, name="planted"
    )


def _columns(data: Dataset, rows: Ints, *, rng: np.random.Generator) -> tuple[Array, Schema]:
    """The few columns of most different values or codes, as ranks: tails would hide the marks."""
    from scipy.stats import rankdata  # noqa: PLC0415 (slow to import)

    plain = np.flatnonzero([not feature.identifier for feature in data.schema.features])
    x = data.x[np.ix_(rows, plain)]
    distinct = np.array([len(np.unique(column[~np.isnan(column)])) for column in x.T])
    order = np.argsort(-distinct, kind="stable")[:_COLUMNS]
    best = order[distinct[order] > 1]
    if not best.size:
        message = f"no column of {data.name!r} holds numbers that differ from row to row"
        raise InputError(message)
    ranks = rankdata(np.where(np.isnan(x[:, best]), -np.inf, x[:, best]), axis=0)
    ranks += _DITHER * len(rows) * rng.normal(size=ranks.shape)
    made = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    names = [data.schema.features[plain[place]].name for place in best]
    return made, Schema(features=tuple(Feature(name=name) for name in names))


def _small(data: Dataset, rows: Ints) -> tuple[Array, Schema]:
    """Images shrunk to few pixels, each the mean of those it stands for."""
    image = data.schema.image or Image(height=1, width=1, channels=1)
    pictures = data.x[rows].reshape(len(rows), image.height, image.width, image.channels)
    for axis in (1, 2):
        parts = np.array_split(np.arange(pictures.shape[axis]), min(_SIDE, pictures.shape[axis]))
        shrunk = [pictures.take(part, axis=axis).mean(axis=axis) for part in parts]
        pictures = np.stack(shrunk, axis=axis)
    height, width, channels = pictures.shape[1:]
    small = Image(
        height=height, width=width, channels=channels, min=image.min, max=image.max, whole=False
    )
    return pictures.reshape(len(rows), -1), Schema(features=(), image=small)


def _judged(heart: CheckResult, nothing: CheckResult, *, least: float) -> ControlResult:
    """Whether the first twin was harmed, and the second was not."""
    first = heart.measures[0]
    if first.value is None:
        return ControlResult(passed=False, detail=f"nothing could be planted: {first.why}")
    damage = first.name.split("-at-")[0]
    null = [
        abs(one.value)
        for one in nothing.measures[1:]
        if one.name.startswith(damage) and one.value is not None
    ]
    most = max(null, default=0.0)  # one that gets no row right has none to lose to a mark
    return ControlResult(
        passed=first.value >= least and most <= _NOTHING,
        detail=(
            f"on your own rows, {first.name.replace('-', ' ')} is {first.value:.0%} for a model "
            f"that believes its rows ({least:.0%} is needed), and {most:.0%} at most for one that "
            "no row has a part in"
        ),
    )
