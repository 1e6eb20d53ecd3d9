"""A piece of large images, so that a planted case stays small however many pixels there are."""

import math
from dataclasses import replace

import msgspec
import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Image
from bartizan.core.space import Box

MOST = 1024
"""Values of a window: a grey image of 32 x 32. Searches with labels alone need forty questions for
each value of a linear twin, so their cost grows with the square of the width; with this many a
control takes seconds, and all there is to go wrong (rounding, bounds, patches) is there."""


def windowed(
    constraint: Constraint, x: Array, *, rows: Ints, most: int = MOST
) -> tuple[Constraint, Array]:
    """The part of large images in which a case is planted: where most can be moved.

    Args:
        constraint: Its space says what rows are.
        x: Rows, shape (n, d).
        rows: Which of them are wanted.
        most: Most values in the window; one pixel at least.

    Returns:
        The same attacker, who sees and changes nothing but the window, and the wanted rows in
        it, shape (rows, m). Of the windows with the most values that can move it is the one
        nearest to the middle. Tables and small images stay whole.
    """
    image = constraint.space.image
    if image is None or image.size <= most:
        return constraint, x[rows]
    pixels = max(most // image.channels, 1)
    height = min(image.height, max(math.isqrt(pixels), pixels // image.width))
    width = min(image.width, pixels // height)
    top, left = _best(_movable(constraint, image), height=height, width=width)
    places = np.arange(image.size).reshape(image.shape)
    columns = places[top : top + height, left : left + width].ravel()
    part = msgspec.structs.replace(image, height=height, width=width)
    return _inside(constraint, part, columns=columns), x[np.ix_(rows, columns)]


def _inside(constraint: Constraint, image: Image, *, columns: Ints) -> Constraint:
    """The attacker in a window that holds these columns."""
    space = constraint.space
    names = {space.names[place]: f"x{now}" for now, place in enumerate(columns.tolist())}
    reach = constraint.attacker.features
    kept = {names[name]: told for name, told in reach.items() if name in names}
    return replace(
        constraint,
        space=Box(
            lower=space.lower[columns],
            upper=space.upper[columns],
            scale=space.scale[columns],
            image=image,
            whole=np.arange(image.size if image.whole else 0),
        ),
        attacker=msgspec.structs.replace(constraint.attacker, features=kept),
        sample=constraint.sample[:, columns],
    )


def _movable(constraint: Constraint, image: Image) -> Ints:
    """How many channels of each pixel this attacker can move, shape (h, w)."""
    counts = np.zeros(image.size, dtype=np.int64)
    counts[constraint.numeric] = 1
    return np.asarray(counts.reshape(image.shape).sum(axis=2))


def _best(counts: Ints, *, height: int, width: int) -> tuple[int, int]:
    """Top and left of the window with the largest sum, the one nearest to the middle."""
    sums = np.pad(counts, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    total = sums[height:, width:] - sums[:-height, width:]
    total += sums[:-height, :-width] - sums[height:, :-width]
    down, across = (np.abs(np.arange(size) - (size - 1) // 2) for size in total.shape)
    away = down[:, None] + across
    place = int(np.where(total == total.max(), away, away.max() + 1).argmin())
    top, left = np.unravel_index(place, total.shape)
    return int(top), int(left)
