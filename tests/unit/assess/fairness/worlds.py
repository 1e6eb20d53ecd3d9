"""Small worlds with groups, and models that treat them as we say."""

import numpy as np

from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.groups import LEAST, Grouping
from bartizan.core.schema import Feature, Label, Schema


def grouping(codes: Ints, *, column: str = "g", least: int = LEAST) -> Grouping:
    """Groups that are called by their numbers."""
    names = tuple(str(code) for code in range(int(codes.max()) + 1))
    return Grouping(column=column, names=names, codes=codes, least=least)


def world(y: Ints, *groups: Grouping, classes: tuple[Label, ...] = ("no", "yes")) -> Dataset:
    """Rows without any feature that matters."""
    return Dataset(
        name="world",
        x=np.zeros((len(y), 1)),
        y=y,
        classes=classes,
        ids=np.arange(len(y)),
        schema=Schema(features=(Feature(name="x"),)),
        digest="sha256:0",
        groups=groups,
    )


def erring(y: Ints, share: AnyArray | float, *, rng: np.random.Generator) -> Ints:
    """Decisions that are wrong on a share of the rows, drawn for each row."""
    return np.where(rng.random(len(y)) < share, 1 - y, y)
