"""Whether a gradient is that of the scores: both are compared along a few directions."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.losses import margin
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle

_STEPS = (1 / 1024, 1 / 4096, 1 / 255, 1 / 16384)
"""Shares of each column's unit that are tried in turn. Small ones miss the bends of a network, and
large ones rise above the rounding of single precision; the first is both for most models. None is
above 1/255, a level of an image: a gradient that is right at a level is one that attacks can
follow, though the model may round its input to levels."""
_ASIDE = 1 / 32
"""How far from the row it is looked: rows lie on bends by nature, such as black images on those of
max pooling and of clipping, where an honest gradient is one of several."""
_RANDOM = 4
"""Random directions: a gradient that is wrong by its own length is seen as less than half as
wrong in one row of sixteen, and many rows are looked at."""
_APART = 0.3
"""Share of its own size that a difference may be off. Honest models stay below 0.1 but for rows
near a bend; a gradient that belongs to another model is off by its whole size."""
_SINGLE = 2.0**-23
"""Relative distance of neighbours in single precision."""
_ROUNDING = 32 * _SINGLE
"""Relative error of scores in single precision after the sums of many layers."""
_PAIR = 1e-12
"""Up to here two probabilities sum to exactly 1: one was made of the other, with its error."""
_LEAST = 2.0**-126
"""Smallest number of single precision that has all of its digits."""
_FARTHEST = 700.0
"""Just below the largest exponent of doubles."""


@dataclass(frozen=True)
class Compared:
    """What differences say of the gradient of each row; neither = they are lost in rounding."""

    agrees: Mask
    """Whether some step size confirms it, shape (n,)."""
    differs: Mask
    """Whether none does, though differences are well above rounding, shape (n,)."""


def compare(
    oracle: Oracle, constraint: Constraint, x: Array, *, rng: np.random.Generator
) -> Compared:
    """Compare the gradient of the margin with differences of the scores.

    A gradient may be wrong without being zero: passed straight through a step, taken from another
    model, turned, shrunk or random. Attacks that follow it then fail, and say so of the model.
    Differences along random directions tell, for wherever the gradient is right, they agree at
    *some* step size: above rounding and below the next bend. That they agree among each other
    is not asked: scores that jump at every step size have no gradient, whatever is shown.

    Args:
        oracle: The model, with gradients; its rows are those of `x`.
        constraint: Whose movable numbers are looked at; the budget plays no part.
        x: Rows, shape (n, d).
        rng: Source of the directions, which all rows share.

    Returns:
        Whether gradient and differences agree, for each row.

    Cost:
        A gradient and 10 answers a row; up to 40 where they do not agree at once.

    Source: Carlini et al. (2019), arXiv:1902.06705, section 4.3: check gradients numerically.
    Athalye, Carlini, Wagner (2018), arXiv:1802.00420: what hides them. Deviations: many columns
    move at once; the best of several steps counts.
    """
    agrees, differs = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    rows = np.flatnonzero(oracle.left() > 0)
    if not rows.size or not constraint.numeric.size:
        return Compared(agrees, differs)
    lines = _lines(oracle, constraint, _beside(constraint, x[rows], rng=rng), rows=rows, rng=rng)
    for step in _STEPS:
        open_ = np.flatnonzero(~lines.confirmed.all(axis=1) & lines.sound)
        open_ = open_[oracle.left()[rows[open_]] >= 2 * (_RANDOM + 1)]
        if open_.size:
            lines.judge(open_, *_slopes(oracle, lines, open_, step=step))
    differs[rows] = (lines.clear & ~lines.confirmed).any(axis=1) | ~lines.sound
    agrees[rows] = lines.confirmed.any(axis=1) & ~differs[rows]
    return Compared(agrees, differs)


def _beside(constraint: Constraint, x: Array, *, rng: np.random.Generator) -> Array:
    """Places a little beside the rows, with room for every step on both sides."""
    moving, space = constraint.moving, constraint.space
    scale, start = space.scale[moving], x[:, moving]
    room = max(_STEPS) * scale
    low = np.minimum(space.lower[moving], start) + room
    high = np.maximum(space.upper[moving], start) - room
    places = x.copy()
    places[:, moving] = np.clip(start + scale * rng.uniform(-_ASIDE, _ASIDE, len(scale)), low, high)
    return places


@dataclass(frozen=True)
class _Lines:
    """Directions through places, what the gradient claims along them, and what was found."""

    places: Array
    """Shape (n, d)."""
    rows: Ints
    """Which of the attacked rows each belongs to, shape (n,)."""
    columns: slice | Ints
    scale: Array
    signs: Array
    """Random directions, in units of the columns, shape (directions, m)."""
    gain: Array
    """The gradient by units of the columns, shape (n, m)."""
    claimed: Array
    """Slope along each random direction and up the gradient, shape (n, directions + 1)."""
    blur: Array
    """Rounding error of a margin of logits, shape (n,)."""
    atom: float
    """The smallest step of a probability; 0 for logits."""
    sound: Mask
    """Whether the gradient is a number, shape (n,)."""
    clear: Mask
    """Whether differences rose above rounding at some step, shape (n, 2): along the random
    directions, and up the gradient."""
    confirmed: Mask
    """Whether they agreed at some step, shape (n, 2)."""

    def way(self, number: int, chosen: Ints) -> Array:
        """One of the directions, shape (chosen, m)."""
        if number < len(self.signs):
            return np.broadcast_to(self.signs[number], (len(chosen), len(self.scale)))
        return np.sign(self.gain[chosen])

    def judge(self, chosen: Ints, found: Array, blur: Array) -> None:
        """Compare slopes that were found, shape (chosen, directions + 1), with those claimed.

        Those that do not rise above their error, shape (chosen,), say nothing.
        """
        claimed = self.claimed[chosen]
        for group, part in enumerate((slice(0, -1), slice(-1, None))):
            off = np.linalg.norm(found[:, part] - claimed[:, part], axis=1)
            size = np.maximum(*(np.linalg.norm(side[:, part], axis=1) for side in (found, claimed)))
            clear = blur * np.sqrt(found[:, part].shape[1]) < _APART * size
            self.clear[chosen, group] |= clear
            self.confirmed[chosen, group] |= clear & (off <= _APART * size)


def _lines(
    oracle: Oracle, constraint: Constraint, places: Array, *, rows: Ints, rng: np.random.Generator
) -> _Lines:
    """Ask for the gradient at some places, and lay directions through them."""
    loss, seen = margin(oracle), np.zeros((len(places), oracle.k))

    def noting(scores: Array, asked: Ints) -> tuple[Array, Array]:
        seen[np.searchsorted(rows, asked)] = scores
        return loss(scores, asked)

    slope = oracle.differentiate(places, rows, noting)
    scale = constraint.space.scale[constraint.moving]
    gain = slope.grad[:, constraint.moving] * scale
    gain[np.isnan(places[:, constraint.moving])] = 0.0
    sound: Mask = np.asarray(np.isfinite(gain).all(axis=1))
    gain[~sound] = 0.0
    signs = rng.choice([-1.0, 1.0], (_RANDOM, len(scale)))
    return _Lines(
        places=places,
        rows=rows,
        columns=constraint.moving,
        scale=scale,
        signs=signs,
        gain=gain,
        claimed=np.column_stack([gain @ signs.T, np.abs(gain).sum(axis=1)]),
        blur=_ROUNDING * np.abs(seen).max(axis=1),
        atom=_atom(seen, soft=oracle.score_kind == "probability"),
        sound=sound,
        clear=np.zeros((len(rows), 2), dtype=bool),
        confirmed=np.zeros((len(rows), 2), dtype=bool),
    )


def _atom(scores: Array, *, soft: bool) -> float:
    """The smallest step of a probability; 0 for logits, whose error is relative.

    Of two that sum to exactly 1 one was made of the other, and carries its error.
    """
    if not soft:
        return 0.0
    paired = scores.shape[1] == 2 and np.abs(np.exp(scores).sum(axis=1) - 1.0).max() <= _PAIR
    return _SINGLE if paired else _LEAST


def _slopes(oracle: Oracle, lines: _Lines, chosen: Ints, *, step: float) -> tuple[Array, Array]:
    """Central differences of the margin, shape (chosen, directions + 1), and their error."""
    found, top = np.zeros((len(chosen), _RANDOM + 1)), np.zeros(len(chosen))
    for number in range(_RANDOM + 1):
        far = step * lines.scale * lines.way(number, chosen)
        points = np.repeat(lines.places[chosen][None], 2, axis=0)
        points[0][:, lines.columns] += far
        points[1][:, lines.columns] -= far
        flat = points.reshape(-1, points.shape[2])
        sides = -oracle.margin(flat, np.tile(lines.rows[chosen], 2)).reshape(2, -1)
        found[:, number] = (sides[0] - sides[1]) / (2 * step)
        top = np.maximum(top, np.abs(sides).max(axis=0))
    blur = lines.blur[chosen] + lines.atom * np.exp(np.minimum(top, _FARTHEST))
    return found, blur / step
