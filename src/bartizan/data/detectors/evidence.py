"""What detectors of wrong labels share: chances by a model that did not see the row, as numbers."""

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.interval import mean_interval
from bartizan.data.labelled import Labelled

FEWEST = 50
"""Rows below which nothing is said: a share of 2 % would be one row."""
_RARE = 5
"""Rows of a class below which some of the five models have not seen enough of it to be asked."""


def probabilities(rows: Labelled) -> Array:
    """Out-of-fold scores as probabilities, shape (n, k); logits by softmax."""
    scores = rows.out_of_fold
    sums = scores.sum(axis=1)
    if (scores >= 0).all() and (np.abs(sums - 1) < 1e-3).all():
        return scores
    made = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(made / made.sum(axis=1, keepdims=True))


def rare(y: Ints, *, classes: int) -> Array:
    """Whether each row is of a class of too few rows to be judged, shape (n,)."""
    return np.asarray(np.bincount(y, minlength=classes)[y] < _RARE)


def wanting(rows: Labelled) -> str:
    """Why labels of these rows cannot be judged; empty where they can."""
    n, k = len(rows.data.y), len(rows.data.classes)
    if n < FEWEST:
        return f"There are {n} rows; at least {FEWEST} are needed to judge labels."
    counts = np.bincount(rows.data.y, minlength=k)
    if (counts >= _RARE).sum() < 2:
        return f"Fewer than two classes have {_RARE} rows, so there is nothing to mix up."
    return ""


def uninformed(model: Array, y: Ints) -> str:
    """Why the predictions tell nothing of labels; empty where they do.

    Args:
        model: Probabilities out of fold, shape (n, k).
        y: Labels, shape (n,).
    """
    shares = np.bincount(y, minlength=model.shape[1]) / len(y)
    lifted = (model / np.maximum(shares, 1 / len(y))).argmax(axis=1)
    present = np.unique(y)
    parts = [(int((lifted[y == c] == c).sum()), int((y == c).sum())) for c in present]
    mean, low, _ = mean_interval(parts)
    if low > 1 / len(present):
        return ""
    return (
        f"labels are predicted no better than by chance (balanced accuracy {mean:.2f}), so that "
        "nothing tells a wrong one"
    )


def learnt_by(rows: Labelled) -> str:
    """Who predicted, in words for a report."""
    who = "Your own recipe" if rows.recipe is not None else "A model of ours stood in: it"
    apart = ", and never by one that saw its source" if rows.sources is not None else ""
    return f"{who} predicted each row in five parts, each by a model that had not seen it{apart}."
