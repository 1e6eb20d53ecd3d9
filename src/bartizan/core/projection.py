"""Nearest points of a ball cut by a box, row by row, without a general solver."""

import numpy as np

from bartizan.core.arrays import Array, Mask, clamp

_STEPS = 100
"""Most corrections of a multiplier. Both sums below are made of straight pieces, so that Newton
ends exactly after a few; halvings stand in where it would leave the bracket."""
_EXACT = 1e-13
"""Relative error of a length at which a multiplier is taken: rounding of a sum."""


def scaled(offset: Array, low: Array, high: Array, *, radius: Array, most: float) -> Array:
    """Scale rows as far as a Euclidean ball goes, while every coordinate stops at its bound.

    The nearest point of ball and box is ``clip(s * offset, low, high)`` (KKT conditions), and so
    is the best linear gain; only the largest s that is looked at differs. The squared length is
    concave and made of straight pieces in s^2, so Newton's method from below never overshoots.

    Args:
        offset: Shape (n, m).
        low: Shape (n, m), <= 0.
        high: Shape (n, m), >= 0; infinity = unbounded.
        radius: Largest lengths, shape (n,), >= 0.
        most: Largest s: 1 for a projection, infinity for an ascent.

    Returns:
        Shape (n, m).
    """
    room = np.where(offset > 0, high, low)
    room *= room
    size = offset * offset
    total = size.sum(axis=1)
    target = radius * radius
    level = np.divide(target, total, out=np.zeros(len(offset)), where=total > 0)
    spent = np.empty_like(size)
    for _ in range(_STEPS):
        np.multiply(size, level[:, None], out=spent)
        free = spent < room
        np.minimum(spent, room, out=spent)
        short = target - spent.sum(axis=1)
        np.multiply(size, free, out=spent)
        steep = spent.sum(axis=1)
        better = level + np.divide(short, steep, out=np.zeros(len(level)), where=steep > 0)
        rising = better > level * (1 + _EXACT)
        if not rising.any():
            break
        np.copyto(level, better, where=rising)  # no row gets a step that another one needs
    factor = np.minimum(np.sqrt(level), most)
    return clamp(offset * factor[:, None], low, high)


def thresholded(offset: Array, low: Array, high: Array, *, radius: Array) -> Array:
    """The nearest points of a ball of absolute sums and a box.

    Each coordinate loses the same amount, but ends at 0 or at its bound: what is left of
    coordinate i is ``clip(|offset_i| - t, 0, room_i)``, and t is where the sum is the radius.

    Args:
        offset: Shape (n, m); outside the ball.
        low: Shape (n, m), <= 0.
        high: Shape (n, m), >= 0; infinity = unbounded.
        radius: Shape (n,), >= 0.

    Returns:
        Shape (n, m).

    Cost:
        About ten passes over the rows; sorting the break points would cost as much as twenty.

    Source:
        Croce and Hein (2021), "Mind the box", arXiv:2103.01208, Proposition 2.1. Deviation: a
        safeguarded Newton search over the threshold instead of sorting all break points.
    """
    size = np.abs(offset)
    room = np.minimum(np.where(offset > 0, high, -low), size)
    threshold, below = np.zeros(len(offset)), np.zeros(len(offset))
    above = size.max(axis=1, initial=0.0)
    for _ in range(_STEPS):
        rest = size - threshold[:, None]
        total = np.minimum(np.maximum(rest, 0.0), room).sum(axis=1)
        excess = total - radius
        over: Mask = excess > 0
        np.copyto(below, threshold, where=over)
        np.copyto(above, threshold, where=~over)
        open_ = (np.abs(excess) > _EXACT * radius) & (below < above)
        if not open_.any():
            break
        moving = ((rest > 0) & (rest < room)).sum(axis=1)
        newton = threshold + excess / np.maximum(moving, 1)
        safe = (moving > 0) & (newton > below) & (newton < above)
        threshold = np.where(open_, np.where(safe, newton, (below + above) / 2), threshold)
    kept = np.minimum(np.maximum(size - threshold[:, None], 0.0), room)
    total = kept.sum(axis=1)
    kept *= np.divide(radius, total, out=np.ones(len(offset)), where=total > radius)[:, None]
    return np.copysign(kept, offset)
