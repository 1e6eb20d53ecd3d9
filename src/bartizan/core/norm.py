"""Norms of a change: how long it is, which change of unit length gains most, how to shorten it.

Changes are offsets from the original row in units of the budget, so that length 1 is exactly
the budget. Attacks never branch on the norm: what differs between norms lives here.
"""

from typing import Protocol

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.attacker import NormName

_BISECTIONS = 60
"""Halvings that bring a float64 bracket down to rounding."""


class Norm(Protocol):
    """What an attack needs to know about a norm. Rows are independent everywhere."""

    name: NormName
    smooth: NormName
    """The norm to estimate gradients and walk in: this one, or one whose steepest direction
    changes continuously."""
    power: float
    join: np.ufunc
    """How coordinates make a length: ``join.reduce(abs(offset) ** power) ** (1 / power)``. What
    is searched coordinate by coordinate is priced with these."""

    def length(self, offset: Array) -> Array:
        """Length of each offset: (n, m) -> (n,), >= 0."""
        ...

    def shorten(self, offset: Array, length: Array) -> Array:
        """The nearest point on the norm's own path to the origin.

        Args:
            offset: Shape (n, m).
            length: Wanted lengths, shape (n,), >= 0.

        Returns:
            Offsets, shape (n, m), each no longer than asked; unchanged where already short.
        """
        ...

    def ascend(self, gain: Array, low: Array, high: Array) -> Array:
        """The offset of length at most 1 within [low, high] that gains most to first order.

        Args:
            gain: Gain per unit of offset, shape (n, m).
            low: Smallest offset of each coordinate, shape (n, m), <= 0.
            high: Largest offset, shape (n, m), >= 0. Infinity = unbounded.

        Returns:
            The maximiser of sum(gain * offset), shape (n, m).
        """
        ...


def _scaled(offset: Array, length: Array, now: Array) -> Array:
    """Shrink along the ray to the origin."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(now > length, length / now, 1.0)
    return offset * factor[:, None]


class L1:
    """Sum of absolute changes; also the length of a change whose coordinates are money."""

    name: NormName = "L1"
    smooth: NormName = "L2"
    power: float = 1.0
    join: np.ufunc = np.add

    def length(self, offset: Array) -> Array:
        """Sum of absolute values."""
        return np.abs(offset).sum(axis=1)

    def shorten(self, offset: Array, length: Array) -> Array:
        """Shrink along the ray."""
        return _scaled(offset, length, self.length(offset))

    def ascend(self, gain: Array, low: Array, high: Array) -> Array:
        """Spend the length on the best coordinate until its bound, then on the next best."""
        room = np.where(gain > 0, high, -low)
        order = np.argsort(-np.abs(gain), axis=1, kind="stable")
        room = np.where(gain == 0, 0.0, room)
        sorted_room = np.minimum(np.take_along_axis(room, order, axis=1), 1.0)
        spent = np.cumsum(sorted_room, axis=1) - sorted_room
        take = np.clip(1.0 - spent, 0.0, sorted_room)
        offset = np.zeros_like(gain)
        np.put_along_axis(offset, order, take, axis=1)
        return offset * np.sign(gain)


class L2:
    """Euclidean length."""

    name: NormName = "L2"
    smooth: NormName = "L2"
    power: float = 2.0
    join: np.ufunc = np.add

    def length(self, offset: Array) -> Array:
        """Root of the sum of squares."""
        return np.sqrt(np.einsum("ij,ij->i", offset, offset))

    def shorten(self, offset: Array, length: Array) -> Array:
        """Shrink along the ray."""
        return _scaled(offset, length, self.length(offset))

    def ascend(self, gain: Array, low: Array, high: Array) -> Array:
        """Follow the gradient; what a bound cuts off goes to the other coordinates.

        The maximiser is clip(gain * t, low, high) for the multiplier t at which the length is 1
        (KKT conditions); its length grows with t, so t is found by bisection.
        """
        largest = np.abs(gain).max(axis=1, initial=0.0, keepdims=True)
        gain = gain / np.where(largest > 0, largest, 1.0)  # squares stay within the floats
        size = np.maximum(self.length(gain), 1.0)  # where there is a gain, the largest is 1 now
        unit = gain / size[:, None]
        offset = np.clip(unit, low, high)
        short = np.flatnonzero(self.length(offset) < 1 - 1e-12)
        short = short[np.any(unit[short] != offset[short], axis=1)]
        if short.size:
            offset[short] = self._fill(unit[short], low[short], high[short])
        return offset

    def _fill(self, unit: Array, low: Array, high: Array) -> Array:
        below, above = np.zeros(len(unit)), np.full(len(unit), 1e12)
        for _ in range(_BISECTIONS + 40):  # the bracket spans twelve decades more than usual
            middle = (below + above) / 2
            fits = self.length(np.clip(unit * middle[:, None], low, high)) <= 1
            below, above = np.where(fits, middle, below), np.where(fits, above, middle)
        return np.clip(unit * below[:, None], low, high)


class Linf:
    """Largest absolute change."""

    name: NormName = "Linf"
    smooth: NormName = "Linf"
    power: float = 1.0
    join: np.ufunc = np.maximum

    def length(self, offset: Array) -> Array:
        """Largest absolute value; 0 for rows without coordinates."""
        return np.abs(offset).max(axis=1, initial=0.0)

    def shorten(self, offset: Array, length: Array) -> Array:
        """Clip every coordinate to the length."""
        return np.clip(offset, -length[:, None], length[:, None])

    def ascend(self, gain: Array, low: Array, high: Array) -> Array:
        """Move every coordinate as far as it may in its better direction."""
        return np.clip(np.sign(gain), low, high)


NORMS: dict[NormName, Norm] = {"L1": L1(), "L2": L2(), "Linf": Linf()}
