"""Tiny models with known weaknesses, which attacks must find before their word counts."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Label


@dataclass(frozen=True)
class LinearTwin:
    """A linear score over what one attacker can move, cut at a threshold."""

    constraint: Constraint
    weights: Array
    """Per budget of each movable number, shape (m,)."""
    options: tuple[Array, ...]
    """Score of each option of each choice."""
    threshold: float
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "logit"

    def value(self, x: Array) -> Array:
        """The linear score before the threshold: (n, d) -> (n,)."""
        numbers = x[:, self.constraint.numeric] / self.constraint.unit
        value = np.where(np.isnan(numbers), 0.0, numbers) @ self.weights
        for switch, score in zip(self.constraint.switches, self.options, strict=True):
            chosen = switch.chosen(x)
            value += np.where(chosen >= 0, score[chosen], 0.0)
        return np.asarray(value)

    def scores(self, x: Array) -> Array:
        """Two columns; the second wins at or above the threshold."""
        value = self.value(x) - self.threshold
        return np.stack([np.zeros(len(x)), np.where(value == 0, 1e-12, value)], axis=1)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """A loss of the scores and its gradient by the row; choices have none."""
        value, slope = loss(self.scores(x))
        grad = np.zeros_like(x)
        columns = self.constraint.numeric
        grad[:, columns] = slope[:, 1:] * (self.weights / self.constraint.unit)
        grad[np.isnan(x)] = 0.0
        return value, grad
