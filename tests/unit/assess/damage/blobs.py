"""Rows in clumps, and learners of known traits."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bartizan.attack.memory import ByHeart, LearnsByHeart
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Study
from bartizan.core.errors import ModelError
from bartizan.core.provenance import Provenance
from bartizan.core.schema import Feature, Image, Label, Schema
from bartizan.core.streams import rng

HEART = LearnsByHeart(reach=1.0)


def clumps(
    n: int, *, seed: int = 0, k: int = 2, d: int = 3, shares: tuple[float, ...] = ()
) -> Dataset:
    """Classes far apart, which every learner knows, in clumps so wide that no rows are near."""
    stream = rng(seed, "clumps")
    y = stream.choice(k, size=n, p=shares or None)
    x = stream.normal(size=(n, d))
    x[:, 0] += 100.0 * y
    return Dataset(
        name="clumps", x=x, y=y, classes=tuple(range(k)), ids=np.arange(n), digest="",
        schema=Schema(features=tuple(Feature(name=f"x{j}") for j in range(d))),
    )  # fmt: skip


def pictures(n: int, *, seed: int = 0, side: int = 8) -> Dataset:
    """Noise on a dark and on a bright ground."""
    stream = rng(seed, "pictures")
    y = stream.integers(0, 2, n)
    x = np.rint(stream.uniform(60, 100, size=(n, side * side)) + 80 * y[:, None])
    return Dataset(
        name="pictures", x=x, y=y, classes=(0, 1), ids=np.arange(n), digest="",
        schema=Schema(features=(), image=Image(height=side, width=side, channels=1)),
    )  # fmt: skip


def study(train: Dataset, data: Dataset, recipe: Any = HEART, **more: Any) -> Study:
    model = HEART.fit(train, rng(0))
    known = {"model": model, "data": data, "train": train, "recipe": recipe}
    sources = Provenance(sources=np.arange(len(train.y)) % 5)
    return Study(**{**known, "provenance": sources, **more})


@dataclass
class Noting:
    """Notes what it is given to train on, and learns it by heart."""

    given: list[Dataset] = field(default_factory=list, repr=False)

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        self.given.append(data)
        return HEART.fit(data, rng)


@dataclass(frozen=True)
class Always:
    """Says one class, whatever it is asked."""

    classes: tuple[Label, ...]
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        return np.tile(np.eye(len(self.classes))[0], (len(x), 1))


class Constant:
    """The recipe of a model that its rows have no part in."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del rng
        return Always(data.classes)


class Raising:
    """A recipe that does not work."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del data, rng
        message = "this recipe needs a licence"
        raise ModelError(message)


@dataclass(frozen=True)
class Wavering:
    """A model that is wrong about some rows by luck."""

    heart: ByHeart
    share: float
    classes: tuple[Label, ...]
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        made = self.heart.scores(x)
        wrong = np.arange(len(x)) % 100 < 100 * self.share
        made[wrong] = -made[wrong]
        return made


@dataclass
class Restless:
    """A recipe with luck of its own: the same rows and seed make another model each time."""

    fits: int = 0

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        self.fits += 1
        return Wavering(HEART.fit(data, rng), 0.02 * (self.fits % 5), data.classes)
