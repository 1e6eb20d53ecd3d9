"""Steps of a search for marks: masks and patterns as logits, each target with its own weight."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask

_START = -2.0
"""Logit of the mask to begin with: a twelfth of every pixel, from which most marks grow."""
_WEIGHT = 0.01
"""Weight of the mark's size to begin with, against the cross-entropy."""
_UP, _DOWN = 1.1, 1.15
"""Factors on that weight, a step: it falls faster than it rises, so that a lost mark comes back."""
_FIRST, _SECOND = 0.9, 0.99
"""Decay of the moments. The second forgets in a hundred steps, since the weight keeps changing."""
_LEAST = 1e-9
"""Keeps a step finite where all gradients were zero."""


@dataclass
class Descent:
    """The state of Adam over masks (c, p) and patterns (c, d)."""

    mask: Array
    pattern: Array
    weight: Array
    """Shape (c,)."""
    rate: float
    moments: tuple[Array, Array, Array, Array]
    number: int = 0

    @classmethod
    def started(cls, c: int, p: int, d: int, *, rate: float) -> Self:
        """Grey patterns under a faint mask."""
        return cls(
            mask=np.full((c, p), _START),
            pattern=np.zeros((c, d)),
            weight=np.full(c, _WEIGHT),
            rate=rate,
            moments=(np.zeros((c, p)), np.zeros((c, p)), np.zeros((c, d)), np.zeros((c, d))),
        )

    def shown(self, here: Ints, *, free: Mask) -> tuple[Array, Array]:
        """Masks and patterns of some targets, 0..1; nothing where no mark can lie."""
        return _sigmoid(self.mask[here]) * free, _sigmoid(self.pattern[here])

    def step(self, here: Ints, by_mask: Array, by_pattern: Array, *, grows: Mask) -> None:
        """Down the loss plus the weighted size, then the weights.

        Args:
            here: Targets.
            by_mask: Derivative of the loss by the mask, shape (len(here), p).
            by_pattern: By the pattern, shape (len(here), d), in units of the canvas.
            grows: Where enough rows are turned, so that size may count for more.
        """
        self.number += 1
        mask, pattern = _sigmoid(self.mask[here]), _sigmoid(self.pattern[here])
        slope = (by_mask + self.weight[here, None]) * mask * (1 - mask)
        self._move(self.mask, here, slope, self.moments[:2])
        self._move(self.pattern, here, by_pattern * pattern * (1 - pattern), self.moments[2:])
        self.weight[here] *= np.where(grows, _UP, 1 / _DOWN)

    def _move(self, values: Array, here: Ints, slope: Array, moments: tuple[Array, ...]) -> None:
        """One step of Adam (Kingma and Ba, 2015)."""
        first, second = moments
        first[here] = _FIRST * first[here] + (1 - _FIRST) * slope
        second[here] = _SECOND * second[here] + (1 - _SECOND) * slope**2
        mean = first[here] / (1 - _FIRST**self.number)
        spread = np.sqrt(second[here] / (1 - _SECOND**self.number))
        values[here] -= self.rate * mean / (spread + _LEAST)


def _sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * z))
