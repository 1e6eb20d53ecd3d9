"""Spectral signatures: how far rows of a class lie along the direction of its largest spread."""

import numpy as np

from bartizan.core.arrays import Array, Ints


def spectral_scores(x: Array, y: Ints) -> Array:
    """Squared distance from the class's mean along its first principal direction.

    A group with something in common that the rest lacks adds a direction of large spread to what
    a hidden layer holds of its class. Rows are centred before they are scored, so that adding
    the same vector to all rows changes nothing.

    Args:
        x: Features, shape (n, w), finite.
        y: Class of each row, shape (n,).

    Returns:
        Shape (n,), in units of the mean of the class; larger = more suspicious. 0 in classes
        without spread.

    Cost:
        One singular value decomposition for each class.

    Source:
        Tran, Li and Madry (2018), "Spectral Signatures in Backdoor Attacks", arXiv:1811.00636,
        algorithm 1. Deviation: scores are divided by their mean, so that classes can be compared;
        nothing is removed.
    """
    found = np.zeros(len(x))
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        rest = x[rows] - x[rows].mean(axis=0)
        along = (rest @ np.linalg.svd(rest, full_matrices=False)[2][0]) ** 2
        level = float(along.mean())
        if level > np.finfo(np.float64).eps * max(float((x[rows] ** 2).mean()), 1e-300):
            found[rows] = along / level
    return found
