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
_WHOLE = 1 / 255
"""The step of a last try in tables with whole numbers, which move by one at least: a model whose
inputs are whole cuts fractions off, and has an honest gradient all the same."""
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
_NONE = np.zeros(0, dtype=np.int64)
"""No columns."""


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
        A gradient and 10 answers a row; up to 40 where they do not agree at once, 50 in tables
        with whole numbers.

    Source: Carlini et al. (2019), arXiv:1902.06705, section 4.3: check gradients numerically.
    Athalye, Carlini, Wagner (2018), arXiv:1802.00420: what hides them. Deviations: many columns
    move at once; the best of several steps counts.
    """
    agrees, differs = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    rows = np.flatnonzero(oracle.left() > 0)
    if not rows.size or not constraint.numeric.size:
        return Compared(agrees, differs)
    lines = _lines(oracle, constraint, _beside(constraint, x[rows], rng=rng), rows=rows, rng=rng)
    tries = [(step, _NONE) for step in _STEPS]
    tries += [(_WHOLE, grid)] if (grid := _grid(constraint)).size else []
    for step, whole in tries:
        open_ = np.flatnonzero(~lines.confirmed.all(axis=1) & lines.sound)
        open_ = open_[oracle.left()[rows[open_]] >= 2 * (_RANDOM + 1)]
        if open_.size:
            lines.judge(open_, *_slopes(oracle, lines, open_, step=step, whole=whole))
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
    low: Array
    """Smallest values of the columns, shape (m,)."""
    high: Array
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

    def sides(self, number: int, chosen: Ints, *, step: float, whole: Ints) -> Array:
        """Points before and behind the places along a direction, shape (2, chosen, d).

        Of these columns, given among those that move, both are whole and within bounds.
        """
        far = step * self.scale * self.way(number, chosen)
        far[:, whole] = np.sign(far[:, whole]) * np.maximum(np.abs(far[:, whole]), 1.0)
        made = np.repeat(self.places[chosen][None], 2, axis=0)
        here = made[..., self.columns]
        ends = np.stack((here[0] + far, here[1] - far))
        low, high = self.low[whole], self.high[whole]
        ends[..., whole] = np.clip(np.rint(ends[..., whole]), low, high)
        made[..., self.columns] = ends
        return made

    def claim(self, ends: Array, chosen: Ints) -> Array:
        """What the gradient says lies between two sides, (2, chosen, d) -> (chosen,)."""
        apart = ends[0][:, self.columns] - ends[1][:, self.columns]
        return np.asarray(np.nansum(self.gain[chosen] / self.scale * apart, axis=1))

    def judge(self, chosen: Ints, found: Array, claimed: Array, blur: Array) -> None:
        """Compare slopes that were found with those claimed, both of (chosen, directions + 1).

        Those that do not rise above their error, shape (chosen,), say nothing.
        """
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
        low=constraint.space.lower[constraint.moving],
        high=constraint.space.upper[constraint.moving],
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


def _slopes(
    oracle: Oracle, lines: _Lines, chosen: Ints, *, step: float, whole: Ints
) -> tuple[Array, Array, Array]:
    """Central differences of the margin, what is claimed of them, and their error.

    Returns:
        Two of shape (chosen, directions + 1), and (chosen,).
    """
    found, claimed = np.zeros((2, len(chosen), _RANDOM + 1))
    top = np.zeros(len(chosen))
    for number in range(_RANDOM + 1):
        ends = lines.sides(number, chosen, step=step, whole=whole)
        flat = ends.reshape(-1, ends.shape[2])
        sides = -oracle.margin(flat, np.tile(lines.rows[chosen], 2)).reshape(2, -1)
        found[:, number] = (sides[0] - sides[1]) / (2 * step)
        claimed[:, number] = lines.claim(ends, chosen) / (2 * step)
        top = np.maximum(top, np.abs(sides).max(axis=0))
    blur = lines.blur[chosen] + lines.atom * np.exp(np.minimum(top, _FARTHEST))
    return found, claimed, blur / step


def _grid(constraint: Constraint) -> Ints:
    """Columns of whole numbers among those that move; of images none, whose levels are steps."""
    if constraint.space.image is not None:
        return _NONE
    return np.flatnonzero(np.isin(constraint.numeric, constraint.space.whole))
