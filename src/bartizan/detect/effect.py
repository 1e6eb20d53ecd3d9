"""How far two samples of one column are apart, whatever their size."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.detect.drift import Cells

_DRAWS = 400
"""Samples drawn anew for an interval: its ends are then known to about a tenth of its width."""
_HALF = 0.5
"""Added to each count for the stability index, which is infinite where a cell is empty once:
Jeffreys' prior."""


@dataclass(frozen=True)
class Effect:
    """A number of 0 or more, 0 = no difference, with its 95 % interval."""

    value: float
    low: float
    high: float


def total_variation(cells: Cells) -> float:
    """The share of rows that would have to be other ones, 0..1: half the sum of differences.

    Of samples without any difference it is about ``0.4 sqrt(k (1/n + 1/m))``, not 0.
    """
    return float(_variation(_shares(cells.reference), _shares(cells.current)))


def stability_index(cells: Cells) -> float:
    """Population stability index: the symmetric Kullback-Leibler divergence of the cells."""
    return float(_stability(cells.reference, cells.current))


def intervals(cells: Cells, *, rng: np.random.Generator) -> tuple[Effect, Effect]:
    """Total variation and stability index, each with an interval.

    Both samples are drawn anew from their own shares, and the difference between what is drawn and
    what was found is taken off ("basic" bootstrap): that also takes off the upward bias which both
    have in small samples.

    Args:
        cells: The counts; neither sample is empty.
        rng: For the draws.

    Returns:
        (total variation, stability index); the interval is cut off at 0.

    Cost:
        About 1 ms for 20 cells.

    Source:
        Davison and Hinkley (1997), Bootstrap Methods and their Application, section 5.2.
    """
    n, m = int(cells.reference.sum()), int(cells.current.sum())
    left = rng.multinomial(n, _shares(cells.reference), size=_DRAWS)
    right = rng.multinomial(m, _shares(cells.current), size=_DRAWS)
    return (
        _basic(total_variation(cells), drawn=_variation(left / n, right / m), top=1.0),
        _basic(stability_index(cells), drawn=_stability(left, right), top=np.inf),
    )


def _basic(value: float, *, drawn: Array, top: float) -> Effect:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Effect(
        value=value,
        low=max(0.0, 2 * value - float(high)),
        high=min(top, max(0.0, 2 * value - float(low))),
    )


def _shares(counts: Ints) -> Array:
    return np.asarray(counts / max(int(counts.sum()), 1))


def _variation(left: Array, right: Array) -> Array:
    return np.asarray(np.abs(left - right).sum(axis=-1) / 2)


def _stability(left: Ints, right: Ints) -> Array:
    used = (left.reshape(-1, left.shape[-1]) + right.reshape(-1, right.shape[-1])).any(axis=0)
    p, q = left[..., used] + _HALF, right[..., used] + _HALF
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))
