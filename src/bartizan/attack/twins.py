"""Tiny models with known weaknesses, which attacks must find before their word counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Label
from bartizan.core.trees import Trees

_STEEPEST = 20.0
"""Most that a whole budget moves the score. The cross-entropy of scores some 700 apart has a slope
of exactly zero in float64, and then the twin would hide its gradient from honest attacks."""


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

    @property
    def _scale(self) -> float:
        """Keeps scores small where there are many numbers, such as the pixels of an image."""
        return min(1.0, _STEEPEST / max(float(np.abs(self.weights).sum()), 1.0))

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
        value = (self.value(x) - self.threshold) * self._scale
        return np.stack([np.zeros(len(x)), np.where(value == 0, 1e-12, value)], axis=1)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """A loss of the scores and its gradient by the row; choices have none."""
        value, slope = loss(self.scores(x))
        grad = np.zeros_like(x)
        columns = self.constraint.numeric
        grad[:, columns] = slope[:, 1:] * (self._scale * self.weights / self.constraint.unit)
        grad[np.isnan(x)] = 0.0
        return value, grad


@dataclass(frozen=True)
class TreeTwin:
    """A handful of trees that anybody may look at."""

    trees: Trees
    classes: tuple[Label, ...] = (0, 1)

    @property
    def score_kind(self) -> ScoreKind:
        """What the sums of the trees are."""
        return self.trees.kind

    def scores(self, x: Array) -> Array:
        """Sums of leaves."""
        return self.trees.scores(x)

    def structure(self) -> Trees:
        """The trees themselves."""
        return self.trees


@dataclass(frozen=True)
class Split:
    """One test of a tree."""

    column: int
    threshold: float
    """NaN where options are tested."""
    options: Mask | None = None
    """Category codes that pass, shape (codes,)."""


def grown(chains: Sequence[Sequence[Split]], *, rng: np.random.Generator) -> Trees:
    """Trees that ask one test after the other, with random leaves, for two classes.

    Args:
        chains: Tests of each tree: where one fails, the next is asked.
        rng: Draws leaves and the way of missing values.
    """
    nodes: list[tuple[int, float, int, int, int]] = []
    sets: list[Mask] = []
    roots = []
    for chain in chains:
        roots.append(len(nodes))
        for split in chain:
            here = len(nodes)
            member = -1 if split.options is None else len(sets)
            sets += [] if split.options is None else [split.options]
            nodes.append((split.column, split.threshold, here + 1, here + 2, member))
            nodes.append((-1, np.nan, -1, -1, -1))
        nodes.append((-1, np.nan, -1, -1, -1))
    feature, threshold, left, right, members = np.array(nodes, dtype=float).reshape(-1, 5).T
    value = np.zeros((len(nodes), 2))
    value[:, 1] = np.where(feature < 0, rng.normal(size=len(nodes)), 0.0)
    width = max((len(one) for one in sets), default=0)
    table = [np.pad(one, (0, width - len(one))) for one in sets]
    return Trees(
        feature=feature.astype(np.int64),
        threshold=threshold,
        left=left.astype(np.int64),
        right=right.astype(np.int64),
        missing_left=rng.random(len(nodes)) < 0.5,
        members=members.astype(np.int64),
        sets=np.array(table, dtype=bool).reshape(len(table), width),
        value=value,
        roots=np.array(roots, dtype=np.int64),
        base=np.zeros(2),
        kind="logit",
    )
