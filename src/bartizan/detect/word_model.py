"""A linear model of the words of a text, small enough to be trained for one question."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from bartizan.core.arrays import Array, Ints

_DAMP = 1.0
"""Ridge, in texts: a word of one text gets half of the weight it asks for."""
_STEPS = 50
"""Steps of the solver; the decisions stand still after thirty."""


@dataclass(frozen=True)
class WordModel:
    """One weight for each word and class."""

    weights: Array
    """Shape (v, k)."""
    offset: Array
    """Shape (k,)."""

    def says(self, holds: csr_matrix) -> Ints:
        """The class of each text; words (n, v) -> (n,)."""
        return np.asarray((holds @ self.weights + self.offset).argmax(axis=1))


def word_model(holds: csr_matrix, y: Ints, *, classes: int) -> WordModel:
    """Learn weights of words by least squares.

    Args:
        holds: Which texts hold which words, shape (n, v), 0 or 1.
        y: Labels, shape (n,).
        classes: How many, k.

    Returns:
        The model. Each text counts in the length of one word, so that long ones do not rule.

    Cost:
        `_STEPS` products with the matrix for each class.

    Source:
        Ridge regression on indicators by LSQR, Paige and Saunders (1982), ACM TOMS 8.
    """
    from scipy.sparse.linalg import lsqr  # noqa: PLC0415 (slow to import)

    told = np.where(y[:, None] == np.arange(classes), 1.0, -1.0)
    offset = told.mean(axis=0)
    found = [
        lsqr(holds, told[:, k] - offset[k], damp=_DAMP, iter_lim=_STEPS)[0] for k in range(classes)
    ]
    return WordModel(np.stack(found, axis=1), offset)
