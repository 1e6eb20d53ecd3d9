"""What gradient attacks climb: losses of the scores, larger = closer to what the attacker wants.

Each is a `RowLoss`: scores (m, k) and the rows they belong to (m,) -> values (m,) and exact
derivatives (m, k). Values that are not numbers count as the worst there is, and have no slope.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.oracle import Oracle, RowLoss

_FLOOR = 1e-12
"""Least spread of scores that a difference is divided by; Croce and Hein (2020) use the same."""
_UNTARGETED, _TARGETED = (1.0, 0.0, -1.0), (1.0, 0.0, -0.5, -0.5)
"""Weights of the largest scores in the spread, by rank: equations 6 and 7 of the paper."""


def cross_entropy(oracle: Oracle) -> RowLoss:
    """Logarithm of the odds against the own class, or of the probability of the target.

    Its slope vanishes where the model is sure of itself: the softmax saturates.

    Args:
        oracle: Knows the classes of the rows and the goal.
    """
    y, target = oracle.y, oracle.target

    def loss(scores: Array, rows: Ints) -> tuple[Array, Array]:
        places = np.arange(len(scores))
        chosen = y[rows] if target is None else np.full(len(rows), target)
        shifted = scores - scores.max(axis=1, keepdims=True)
        slope = np.exp(shifted)
        total = slope.sum(axis=1)
        value = np.log(total) - shifted[places, chosen]
        slope /= total[:, None]
        slope[places, chosen] = 0.0
        slope[places, chosen] = -slope.sum(axis=1)  # not p - 1: that is 0 once p rounds to 1
        return (value, slope) if target is None else (-value, -slope)

    return _sane(loss)


def margin(oracle: Oracle, *, scale: Array | None = None) -> RowLoss:
    """Score of the class the attacker wants minus the score of its rival; above 0 = reached.

    Untargeted, that is the best other class minus the own one. It never saturates, and serves
    two classes as it serves many.

    Args:
        oracle: Knows the classes of the rows and the goal.
        scale: What each row's difference is divided by, shape (rows,), above 0.
    """

    def loss(scores: Array, rows: Ints) -> tuple[Array, Array]:
        return _over(_pair(oracle, scores, rows), 1.0 if scale is None else scale[rows])

    return _sane(loss)


def dlr(oracle: Oracle) -> RowLoss:
    """The margin divided by the spread of the largest scores: indifferent to their scale.

    Needs three classes; four where the goal is a class, since a target that is the last of three
    would be as far away as the spread, and feel no slope.

    Source: Croce and Hein (2020), arXiv:2003.01690, equation 6; for a goal, with the spread of
    equation 7.
    """
    weights = _UNTARGETED if oracle.target is None else _TARGETED

    def loss(scores: Array, rows: Ints) -> tuple[Array, Array]:
        return _quotient(_pair(oracle, scores, rows), _spread(scores, weights=weights))

    return _sane(loss)


def targeted_dlr(oracle: Oracle, classes: Ints) -> RowLoss:
    """The same towards one class for each row; spreads as in equation 7. Needs four classes.

    Args:
        oracle: Knows the classes of the rows.
        classes: The class to go to, shape (rows,).
    """
    y = oracle.y

    def loss(scores: Array, rows: Ints) -> tuple[Array, Array]:
        pair = _difference(scores, wanted=classes[rows], rival=y[rows])
        return _quotient(pair, _spread(scores, weights=_TARGETED))

    return _sane(loss)


@dataclass(frozen=True)
class _Linear:
    """A difference of some scores, and its derivatives by all of them."""

    value: Array
    slope: Array


def _pair(oracle: Oracle, scores: Array, rows: Ints) -> _Linear:
    """What the attacker wants minus its rival, whatever the goal."""
    goal = oracle.y[rows] if oracle.target is None else np.full(len(rows), oracle.target)
    others = scores.copy()
    np.put_along_axis(others, goal[:, None], -np.inf, axis=1)
    rival = others.argmax(axis=1)
    if oracle.target is None:
        return _difference(scores, wanted=rival, rival=goal)
    return _difference(scores, wanted=goal, rival=rival)


def _difference(scores: Array, *, wanted: Ints, rival: Ints) -> _Linear:
    places = np.arange(len(scores))
    slope = np.zeros_like(scores)
    slope[places, wanted] += 1.0
    slope[places, rival] -= 1.0
    return _Linear(scores[places, wanted] - scores[places, rival], slope)


def _spread(scores: Array, *, weights: tuple[float, ...]) -> _Linear:
    """A weighted sum of the largest scores, by rank."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, : len(weights)]
    slope = np.zeros_like(scores)
    np.put_along_axis(slope, order, np.array(weights)[None, :], axis=1)
    value = np.take_along_axis(scores, order, axis=1) @ np.array(weights)
    return _Linear(np.maximum(value, _FLOOR), np.where(value[:, None] > _FLOOR, slope, 0.0))


def _over(top: _Linear, scale: Array | float) -> tuple[Array, Array]:
    factor = np.broadcast_to(1.0 / np.asarray(scale), top.value.shape)
    return top.value * factor, top.slope * factor[:, None]


def _quotient(top: _Linear, bottom: _Linear) -> tuple[Array, Array]:
    value = top.value / bottom.value
    slope = (top.slope - value[:, None] * bottom.slope) / bottom.value[:, None]
    return value, slope


def _sane(loss: Callable[[Array, Ints], tuple[Array, Array]]) -> RowLoss:
    """Scores that are not finite give the worst value and no slope, without a warning."""

    def sane(scores: Array, rows: Ints) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            value, slope = loss(scores, rows)
        odd = ~(np.isfinite(value) & np.isfinite(slope).all(axis=1)) | np.isnan(scores).any(axis=1)
        if odd.any():
            value[odd], slope[odd] = -np.inf, 0.0
        return value, slope

    return sane
