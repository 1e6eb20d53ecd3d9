"""The tail of a weighted sum of chi-squares, which is what squared distances of means follow."""

import numpy as np
from scipy.special import chdtrc, log_ndtr

from bartizan.core.arrays import Array

_NEAR = 0.01
"""Saddle points closer to 0 than this, in units of the nearest pole: both parts of the formula grow
without bound there while their sum does not, and the value is so near the mean that the chi-square
of three moments is as good."""


def tail(value: float, *, weights: Array) -> float:
    """Probability that a weighted sum of squared standard normal numbers is larger than a value.

    Args:
        value: >= 0.
        weights: Shape (k,), >= 0, not all 0.

    Returns:
        0..1: within an eighth of itself in the tests, mostly on the large side.

    Cost:
        O(k) some twenty times.

    Source:
        Kuonen (1999), Biometrika 86: the saddle point approximation of Lugannani and Rice (1980)
        in the form of Barndorff-Nielsen (1990); near the mean Hall (1983), Annals of Probability
        11, and Buckley and Eagleson (1988), Austral. J. Stat. 30.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 (slow to import)

    if value <= 0:
        return 1.0
    used = weights[weights > 0] / weights.max()
    at = value / float(weights.max())

    def slope(t: float) -> float:
        return float((used / (1 - 2 * t * used)).sum()) - at

    lowest = -len(used) / (2 * at) - 1.0  # there every term is at most 1 / (2 |t|)
    point = brentq(slope, lowest, 0.5 * (1 - 0.5 / max(at, 1.0)), xtol=1e-12)
    if abs(point) < _NEAR:
        return _three_moments(at, weights=used)
    cumulant = -0.5 * float(np.log1p(-2 * point * used).sum())
    curve = 2 * float((used**2 / (1 - 2 * point * used) ** 2).sum())
    w = float(np.sign(point)) * np.sqrt(2 * (point * at - cumulant))
    v = point * np.sqrt(curve)
    return float(np.exp(log_ndtr(-(w + np.log(v / w) / w))))


def _three_moments(value: float, *, weights: Array) -> float:
    """By the chi-square of the same mean, variance and skewness."""
    first, second, third = (float((weights**power).sum()) for power in (1, 2, 3))
    freedom = second**3 / third**2
    at = (value - first) * np.sqrt(freedom / second) + freedom
    return float(chdtrc(freedom, max(at, 0.0)))
