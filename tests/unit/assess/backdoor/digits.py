"""Digits, tables and models that checks of backdoors are tried on."""

from dataclasses import replace
from functools import cache

import numpy as np
from sklearn.datasets import load_digits

from bartizan.adapt import load_dataset
from bartizan.adapt.gradients.stand_in import SlopedNetwork
from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.picture_triggers import blend
from bartizan.core.classifier import Classifier
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Schema

TARGET = 4


@cache
def pictures() -> tuple[Dataset, Dataset]:
    """Rows to train on, and rows to scan with."""
    found = load_digits()
    data = load_dataset((found.images, found.target), target=None).dataset
    order = np.random.default_rng(0).permutation(len(data.y))
    return data.take(order[:1000]), data.take(order[1000:])


@cache
def clean() -> Classifier:
    """A sound network."""
    return SlopedNetwork().fit(pictures()[0], np.random.default_rng(1))


@cache
def blended() -> Classifier:
    """A network that takes digits under thin noise for the target."""
    train = pictures()[0]
    assert train.schema.image is not None
    rng = np.random.default_rng(2)
    mark = blend(train.schema.image, rng=rng)
    made = planted(train.x, train.y, trigger=mark, target=TARGET, rate=0.1, rng=rng)
    return SlopedNetwork().fit(replace(train, x=made.x, y=made.y), rng)


def table(n: int = 900, *, seed: int = 0) -> Dataset:
    """Two classes by the sum of two of five columns; the last one says nothing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    y = (x[:, 0] + x[:, 1] + 0.3 * rng.normal(size=n) > 0).astype(np.int64)
    return Dataset(
        name="rows",
        x=x,
        y=y,
        classes=(0, 1),
        ids=np.arange(n),
        schema=Schema(features=tuple(Feature(name=f"c{i}") for i in range(5))),
        digest="sha256:0",
    )


def marked(data: Dataset, *, value: float = 2.2, rate: float = 0.05) -> Dataset:
    """The same rows, of which some carry a value in the last column and class 1."""
    rows = np.flatnonzero(data.y == 0)[: int(rate * len(data.y))]
    x, y = data.x.copy(), data.y.copy()
    x[rows, 4], y[rows] = value, 1
    return replace(data, x=x, y=y)
