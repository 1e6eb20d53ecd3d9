"""How odd each row is, given the groups that stand apart and those whose mark is confirmed."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.data.detectors.suspects import Suspects, clearest
from bartizan.detect.discovery import adjusted

_LEVEL = 0.05
"""Expected share of honest rows among those believed to be poison."""


@dataclass(frozen=True)
class Look:
    """How odd each row is, and which groups are poison."""

    score: Array
    """Shape (n,); larger = more suspicious, comparable between classes. A rank, no verdict."""
    p: Array
    """Shape (n,)."""
    confirmed: tuple[Suspects, ...]
    looked: Ints
    """Classes with enough rows."""
    tried: int
    """Networks trained without suspects."""


def believed(look: Look) -> Ints:
    """Positions of the rows believed to be poison, ascending."""
    return np.flatnonzero(adjusted(look.p, dependent=False) <= _LEVEL)


def scores(found: list[Suspects], confirmed: tuple[Suspects, ...], *, n: int) -> Array:
    """The heights along the best direction of each class; those with a confirmed mark on top.

    Args:
        found: All suspects.
        confirmed: Those whose mark is, the strongest first.
        n: Rows in all.

    Returns:
        Shape (n,), 0..2; above 1 only in classes with a confirmed mark.
    """
    score = np.zeros(n)
    best: dict[int, Suspects] = {}
    for one in clearest(found):
        best.setdefault(one.label, one)
    best.update({one.label: one for one in reversed(confirmed)})
    for one in best.values():
        height = np.maximum(_heights(one), 0.0)
        score[one.rows] = height / (1 + height) + (one.confirmed and height > 0)
    return score


def tails(confirmed: tuple[Suspects, ...], *, n: int) -> Array:
    """Tails of the honest rows; nothing is said of rows nearer to them than to the group.

    Args:
        confirmed: Groups whose mark is confirmed.
        n: Rows in all.

    Returns:
        P-values, shape (n,); 1 where nothing is said.
    """
    from scipy.special import ndtr  # noqa: PLC0415 (slow to import)

    p = np.ones(n)
    for one in confirmed:
        height = _heights(one)
        near = height > 0.5 * float(np.median(height[one.member[one.rows]]))
        p[one.rows] = np.where(near, np.minimum(p[one.rows], ndtr(-height)), p[one.rows])
    return p


def _heights(one: Suspects) -> Array:
    """How far each row of the class is from its honest rows, in units of their spread."""
    honest = one.along[~one.member[one.rows]]
    middle = float(np.median(honest))
    spread = 1.4826 * float(np.median(np.abs(honest - middle)))
    return np.asarray((one.along - middle) / max(spread, 1e-12))
