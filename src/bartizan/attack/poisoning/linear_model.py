"""Linear models of two classes, trained to the end: what gradient poisoning needs to be exact."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError

LossName: TypeAlias = Literal["ridge", "logistic"]
"""`ridge`: half the squared distance of the score from -1 or 1; `logistic`: log loss."""
Curve: TypeAlias = Callable[[Array, Array], Array]
"""Scores and signs (-1 or 1), shape (n,) -> one number for each row, shape (n,)."""
_STEPS = 100
"""Newton steps at most; well-posed data take six to ten."""
_NEAR = 1e-12
"""Fall of the loss, for each row, that is left when one more step ends the fit: a step squares the
distance, and further ones drown in rounding."""
_TINY = 1e-10
"""Least curvature of any direction, for each row: columns without variance have none of their own
when nothing holds weights small."""


@dataclass(frozen=True, kw_only=True)
class LinearLoss:
    """A loss of scores, with its first two derivatives by the score."""

    value: Curve
    first: Curve
    second: Curve


def _smooth(scores: Array, signs: Array) -> Array:
    inner = expit(scores * signs)
    return np.asarray(inner * (1 - inner))


LOSSES: dict[LossName, LinearLoss] = {
    "ridge": LinearLoss(
        value=lambda scores, signs: (scores - signs) ** 2 / 2,
        first=lambda scores, signs: scores - signs,
        second=lambda scores, signs: np.ones(len(scores)),  # noqa: ARG005 (one signature)
    ),
    "logistic": LinearLoss(
        value=lambda scores, signs: np.logaddexp(0.0, -scores * signs),
        first=lambda scores, signs: -signs * expit(-scores * signs),
        second=_smooth,
    ),
}


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """Weights and offset, and what the curvature of the training loss was there."""

    theta: Array
    """Weights, then the offset, shape (d + 1,)."""
    factor: tuple[Array, bool]
    """Cholesky factor of the Hessian of the training loss."""

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n,); above zero = the class of sign 1."""
        return np.asarray(x @ self.theta[:-1] + self.theta[-1])

    def solve(self, slope: Array) -> Array:
        """The Hessian's inverse times a vector, (d + 1,) -> (d + 1,)."""
        return np.asarray(cho_solve(self.factor, slope))


def fitted(
    x: Array, signs: Array, *, loss: LossName, decay: float, start: Array | None = None
) -> LinearModel:
    """Train by Newton's method.

    Args:
        x: Shape (n, d), finite; on one scale, or the decay means something else in each column.
        signs: -1 or 1, shape (n,).
        loss: What is summed over rows; half the squared weights times `decay` are added, without
            the offset.
        decay: >= 0.
        start: Where to begin, shape (d + 1,); none = zero.

    Returns:
        The model at the minimum.

    Raises:
        ModelError: no minimum was found, as where classes can be told apart without decay.

    Cost:
        O(n d^2 + d^3) a step; one step for `ridge`.
    """
    rows = np.column_stack([x, np.ones(len(x))])
    pull = np.full(rows.shape[1], decay)
    pull[-1] = 0.0
    theta = np.zeros(rows.shape[1]) if start is None else start.copy()
    curve = LOSSES[loss]
    for _ in range(_STEPS):
        slope, factor = _derivatives(rows, signs, theta=theta, pull=pull, loss=curve)
        step = cho_solve(factor, slope)
        if slope @ step <= _NEAR * len(rows):
            theta = theta - step
            return LinearModel(
                theta=theta, factor=_derivatives(rows, signs, theta=theta, pull=pull, loss=curve)[1]
            )
        theta = _lower(rows, signs, theta=theta, step=step, pull=pull, loss=curve)
    message = (
        f"training a linear model of {loss} loss on {len(x)} rows did not settle in {_STEPS} "
        "steps; scale the columns or take a larger decay"
    )
    raise ModelError(message)


def _derivatives(
    rows: Array, signs: Array, *, theta: Array, pull: Array, loss: LinearLoss
) -> tuple[Array, tuple[Array, bool]]:
    scores = rows @ theta
    slope = rows.T @ loss.first(scores, signs) + pull * theta
    bend = (rows.T * loss.second(scores, signs)) @ rows
    bend[np.diag_indices_from(bend)] += pull + _TINY * len(rows)
    return slope, cho_factor(bend)


def _lower(
    rows: Array, signs: Array, *, theta: Array, step: Array, pull: Array, loss: LinearLoss
) -> Array:
    """A Newton step, halved until the loss does not rise."""

    def height(at: Array) -> float:
        return float(loss.value(rows @ at, signs).sum() + (pull * at**2).sum() / 2)

    now, length = height(theta), 1.0
    while length > _TINY and height(theta - length * step) > now:
        length /= 2
    return theta - length * step
