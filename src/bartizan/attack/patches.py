"""Patches: random local changes of images, as the Square Attack proposes them in each norm."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from bartizan.core.arrays import Array, Ints, clamp, whole_or_part
from bartizan.core.attacker import NormName
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Image

_TILES = 5
"""Tiles along the shorter side of the first change in L1 and L2, as in the paper."""
_ODD = 3
"""Smallest patch in L1 and L2: one with less has no two halves of opposite sign."""
_TINY = 1e-12
"""Stands for the length of nothing, so that it can be divided by."""
DRAWS = 5
"""Random numbers of a proposal besides one for each channel: two places and a flip."""


class Patches(Protocol):
    """What the search asks of a norm. Offsets are images, shape (k, h, w, c), in budgets."""

    def first(self, radius: Array, rng: np.random.Generator) -> Array:
        """A change of every row to begin with; (n,) -> (n, h, w, c)."""
        ...

    def next(self, offset: Array, rows: Ints, *, radius: Array, share: Array, draw: Array) -> Array:
        """Some rows' offsets with one patch changed.

        Args:
            offset: Shape (k, h, w, c); overwritten.
            rows: Which of the attacked rows they belong to, shape (k,).
            radius: Longest change allowed, in budgets, shape (k,).
            share: Share of the pixels to redraw, shape (k,).
            draw: Uniform in [0, 1), shape (k, DRAWS + c).

        Returns:
            `offset`.
        """
        ...


def _sides(share: Array, image: Image) -> Ints:
    """Side of a square patch of that share of the pixels, at least one and inside the image."""
    wanted = np.round(np.sqrt(share * image.height * image.width))
    return np.clip(wanted, 1, min(image.height, image.width)).astype(np.int64)


def _alike(sides: Ints) -> Iterator[tuple[int, Ints]]:
    """Each side that occurs, and the places of the rows with patches of that side."""
    for side in np.unique(sides):
        yield int(side), np.flatnonzero(sides == side)


def _signs(draw: Array) -> Array:
    return np.where(draw < 0.5, -1.0, 1.0)


@dataclass(frozen=True)
class Squares:
    """Linf: every value lies on the edge of the ball; a square gets one sign a channel.

    Offsets are left to the constraint to clip, so that a sign says what was meant.
    """

    image: Image

    def first(self, radius: Array, rng: np.random.Generator) -> Array:
        """Vertical stripes: networks are sensitive to them."""
        height, width, channels = self.image.shape
        stripes = _signs(rng.random((len(radius), 1, width, channels)))
        stripes *= radius[:, None, None, None]
        return np.repeat(stripes, height, axis=1)

    def next(self, offset: Array, rows: Ints, *, radius: Array, share: Array, draw: Array) -> Array:
        """One square each; its signs are turned where it would change nothing."""
        del rows
        colours = _signs(draw[:, DRAWS:]) * radius[:, None]
        for side, here in _alike(_sides(share, self.image)):
            patch = _corners(here, draw[here], size=side, image=self.image)
            colour = colours[here, None, None]
            same = (offset[patch] == colour).all(axis=(1, 2, 3), keepdims=True)
            offset[patch] = np.where(same, -colour, colour)
        return offset


@dataclass(frozen=True)
class Bumps:
    """L1 and L2: the change of one patch is moved to another one, as a bump and a dent."""

    image: Image
    low: Array
    """Smallest offsets, shape (n, h, w, c); so much of a change as they cut off is free again."""
    high: Array
    order: int
    """Lengths of disjoint parts add up in this power."""

    def first(self, radius: Array, rng: np.random.Generator) -> Array:
        """Tiles of bumps, each of random sign."""
        height, width, channels = self.image.shape
        side = max(min(height, width) // _TILES, 1)
        counts = (height // side, width // side)
        signs = _signs(rng.random((len(radius), *counts, channels)))
        tile = _bump(side, self.order)[None, None, :, None, :, None]
        change = np.zeros((len(radius), *self.image.shape))
        change[:, : counts[0] * side, : counts[1] * side] = (
            signs[:, :, None, :, None, :] * tile
        ).reshape(len(radius), counts[0] * side, counts[1] * side, channels)
        return self._fitted(change, np.arange(len(radius)), radius)

    def next(self, offset: Array, rows: Ints, *, radius: Array, share: Array, draw: Array) -> Array:
        """Empty one patch, and add what that frees to another one."""
        side = np.maximum(_sides(share, self.image), _ODD) // 2 * 2 + 1
        largest = min(self.image.height, self.image.width)
        side = np.minimum(side, largest - (1 - largest % 2))
        spare = np.maximum(radius**self.order - self._mass(offset).sum(axis=1), 0.0)
        spare /= self.image.channels
        for size, here in _alike(side):
            self._move(offset, here, size=size, spare=spare[here], draw=draw[here])
        return self._fitted(offset, rows, radius)

    def _move(self, change: Array, here: Ints, *, size: int, spare: Array, draw: Array) -> None:
        """Empty one patch of some rows, and add what that frees to another one, in place.

        What came of it is not yet cut to length.
        """
        taken, given = (
            _corners(here, draw[:, at : at + 2], size=size, image=self.image) for at in (2, 0)
        )
        source = change[given]
        free = spare[:, None] + self._mass(change[taken])
        change[taken] = 0.0
        free += self._mass(change[given])  # less where both patches overlap
        bump = _bump(size, self.order)
        turned = np.where(draw[:, 4, None, None] < 0.5, bump, bump.T)
        patch = turned[..., None] * _signs(draw[:, DRAWS:])[:, None, None, :]
        source /= (self._length(source) + _TINY)[:, None, None, :]
        patch += source
        patch *= (free ** (1 / self.order) / (self._length(patch) + _TINY))[:, None, None, :]
        change[given] = patch

    def _mass(self, change: Array) -> Array:
        """What adds up: (k, h, w, c) -> (k, c)."""
        count, height, width, channels = change.shape
        flat = change.reshape(count, height * width, channels)
        if self.order == 1:
            return np.asarray(np.abs(flat).sum(axis=1))
        return np.einsum("kpc,kpc->kc", flat, flat)

    def _length(self, change: Array) -> Array:
        return np.asarray(self._mass(change) ** (1 / self.order))

    def _fitted(self, change: Array, rows: Ints, radius: Array) -> Array:
        """As long as allowed, then within bounds."""
        length = self._mass(change).sum(axis=1) ** (1 / self.order)
        change *= (radius / np.maximum(length, _TINY))[:, None, None, None]
        return clamp(change, whole_or_part(self.low, rows), whole_or_part(self.high, rows))


def _corners(rows: Ints, place: Array, *, size: int, image: Image) -> tuple[Ints, Ints, Ints]:
    """Index of one patch in each of k rows: ``images[index]`` has shape (k, size, size, c).

    Corners are drawn evenly among the places where a patch lies inside the image.
    """
    spans = []
    for axis, extent in enumerate((image.height, image.width)):
        first = np.floor(place[:, axis] * (extent - size + 1)).astype(np.int64)
        spans.append(first[:, None] + np.arange(size))
    return rows[:, None, None], spans[0][:, :, None], spans[1][:, None, :]


@lru_cache(maxsize=256)
def _bump(size: int, order: int) -> Array:
    """A bump over a dent, of length 1: (size, size).

    Each half falls off from its centre c as the sum of 1 / (i + 1)^2 over the squares of
    half-width i that still contain a point.
    """
    upper = size // 2
    halves = []
    for height in (upper, size - upper):
        down = np.abs(np.arange(height) - height // 2)[:, None]
        far = np.maximum(down, np.abs(np.arange(size) - size // 2)[None, :])
        weights = 1.0 / np.arange(1, size + 2) ** 2
        falling = np.cumsum(weights[::-1])[::-1][far]
        length = float(np.linalg.norm(falling.ravel(), ord=order))
        halves.append(falling / max(length, _TINY))
    bump = np.concatenate([halves[0], -halves[1]])
    bump /= np.linalg.norm(bump.ravel(), ord=order)
    bump.flags.writeable = False
    return bump


ORDERS: dict[NormName, int] = {"L1": 1, "L2": 2}
"""Norms whose changes are bumps; all values of the others lie on the edge of the ball."""


def patches_of(constraint: Constraint, *, image: Image, x0: Array) -> Patches:
    """The proposals that fit the attacker's norm: the one place where norms differ.

    Args:
        constraint: What may change.
        image: What rows are.
        x0: Original rows, shape (n, d).
    """
    order = ORDERS.get(constraint.norm.name)
    if order is None:
        return Squares(image)
    limits = []
    for bound in constraint.bounds(x0):
        limit = np.zeros(x0.shape)
        limit[:, constraint.numeric] = bound
        limits.append(limit.reshape(len(x0), *image.shape))
    return Bumps(image, low=limits[0], high=limits[1], order=order)
