"""Labelled rows made up for tests of detectors, with wrong labels where they are asked for."""

import numpy as np
import polars as pl

from bartizan.adapt.table import load_dataset
from bartizan.core.arrays import Ints
from bartizan.core.streams import rng
from bartizan.data.labelled import Labelled


def made(
    n: int = 800,
    *,
    rate: float = 0.0,
    classes: int = 2,
    apart: float = 3.0,
    sources: int = 0,
    seed: int = 0,
) -> tuple[Labelled, Ints]:
    """Rows of classes that lie apart, and the positions of those with a wrong label."""
    draws = rng(seed, "labelled rows")
    truth = np.sort(np.arange(n) % classes)
    middle = apart * draws.normal(size=(classes, 5))
    x = draws.normal(size=(n, 5)) + middle[truth]
    wrong = np.sort(draws.permutation(n)[: round(rate * n)])
    y = truth.copy()
    y[wrong] = (y[wrong] + draws.integers(1, max(classes, 2), size=len(wrong))) % classes
    return labelled(x, y, sources=draws.integers(sources, size=n) if sources else None), wrong


def labelled(x: object, y: object, *, sources: Ints | None = None) -> Labelled:
    """A table of numbers."""
    frame = pl.DataFrame(np.asarray(x, dtype=np.float64), schema=[f"c{i}" for i in range(5)])
    data = load_dataset(frame.with_columns(label=pl.Series(np.asarray(y))), target="label").dataset
    names = () if sources is None else tuple(f"shop {i}" for i in range(int(sources.max()) + 1))
    return Labelled(data=data, sources=sources, source_names=names)
