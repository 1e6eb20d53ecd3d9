"""Rows on which a wrong reading of trees shows: at thresholds, one float beside them, gaps."""

from typing import Any

import numpy as np

from bartizan.adapt import bind, load_model
from bartizan.adapt.bound_trees import BoundTrees
from bartizan.adapt.table import Table
from bartizan.core.arrays import Array
from bartizan.core.trees import Trees

N = 2000


def rows(trees: Trees, x: Array, *, gaps: bool, n: int = N) -> Array:
    """Rows of the data with half of their values moved to the thresholds of the trees."""
    rng = np.random.default_rng(3)
    made = x[rng.integers(len(x), size=n)].copy()
    for column in range(x.shape[1]):
        at = trees.threshold[(trees.feature == column) & np.isfinite(trees.threshold)]
        if at.size:
            put = np.flatnonzero(rng.random(n) < 0.5)
            value = rng.choice(at, size=len(put))
            single = value.astype(np.float32)
            near = (
                value,
                np.nextafter(value, np.inf),
                np.nextafter(value, -np.inf),
                single.astype(float),
                np.nextafter(single, np.float32(np.inf)).astype(float),
                np.nextafter(single, np.float32(-np.inf)).astype(float),
            )
            made[put, column] = np.stack(near)[rng.integers(6, size=len(put)), np.arange(len(put))]
    if gaps:
        made[rng.random(made.shape) < 0.1] = np.nan
    return made


def bound(model: Any, table: Table, **options: Any) -> BoundTrees:
    """A model whose trees could be read."""
    made = bind(load_model(model, **options), table)
    assert isinstance(made, BoundTrees), made.notes
    assert made.notes == ()
    return made


def as_answered(trees: Trees, x: Array, *, kind: str) -> Array:
    """Scores of trees as probabilities, if the model gives these."""
    scores = trees.scores(x)
    if trees.kind == kind:
        return scores
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
