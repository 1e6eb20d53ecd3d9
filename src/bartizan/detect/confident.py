"""Confident learning: which labels a model that did not see them contradicts."""

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ShapeError

_BLOCK = 4_000_000
"""Numbers looked at at a time: 32 MB, whatever the number of classes."""


def thresholds(probabilities: Array, y: Ints) -> Array:
    """How sure the model usually is of each class, where that is the label.

    Args:
        probabilities: Out of fold, shape (n, k).
        y: Labels, shape (n,).

    Returns:
        Shape (k,): mean probability of a class among the rows labelled so; of a class without
        rows infinity, so that nothing is taken for it.

    Raises:
        ShapeError: labels and probabilities do not belong together.

    Source:
        Northcutt, Jiang and Chuang (2021), JAIR 70, equation 2.
    """
    _require(probabilities, y)
    k = probabilities.shape[1]
    counts = np.bincount(y, minlength=k)
    sums = np.bincount(y, weights=self_confidence(probabilities, y), minlength=k)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.inf))


def self_confidence(probabilities: Array, y: Ints) -> Array:
    """Probability of each row's own label, shape (n,); smaller = more suspicious."""
    _require(probabilities, y)
    return np.asarray(probabilities[np.arange(len(y)), y])


def normalised_margin(probabilities: Array, y: Ints) -> Array:
    """Probability of the own label less that of the best other, as 0..1; smaller = suspicious."""
    own = self_confidence(probabilities, y)
    others = probabilities.copy()
    others[np.arange(len(y)), y] = -np.inf
    return np.asarray((own - others.max(axis=1) + 1) / 2)


def confident_joint(probabilities: Array, y: Ints) -> tuple[Array, Mask]:
    """Count labels against the classes that the model is confident of.

    A row counts for the likeliest class among those that it reaches the threshold of, and for none
    if it reaches none. Counts are then scaled so that each label has as many rows as it has.

    Args:
        probabilities: Out of fold, shape (n, k).
        y: Labels, shape (n,).

    Returns:
        The estimated number of rows of each label (first axis) and true class, shape (k, k), and
        the rows that count for another class than their label, shape (n,).

    Raises:
        ShapeError: labels and probabilities do not belong together.

    Cost:
        One pass over n x k numbers in blocks.

    Source:
        Northcutt, Jiang and Chuang (2021), JAIR 70, equations 1 to 3 (method 2, C_confusion with
        thresholds, is what is counted here).
    """
    bars = thresholds(probabilities, y)
    k = len(bars)
    counts = np.zeros((k, k))
    off = np.zeros(len(y), dtype=np.bool_)
    step = max(_BLOCK // k, 1)
    for start in range(0, len(y), step):
        part, label = probabilities[start : start + step], y[start : start + step]
        reached = np.where(part >= bars - 1e-6, part, -1.0)  # sums of floats are not exact
        guess = reached.argmax(axis=1)
        sure = reached.max(axis=1) >= 0
        np.add.at(counts, (label[sure], guess[sure]), 1.0)
        off[start : start + step] = sure & (guess != label)
    return _scaled(counts, y), off


def _scaled(counts: Array, y: Ints) -> Array:
    """Rows of the table that sum to the number of labels; a label nobody is sure of is right."""
    have = np.bincount(y, minlength=len(counts)).astype(np.float64)
    sums = counts.sum(axis=1)
    made = counts * (have / np.maximum(sums, 1))[:, None]
    empty = np.flatnonzero(sums == 0)
    made[empty, empty] = have[empty]
    return made


def _require(probabilities: Array, y: Ints) -> None:
    if probabilities.ndim != 2 or len(probabilities) != len(y) or not len(y):
        message = f"one row of probabilities for each label is needed, got {probabilities.shape} "
        raise ShapeError(message + f"for {len(y)} labels")
