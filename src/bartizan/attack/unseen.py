"""Whether a gradient leaves out numbers that move the scores."""

import numpy as np

from bartizan.attack.losses import margin
from bartizan.core.arrays import Array, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle

_MATTERS = 0.25
"""What left-out numbers must move, as a share of what an equal move of the others is due to: a
sixteenth of the squared slope."""
_QUESTIONS = 3
"""Two gradients and an answer for each row."""


def unseen(oracle: Oracle, constraint: Constraint, x: Array, *, rng: np.random.Generator) -> Mask:
    """Move the numbers whose gradient is zero for all rows, and see whether scores move.

    A model that rounds some of its inputs, or looks them up, has an honest gradient for the
    others. Attacks that follow it never touch what is rounded, and say so of the model. Numbers
    that the model does not use have no gradient either, and move nothing. The gradient is asked
    for at the row and at a place within the budget: units that are off at the row are not taken
    for missing.

    Args:
        oracle: The model, with gradients; its rows are those of `x`.
        constraint: What the attacker may change.
        x: Rows, shape (n, d).
        rng: Source of the one move, which all rows share.

    Returns:
        Whether moving what the gradient leaves out within the budget moves the scores, shape (n,).

    Cost:
        Two gradients a row, and an answer where something is left out.
    """
    found = np.zeros(len(x), dtype=bool)
    rows = np.flatnonzero(oracle.left() >= _QUESTIONS)
    if not rows.size or not constraint.numeric.size:
        return found
    start, loss = x[rows], margin(oracle)
    low, high = constraint.bounds(start)
    offset = np.broadcast_to(rng.choice([-1.0, 1.0], low.shape[1]), low.shape)
    offset = np.where((offset < low) | (offset > high), -offset, offset)  # away from a bound
    offset = constraint.norm.project(offset, low, high, radius=np.ones(len(start)))
    here = oracle.differentiate(start, rows, loss)
    there = oracle.differentiate(constraint.moved(start, offset), rows, loss)
    gains = [slope.grad[:, constraint.moving] * constraint.unit for slope in (here, there)]
    out = np.logical_and(*((gain == 0.0).all(axis=0) for gain in gains))
    if not out.any() or oracle.left()[rows].min() < 1:
        return found
    part = np.where(out, offset, 0.0)
    moved = -oracle.margin(constraint.moved(start, part), rows) - here.value
    length = np.sqrt(np.square(part).sum(axis=1) / out.sum())
    due = length * np.linalg.norm(gains[0], axis=1)
    with np.errstate(invalid="ignore"):
        found[rows] = np.abs(moved) > np.maximum(_MATTERS * due, _rounding(here.value))
    return found


def _rounding(value: Array) -> Array:
    """What single precision may change of a margin."""
    return np.asarray(2.0**-16 * np.maximum(np.abs(value), 1.0))
