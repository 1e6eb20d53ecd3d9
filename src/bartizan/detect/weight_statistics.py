"""What the weights of a network alone say of a backdoor: a second opinion, and a weak one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bartizan.core.arrays import Array

_SCALE = 1.4826
"""Makes the median deviation of normal numbers their standard deviation."""


@dataclass(frozen=True, kw_only=True)
class LayerStatistics:
    """One layer."""

    norm: float
    """Frobenius norm over the root of the number of weights: the size of a usual weight."""
    gap: float
    """First singular value over the second; 1 where the second is 0, or there is none."""


@dataclass(frozen=True, kw_only=True)
class WeightStatistics:
    """All layers, and how far one class stands out in the last."""

    weights: tuple[Array, ...] = field(repr=False)
    """(outputs, inputs) of each layer, from the first to the last."""
    outlier: float
    """Largest deviation of a class' row of weights from the median, in robust deviations; larger =
    more suspicious. 0 where there are fewer than three classes."""
    place: int
    """The row that stands out, in the model's own order."""

    @property
    def layers(self) -> tuple[LayerStatistics, ...]:
        """Of each layer. Cost: one singular value decomposition a layer, each time it is asked."""
        return tuple(_layer(weights) for weights in self.weights)


def weight_statistics(layers: Sequence[Array]) -> WeightStatistics:
    """Norms, spectral gaps, and outliers among the classes' rows of the last layer.

    A planted target often has a row of larger sum: the trigger's unit must win against all others.

    Args:
        layers: Weights (outputs, inputs), from the first to the last; at least one.

    Returns:
        See `WeightStatistics`.

    Source:
        Weight analysis is one of the two families of methods that TrojAI names
        (arXiv:2602.07152). Deviation: no classifier over a population of models is trained.
    """
    last = np.asarray(layers[-1], dtype=np.float64)
    deviations = _deviations(last.mean(axis=1)) if len(last) > 2 else np.zeros(len(last))
    place = int(deviations.argmax())
    return WeightStatistics(
        weights=tuple(layers),
        outlier=float(deviations[place]),
        place=place,
    )


def _layer(weights: Array) -> LayerStatistics:
    values = np.linalg.svd(weights, compute_uv=False)
    gap = float(values[0] / values[1]) if len(values) > 1 and values[1] > 0 else 1.0
    return LayerStatistics(norm=float(np.sqrt((weights**2).mean())), gap=gap)


def _deviations(values: Array) -> Array:
    far = np.abs(values - np.median(values))
    spread = _SCALE * float(np.median(far))
    return far / spread if spread > 0 else np.zeros(len(values))
