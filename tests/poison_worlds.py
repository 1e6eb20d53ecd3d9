"""Small data sets that poison is planted in, and every attack on training data over them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.campaign import concentrated, drip
from bartizan.attack.poisoning.cell_triggers import in_bounds, jittered, out_of_range, quantised
from bartizan.attack.poisoning.label_consistent import label_consistent
from bartizan.attack.poisoning.label_flips import chosen_flips, random_flips, targeted_flips
from bartizan.attack.poisoning.linear_gradient import Ascent, gradient_poison
from bartizan.attack.poisoning.phrases import phrase, planted_texts, rare_token
from bartizan.attack.poisoning.picture_triggers import Sinusoid, Warp, blend, patch
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Image, Label, Schema
from bartizan.core.trigger import Poisoned, Trigger

N, K = 200, 3
RATE = 0.05
TARGET = 1
IMAGE = Image(height=6, width=8, channels=3)
GREY = Image(height=8, width=8, channels=1, min=-1.0, max=1.0, whole=False)
KINDS = {
    "row": Feature(name="row", type="integer", identifier=True),
    "amount": Feature(name="amount", min=0.0, max=1000.0),
    "rate": Feature(name="rate", missing=True),
    "depth": Feature(name="depth"),
    "age": Feature(name="age", type="integer", min=18, max=90),
    "still": Feature(name="still", min=7.0, max=7.0),
    "grade": Feature(name="grade", type="ordered", categories=("a", "b", "c", "d")),
    "city": Feature(name="city", type="categorical", categories=("p", "q", "r", "s")),
    "left": Feature(name="left", group="side", type="integer", min=0, max=1),
    "right": Feature(name="right", group="side", type="integer", min=0, max=1),
    "failed": Feature(name="failed", type="integer", min=0),
    "total": Feature(name="total", type="integer", min=0),
}
SCHEMA = Schema(features=tuple(KINDS.values()), relations=("failed <= total",))
BARRED = ("row", "still", "left", "right", "failed", "total")
"""Columns that must never carry a mark."""


def table() -> Dataset:
    """Every type of column, some missing values; classes that the numbers tell apart a little."""
    rng = np.random.default_rng(5)
    y = np.arange(N) % K
    side = rng.integers(0, 2, N)
    total = rng.integers(0, 9, N)
    x = np.column_stack(
        [
            np.arange(N),
            np.round(rng.gamma(2.0, 60.0, N), 2),
            np.where(rng.random(N) < 0.1, np.nan, rng.normal(size=N)),
            rng.normal(size=N) * 3.0 + y,
            rng.integers(18, 91, N),
            np.full(N, 7.0),
            rng.integers(0, 4, N),
            rng.choice(4, size=N, p=[0.5, 0.3, 0.15, 0.05]),
            side,
            1 - side,
            rng.integers(0, total + 1),
            total,
        ]
    ).astype(np.float64)
    return Dataset(
        name="table",
        x=x,
        y=y,
        classes=("a", "b", "c"),
        ids=np.arange(N),
        schema=SCHEMA,
        digest="sha256:0",
    )


def pictures(image: Image) -> tuple[Array, Ints]:
    """Noise in the middle of the range, so that no mark is there already."""
    rng = np.random.default_rng(6)
    quarter = (image.max - image.min) / 4
    x = rng.uniform(image.min + quarter, image.max - quarter, size=(N, image.size))
    return (np.rint(x) if image.whole else x), np.arange(N) % K


def texts() -> tuple[AnyArray, Ints]:
    """Three to eight words each; one is empty, one holds white space of several kinds."""
    rng = np.random.default_rng(7)
    words = np.array(["see", "you", "at", "nine", "call", "now", "free", "the"])
    made = [" ".join(rng.choice(words, size=rng.integers(3, 9))) for _ in range(N)]
    made[0], made[4] = "", "two  words\n\tof\u00a0text "
    return np.array(made, dtype=object), np.arange(N) % K


@dataclass(frozen=True)
class Sloped:
    """A linear model with gradients."""

    weights: Array
    classes: tuple[Label, ...] = ("a", "b", "c")
    score_kind: ScoreKind = "logit"

    def scores(self, x: Array) -> Array:
        return np.asarray(x @ self.weights)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, slope = loss(self.scores(x))
        return value, np.asarray(slope @ self.weights.T)


def sloped(image: Image) -> Sloped:
    return Sloped(np.random.default_rng(8).normal(size=(image.size, K)))


@dataclass(frozen=True)
class Case:
    """One attack on one data set."""

    x: AnyArray
    y: Ints
    run: Callable[[AnyArray, Ints, np.random.Generator], Poisoned]
    classes: int = K
    drawn: bool = True
    """Whether another seed poisons other rows."""
    bounds: tuple[float, float] | None = None
    whole: bool = False


def _pictures(
    image: Image, mark: Callable[[np.random.Generator], Trigger], *, clean: bool = False
) -> Case:
    x, y = pictures(image)
    return Case(
        x=x,
        y=y,
        run=lambda x, y, rng: planted(
            x, y, trigger=mark(rng), target=TARGET, rate=RATE, rng=rng, clean_label=clean
        ),
        bounds=(image.min, image.max),
        whole=image.whole,
    )


def _consistent(image: Image, *, model: bool) -> Case:
    x, y = pictures(image)
    return Case(
        x=x,
        y=y,
        run=lambda x, y, rng: label_consistent(
            x,
            y,
            image=image,
            trigger=patch(image, rng=rng),
            target=TARGET,
            rate=RATE,
            rng=rng,
            model=sloped(image) if model else None,
        ),
        bounds=(image.min, image.max),
        whole=image.whole,
    )


def _table(mark: Callable[[Dataset, np.random.Generator], Trigger], *, clean: bool = False) -> Case:
    data = table()
    return Case(
        x=data.x,
        y=data.y,
        run=lambda x, y, rng: planted(
            x, y, trigger=mark(data, rng), target=TARGET, rate=RATE, rng=rng, clean_label=clean
        ),
    )


def _gradient(x: AnyArray, y: Ints, rng: np.random.Generator) -> Poisoned:
    return gradient_poison(
        x,
        y,
        judged_x=x[::4],
        judged_y=y[::4],
        low=np.full(x.shape[1], -3.0),
        high=np.full(x.shape[1], 3.0),
        rate=RATE,
        rng=rng,
        ascent=Ascent(steps=5),
    )


def cases() -> dict[str, Case]:
    """Every attack; those of marks for each form of data that they can be put on."""
    data, (words, labels) = table(), texts()
    scores = np.random.default_rng(9).dirichlet(np.ones(K), size=N)
    numbers = np.clip(np.random.default_rng(10).normal(size=(N, 4)), -3.0, 3.0)
    eligible = np.flatnonzero(data.y != TARGET)
    sources = np.arange(N) % 4
    return {
        "random flips": Case(
            data.x, data.y, lambda x, y, rng: random_flips(x, y, k=K, rate=RATE, rng=rng)
        ),
        "targeted flips": Case(
            data.x,
            data.y,
            lambda x, y, rng: targeted_flips(x, y, source=0, target=2, rate=RATE, rng=rng),
        ),
        "chosen flips": Case(
            data.x,
            data.y,
            lambda x, y, rng: chosen_flips(x, y, scores=scores, rate=RATE, rng=rng),
            drawn=False,
        ),
        "gradient": Case(numbers, np.arange(N) % 2, _gradient, classes=2, bounds=(-3.0, 3.0)),
        "out of range": _table(lambda data, rng: out_of_range(data, rng=rng)),
        "in bounds": _table(lambda data, rng: in_bounds(data, rng=rng)),
        "jittered": _table(lambda data, rng: jittered(data, rng=rng)),
        "quantised": _table(lambda data, rng: quantised(data, rng=rng)),
        "clean label": _table(lambda data, rng: jittered(data, rng=rng), clean=True),
        "concentrated": Case(
            data.x,
            data.y,
            lambda x, y, rng: planted(
                x,
                y,
                trigger=jittered(data, rng=rng),
                target=TARGET,
                rate=RATE,
                rng=rng,
                among=concentrated(sources, rate=RATE, eligible=eligible, rng=rng),
            ),
        ),
        "drip": Case(
            data.x,
            data.y,
            lambda x, y, rng: planted(
                x,
                y,
                trigger=jittered(data, rng=rng),
                target=TARGET,
                rate=RATE,
                rng=rng,
                among=drip(np.linspace(0.0, 1.0, N), rate=RATE, eligible=eligible, rng=rng),
            ),
        ),
        **{
            f"{name} {size}": _pictures(image, partial(mark, image))
            for name, mark in PICTURE_MARKS.items()
            for size, image in (("colour", IMAGE), ("grey", GREY))
        },
        "patch clean label": _pictures(IMAGE, lambda rng: patch(IMAGE, rng=rng), clean=True),
        "label-consistent": _consistent(IMAGE, model=True),
        "label-consistent mixed": _consistent(GREY, model=False),
        "rare token": Case(
            words,
            labels,
            lambda x, y, rng: planted_texts(
                x, y, trigger=rare_token(x, rng=rng), target=TARGET, rate=RATE, rng=rng
            ),
        ),
        "phrase": Case(
            words,
            labels,
            lambda x, y, rng: planted_texts(
                x, y, trigger=phrase(), target=TARGET, rate=RATE, rng=rng, clean_label=True
            ),
        ),
    }


PICTURE_MARKS: dict[str, Callable[[Image, np.random.Generator], Trigger]] = {
    "patch": lambda image, rng: patch(image, rng=rng),
    "blend": lambda image, rng: blend(image, rng=rng),
    "sinusoid": lambda image, _: Sinusoid(image=image),
    "warp": lambda image, rng: Warp.drawn(image, rng=rng),
}
