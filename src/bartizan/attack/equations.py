"""Linear models are stolen by solving equations: one question for each unknown."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind

_TINY = 1e-300
"""Stands for a probability of 0 so that its logarithm is finite."""
TRIED = 16
"""Rows that a solution is tried on, usually: one would do for all but contrived models."""
_SAME = 1e-4
"""Largest error, as a share of the spread of the scores, of a model that counts as linear:
models that work in single precision are linear to about 1e-6, curved ones are off by tenths."""


@dataclass(frozen=True)
class LinearCopy:
    """A linear model over terms, as recovered from answers."""

    terms: Terms
    weights: Array
    """Score of each class above the first, for each term; shape (terms, k)."""
    offset: Array
    """Shape (k,)."""
    asked: int
    """Questions it took to solve."""
    error: float
    """Largest error on the rows it was tried on, as a share of the spread of the scores."""

    @property
    def proven(self) -> bool:
        """Whether the model really is linear, as far as the rows tried can tell."""
        return self.error <= _SAME

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, k); those of the first class are 0."""
        return np.asarray(self.terms.matrix(x) @ self.weights + self.offset)


def relative(scores: Array, kind: ScoreKind) -> Array:
    """Scores above those of the first class; probabilities as logarithms. (n, k) -> (n, k)."""
    if kind == "probability":
        scores = np.log(np.maximum(scores, _TINY))
    return np.asarray(scores - scores[:, :1])


def solve(
    ask: Callable[[Array], Array], terms: Terms, *, kind: ScoreKind, rows: Array
) -> LinearCopy:
    """Recover a linear model, and find out whether it is one.

    The usual row and one change for each term make a system of equations with a single
    solution. Whether the solution holds elsewhere is tried on further rows.

    Args:
        ask: The model's scores, (m, d) -> (m, k). Sends exactly what it is given.
        terms: What the model may add up.
        kind: What the scores are; with probabilities, their logarithms are linear.
        rows: Rows to try the solution on, shape (t, d), t >= 1.

    Returns:
        The copy; `proven` says whether to believe it. Exact to rounding if the model is linear.

    Cost:
        terms + 1 questions to solve (d + 1 where all columns are numbers that are never
        missing), and t to try.

    Source:
        Tramer et al. (2016), "Stealing machine learning models via prediction APIs", section
        4.1. The questions are the usual row and its neighbours instead of random rows, so that
        the system is well conditioned and nothing is asked that the schema rules out.
    """
    probes = terms.probes()
    system = np.column_stack([np.ones(len(probes)), terms.matrix(probes)])
    answers = relative(ask(probes), kind)
    solution = scipy.linalg.lstsq(system, answers, lapack_driver="gelsy")[0]
    truth = relative(ask(rows), kind)
    made = LinearCopy(terms, solution[1:], solution[0], len(probes), np.inf)
    spread = max(float(np.ptp(truth)), float(np.ptp(answers)))
    if spread == 0.0:  # a constant answer is linear
        return LinearCopy(terms, solution[1:], solution[0], len(probes), 0.0)
    error = float(np.abs(made.scores(rows) - truth).max()) / spread
    return LinearCopy(terms, solution[1:], solution[0], len(probes), error)
