"""Norms of a change: how long it is, which change of unit length gains most, how to shorten it.

Changes are offsets from the original row in units of the budget, so that length 1 is exactly
the budget. Attacks never branch on the norm: what differs between norms lives here.
"""

from typing import Protocol

import numpy as np

from bartizan.core.arrays import Array, clamp, single
from bartizan.core.attacker import NormName
from bartizan.core.projection import scaled, thresholded


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

    def project(self, offset: Array, low: Array, high: Array, *, radius: Array) -> Array:
        """The nearest offset, in Euclidean distance, of length at most `radius` within bounds.

        Args:
            offset: Shape (n, m); overwritten.
            low: Smallest offset of each coordinate, shape (n, m), <= 0.
            high: Largest offset, shape (n, m), >= 0. Infinity = unbounded.
            radius: Largest length of each row, shape (n,), >= 0.

        Returns:
            Shape (n, m); may be `offset` itself.
        """
        ...

    def stride(self, gain: Array, *, offset: Array, low: Array, high: Array, share: Array) -> Array:
        """A step of length 1 from an offset that gains; what bounds forbid is left to `project`.

        Unlike `ascend`, which goes where a gain that never changes would be largest, this is the
        step to take where it changes soon: in L1 it is shared by several coordinates.

        Args:
            gain: Gain per unit of offset, shape (n, m), finite.
            offset: Where each row is, shape (n, m), within bounds.
            low: Smallest offset of each coordinate, shape (n, m), <= 0.
            high: Largest offset, shape (n, m), >= 0.
            share: Share of the coordinates that move at once, shape (n,), for norms in which
                fewer gain more.

        Returns:
            Shape (n, m); 0 where nothing gains.
        """
        ...

    def rate(self, gain: Array) -> Array:
        """The most that a change of length 1 gains: the dual norm, (n, m) -> (n,), >= 0."""
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

    def project(self, offset: Array, low: Array, high: Array, *, radius: Array) -> Array:
        """Take the same from every coordinate until the sum fits."""
        inside = clamp(offset.copy(), low, high)
        long = self.length(inside) > radius
        if long.all():
            return thresholded(offset, low, high, radius=radius)
        if long.any():
            inside[long] = thresholded(offset[long], low[long], high[long], radius=radius[long])
        return inside

    def stride(self, gain: Array, *, offset: Array, low: Array, high: Array, share: Array) -> Array:
        """The same for each of the best coordinates that still have room.

        Source: Croce and Hein (2021), "Mind the box", arXiv:2103.01208, section 3.
        """
        width = gain.shape[1]
        if not width:
            return np.zeros_like(gain)
        up = gain > 0
        size = np.abs(gain)
        size[np.where(up, offset >= high, offset <= low)] = 0.0
        count = np.clip(np.floor(share * width), 1, width).astype(np.int64)
        places = np.unique(width - count)
        ranked = np.partition(size, places, axis=1)
        least = ranked[np.arange(len(gain)), width - count]
        best = size >= np.maximum(least, np.finfo(float).tiny)[:, None]
        step = np.where(best, np.sign(gain), 0.0)
        step /= np.maximum(np.count_nonzero(best, axis=1), 1)[:, None]
        return step

    def rate(self, gain: Array) -> Array:
        """What the best coordinate gains."""
        return np.abs(gain).max(axis=1, initial=0.0)


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
        (KKT conditions).
        """
        largest = np.abs(gain).max(axis=1, initial=0.0, keepdims=True)
        gain = gain / np.where(largest > 0, largest, 1.0)  # squares stay within the floats
        return scaled(gain, low, high, radius=np.ones(len(gain)), most=np.inf)

    def project(self, offset: Array, low: Array, high: Array, *, radius: Array) -> Array:
        """Shrink along the ray; what a bound cuts off need not be shrunk for the others."""
        inside = clamp(offset.copy(), low, high)
        long = self.length(inside) > radius
        if long.all():
            return scaled(offset, low, high, radius=radius, most=1.0)
        if long.any():
            part = (offset[long], low[long], high[long])
            inside[long] = scaled(*part, radius=radius[long], most=1.0)
        return inside

    def stride(self, gain: Array, *, offset: Array, low: Array, high: Array, share: Array) -> Array:
        """Along the gradient."""
        del offset, low, high, share  # every coordinate moves by its part
        size = self.length(gain)
        return gain * np.divide(1.0, size, out=np.zeros(len(gain)), where=size > 0)[:, None]

    def rate(self, gain: Array) -> Array:
        """Length of the gradient."""
        return self.length(gain)


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
        return clamp(np.sign(gain), low, high)

    def project(self, offset: Array, low: Array, high: Array, *, radius: Array) -> Array:
        """Clip every coordinate to the length and to its bounds."""
        edge = single(radius)[:, None]
        return clamp(clamp(offset, -edge, edge), low, high)

    def stride(self, gain: Array, *, offset: Array, low: Array, high: Array, share: Array) -> Array:
        """Every coordinate as far as the others."""
        del offset, low, high, share  # every coordinate moves
        return np.sign(gain)

    def rate(self, gain: Array) -> Array:
        """Sum of what all coordinates gain."""
        return np.abs(gain).sum(axis=1)


NORMS: dict[NormName, Norm] = {"L1": L1(), "L2": L2(), "Linf": Linf()}
