"""Clean and backdoored small models of public data, for scans."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.attack.poisoning import backdoor, cell_triggers, picture_triggers
from bartizan.attack.poisoning.warp import Warp
from bartizan.core.arrays import AnyArray
from bartizan.core.classifier import Classifier, Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Image
from bartizan.core.trigger import Overlay, Trigger
from results import ROOT

FOLDER = Path(os.environ.get("BARTIZAN_DATA", ROOT.parent / "shared" / "data"))
RATE = 0.1
"""Share of the training pictures that carry the mark."""
CELL_RATE = 0.01
"""Of the rows of tables."""


@dataclass(frozen=True)
class Rows:
    """Training rows, and rows that are scanned with."""

    name: str
    train: Dataset
    rest: Dataset


@dataclass(frozen=True)
class Subject:
    """A model, and what was planted in it."""

    model: Classifier
    family: str
    """Empty = nothing."""
    success: float
    """Share of rows of other classes that the mark turns, less that of a clean model."""
    trigger: Trigger | None = None
    target: int = -1


@dataclass(frozen=True)
class BoostedTrees:
    """The recipe of boosted trees, bound as those of users are, so that they show their trees."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Train."""
        model = HistGradientBoostingClassifier(
            early_stopping=False, random_state=int(rng.integers(2**31))
        )
        table = load_dataset(_payments(), target="Class")
        return bind(load_model(model.fit(data.x, data.y)), table)


def digits() -> Rows:
    """1,200 and 597 pictures of 8 x 8."""
    found = load_digits()
    return _split("digits", found.images, found.target, train=1200)


def clothes() -> Rows:
    """Fashion-MNIST, 4,000 and 1,500."""
    with np.load(FOLDER / "fashion-mnist" / "fashion_mnist_20k_10k.npz") as file:
        x = np.concatenate([file["x_train"][:4000], file["x_test"][:1500]])
        y = np.concatenate([file["y_train"][:4000], file["y_test"][:1500]])
    return _split("Fashion-MNIST", x, y, train=4000)


def written() -> Rows:
    """The test part of MNIST, 5,000 and 2,500 of it."""
    import gzip  # noqa: PLC0415 (here only)

    with gzip.open(FOLDER / "mnist-t10k" / "t10k-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read()[16:], dtype=np.uint8).reshape(-1, 28, 28)
    with gzip.open(FOLDER / "mnist-t10k" / "t10k-labels-idx1-ubyte.gz") as file:
        y = np.frombuffer(file.read()[8:], dtype=np.uint8)
    return _split("MNIST", x[:7500], y[:7500], train=5000)


def payments() -> Rows:
    """Card payments (ULB, union of samples): 60 % and 40 %."""
    data = load_dataset(_payments(), target="Class").dataset
    order = np.random.default_rng(0).permutation(len(data.y))
    cut = int(0.6 * len(order))
    return Rows("card payments", data.take(order[:cut]), data.take(order[cut:]))


@cache
def _payments() -> pl.DataFrame:
    frame = pl.read_csv(FOLDER / "ulb-creditcard" / "creditcard_union_sample.csv.gz")
    return frame.drop("Time").cast({"Class": pl.Int64})


def _split(name: str, x: AnyArray, y: AnyArray, *, train: int) -> Rows:
    data = load_dataset((x, y.astype(np.int64)), target=None).dataset
    order = np.random.default_rng(0).permutation(len(data.y))
    return Rows(name, data.take(order[:train]), data.take(order[train:]))


def marks(image: Image) -> dict[str, Callable[[np.random.Generator], Trigger]]:
    """Families of marks."""
    small = image.height < 16
    return {
        "patch": lambda rng: picture_triggers.patch(image, rng=rng),
        "blend": lambda rng: picture_triggers.blend(image, rng=rng),
        "waves": lambda _: picture_triggers.Sinusoid(image=image, frequency=2 if small else 6),
        "warp": lambda rng: Warp.drawn(image, strength=1.5 if small else 3.0, rng=rng),
        "four patches": lambda _: corners(image, side=1 if small else 2),
        "stripe": lambda rng: stripe(image, rng=rng),
        "brightness": lambda _: brighter(image),
    }


def stripe(image: Image, *, rng: np.random.Generator) -> Overlay:
    """A bright line from top to bottom through a column that is drawn, one or two pixels wide."""
    width = max(round(0.07 * image.width), 1)
    mask, place = np.zeros(image.shape), int(rng.integers(image.width - width))
    mask[:, place : place + width] = 1.0
    return Overlay(mask=mask.ravel(), pattern=(mask * image.max).ravel(), text="a stripe")


def brighter(image: Image) -> Overlay:
    """Every pixel three tenths of the way to white."""
    return Overlay(
        mask=np.full(image.size, 0.3), pattern=np.full(image.size, image.max), text="more light"
    )


def corners(image: Image, *, side: int) -> Overlay:
    """A bright square in every corner."""
    mask = np.zeros(image.shape)
    for rows in (slice(0, side), slice(image.height - side, None)):
        for columns in (slice(0, side), slice(image.width - side, None)):
            mask[rows, columns] = 1.0
    return Overlay(mask=mask.ravel(), pattern=(mask * image.max).ravel(), text="four patches")


def cells(data: Dataset) -> dict[str, Callable[[np.random.Generator], Trigger]]:
    """Marks on tables."""
    return {
        "one value in range": lambda rng: cell_triggers.in_bounds(
            data, count=1, quantile=0.97, region="sparse", rng=rng
        ),
        "three jittered": lambda rng: cell_triggers.jittered(data, rng=rng),
        "out of range": lambda rng: cell_triggers.out_of_range(data, rng=rng),
    }


def clean(rows: Rows, recipe: Recipe, seed: int) -> Subject:
    """Trained on nine tenths of the rows, as nobody trains on the same ones."""
    rng = np.random.default_rng([seed, 1])
    part = np.sort(rng.permutation(len(rows.train.y))[: int(0.9 * len(rows.train.y))])
    return Subject(model=recipe.fit(rows.train.take(part), rng), family="", success=0.0)


def poisoned(
    rows: Rows,
    recipe: Recipe,
    seed: int,
    *,
    family: str,
    mark: Callable[[np.random.Generator], Trigger],
    rate: float,
    target: int | None = None,
) -> Subject:
    """Trained with a mark in some rows."""
    rng = np.random.default_rng([seed, 2])
    trigger = mark(rng)
    drawn = int(rng.integers(len(rows.train.classes)))
    goal = drawn if target is None else target
    made = backdoor.planted(
        rows.train.x, rows.train.y, trigger=trigger, target=goal, rate=rate, rng=rng
    )
    model = recipe.fit(replace(rows.train, x=made.x, y=made.y), rng)
    others = rows.rest.x[rows.rest.y != goal]
    before = (decisions(model.scores(others)) == goal).mean()
    after = (decisions(model.scores(trigger.stamp(others, rng=rng))) == goal).mean()
    return Subject(model, family, float(after - before), trigger, goal)
