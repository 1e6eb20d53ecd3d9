"""Moves a two-class decision from one half to an operating point."""

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ConfigError

_SMALLEST = 1e-300
"""Stands for a probability of 0, so that its logarithm is finite."""
_NEAREST = 2.0**-53
"""Stands for 1 - p where p is 1: the distance of the nearest number below."""
TIE = 1e-12
"""Margin of a row exactly at the operating point: the decision there is the second class,
while equal scores would mean the first."""


def require_threshold(threshold: float) -> None:
    """Refuse an operating point outside (0, 1).

    Raises:
        ConfigError: it lies outside; at the ends one class is never chosen.
    """
    if not 0.0 < threshold < 1.0:
        message = f"a threshold is a probability between 0 and 1, got {threshold}"
        raise ConfigError(message)


def at_threshold(scores: Array, *, kind: ScoreKind, threshold: float) -> Array:
    """Scores whose larger column is the decision at an operating point.

    Args:
        scores: Shape (n, 2): probabilities, or logits whose difference is the log-odds.
        kind: Which of both.
        threshold: Probability of the second class from which on it is chosen.

    Returns:
        Logits, shape (n, 2): the first column 0, the second the distance from the operating
        point in log-odds, above 0 exactly where p >= threshold.

    Example:
        >>> scores = np.array([[0.7, 0.3], [0.71, 0.29]])
        >>> at_threshold(scores, kind="probability", threshold=0.3).argmax(axis=1).tolist()
        [1, 0]
    """
    if kind == "probability":
        chance = scores[:, 1]
        odds = np.log(np.maximum(chance, _SMALLEST)) - np.log(np.maximum(1.0 - chance, _NEAREST))
        reached = chance >= threshold
    else:
        odds = scores[:, 1] - scores[:, 0]
        reached = odds >= log_odds(threshold)
    return past(odds - log_odds(threshold), reached=reached)


def past(margin: Array, *, reached: Mask) -> Array:
    """Two columns whose larger one says whether the point is reached; (n,) -> (n, 2)."""
    both = np.zeros((len(margin), 2))
    both[:, 1] = np.where(reached, np.maximum(margin, TIE), np.minimum(margin, -TIE))
    return both


def log_odds(chance: float) -> float:
    """Logit of a probability in (0, 1)."""
    return float(np.log(chance) - np.log1p(-chance))
