"""A network with one hidden layer, small enough to be trained in a thirtieth of a second."""

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bartizan.core.arrays import Array

Singles: TypeAlias = NDArray[np.float32]
"""Single precision: half the time of double, and weights of a copy need no more."""

_HIDDEN = 128
"""Units. 64 copied five models up to 3 points worse, 256 no better and took half as long again."""
_BATCH = 128
"""Rows a step."""
_ROUNDS = 40
"""Times that every row is seen: with a falling rate, 60 and 100 gave no better copies."""
_STEPS = 300
"""Steps at least, however few the rows: 62 answers need them as 1,000 do. 600 copied four models
by no more than half a point better."""
_ROW_VISITS = 400_000
"""Rows seen in all, about, where there are many: seconds, even for images."""
_FEWEST_ROUNDS = 20
"""Times that every row is seen at least."""
_RATE = 8e-3
"""Of the first step; 5e-3 takes twice the steps to copy as well. It falls to nothing, evenly, so
that the last steps settle."""
_DECAY = 3e-3
"""Pull of the weights towards nothing. Of 1e-4 to 1e-2, this copied from few answers best and lost
nothing on 3,000."""
_MOMENTUM, _SQUARES, _TINY = 0.9, 0.999, 1e-8
"""Those of the paper on Adam."""
_FAR = 1e4
"""Standard deviations beyond which a value is as good as this: single precision must hold it."""


@dataclass(frozen=True)
class _Layers:
    """Weights, or their slopes, as four views of one array."""

    flat: Singles
    first: Singles
    """Shape (d, hidden)."""
    shift: Singles
    last: Singles
    """Shape (hidden, k)."""
    offset: Singles

    @classmethod
    def of(cls, d: int, k: int) -> Self:
        """Zeros."""
        shapes = ((d, _HIDDEN), (_HIDDEN,), (_HIDDEN, k), (k,))
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        flat = np.zeros(ends[-1], dtype=np.float32)
        parts = np.split(flat, ends[:-1])
        return cls(flat, *(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))

    def hidden(self, x: Singles) -> Singles:
        """(n, d) -> (n, hidden)."""
        made = x @ self.first
        made += self.shift
        return np.asarray(np.maximum(made, 0, out=made))

    def slope(self, x: Singles, targets: Singles, *, into: Self) -> None:
        """Write the gradient of the mean cross-entropy, and of the decay, into other layers."""
        hidden = self.hidden(x)
        gap = hidden @ self.last
        gap += self.offset
        gap -= gap.max(axis=1, keepdims=True)
        np.exp(gap, out=gap)
        gap /= gap.sum(axis=1, keepdims=True)
        gap -= targets
        gap /= len(x)
        np.matmul(hidden.T, gap, out=into.last)
        gap.sum(axis=0, out=into.offset)
        back = gap @ self.last.T
        back *= hidden > 0
        np.matmul(x.T, back, out=into.first)
        back.sum(axis=0, out=into.shift)
        into.flat[...] += np.float32(_DECAY) * self.flat


@dataclass(frozen=True)
class Perceptron:
    """A trained network; columns are standardised on the way in."""

    middle: Array
    spread: Array
    layers: _Layers

    @classmethod
    def trained(cls, x: Array, targets: Array, *, rng: np.random.Generator) -> Self:
        """Learn the shares of classes.

        Args:
            x: Rows, shape (n, d), finite, n >= 1.
            targets: Shares of the classes, shape (n, k); rows sum to 1.
            rng: First weights, and the order of the rows.

        Cost:
            About 60 us a step with 30 columns, and 300 steps or more.

        Source:
            Kingma and Ba (2015), "Adam", algorithm 1, with a rate that falls evenly to 0; first
            weights as in Glorot and Bengio (2010), equation 16.
        """
        spread = x.std(axis=0)
        made = cls(x.mean(axis=0), np.where(spread > 0, spread, 1.0), _drawn(x, targets, rng=rng))
        _descend(made.layers, made.inputs(x), targets.astype(np.float32), rng=rng)
        return made

    def inputs(self, x: Array) -> Singles:
        """Standardised, in single precision: (n, d) -> (n, d)."""
        with np.errstate(over="ignore"):  # infinitely far is far
            steps = (x - self.middle) / self.spread
        return np.clip(steps, -_FAR, _FAR).astype(np.float32)

    def scores(self, x: Array) -> Array:
        """(n, d) -> (n, k); larger = more likely, any scale."""
        layers = self.layers
        found = layers.hidden(self.inputs(x)) @ layers.last + layers.offset
        return found.astype(np.float64)


def _drawn(x: Array, targets: Array, *, rng: np.random.Generator) -> _Layers:
    """First weights."""
    made = _Layers.of(x.shape[1], targets.shape[1])
    for weights in (made.first, made.last):
        most = np.sqrt(6 / sum(weights.shape))
        weights[...] = rng.uniform(-most, most, weights.shape)
    return made


def _descend(layers: _Layers, x: Singles, targets: Singles, *, rng: np.random.Generator) -> None:
    """Take all steps, in place."""
    slopes = _Layers.of(x.shape[1], targets.shape[1])
    first, second = np.zeros_like(layers.flat), np.zeros_like(layers.flat)
    n = len(x)
    batches = -(-n // _BATCH)
    rounds = max(_FEWEST_ROUNDS, min(max(_ROUNDS, -(-_STEPS // batches)), _ROW_VISITS // n))
    step, steps = 0, rounds * batches
    for _ in range(rounds):
        order = rng.permutation(n)
        for chosen in np.array_split(order, batches):
            layers.slope(x[chosen], targets[chosen], into=slopes)
            step += 1
            first += np.float32(1 - _MOMENTUM) * (slopes.flat - first)
            second += np.float32(1 - _SQUARES) * (slopes.flat**2 - second)
            rate = _RATE * (1 - (step - 1) / steps) * np.sqrt(1 - _SQUARES**step)
            rate /= 1 - _MOMENTUM**step
            layers.flat[...] -= np.float32(rate) * first / (np.sqrt(second) + np.float32(_TINY))
