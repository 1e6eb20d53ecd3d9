"""Pictures that look alike: 64 bits of where they grow brighter, and a small copy to make sure."""

import numpy as np

from bartizan.core.arrays import AnyArray, Array

SIDE = 16
"""The small copy has 16 x 16 values: 256 bytes an image. With 8 x 8, strokes of different
hand-written digits fall together."""
_AREAS = 8
"""The hash compares 8 x 8 areas with their neighbours: 64 bits."""
_BANDS = 5
_TIE = 1e-9
"""Difference of means, as a share of the brightest, that is rounding."""
SPARE = 52
"""Bits of a key that need not be equal: of 64 bits, five stretches of 12 are left. Hashes that
differ in at most 4 bits share one of them."""
NEAR_BITS = 4
"""Bits in which hashes of near pictures differ at most."""


def small(images: AnyArray, *, height: int, width: int) -> Array:
    """Grey copies by the mean over areas, (n, h, w, c) -> (n, height, width).

    A picture of fewer pixels repeats them.
    """
    grey = images.astype(np.float64).mean(axis=3)
    return _shrunk(_shrunk(grey, height, axis=1), width, axis=2)


def _shrunk(values: Array, size: int, *, axis: int) -> Array:
    """Means over equal stretches of an axis, each with whole pixels."""
    length = values.shape[axis]
    edges = np.arange(size + 1) * length // size
    if length < size:
        return np.take(values, edges[:-1], axis=axis)
    total = np.add.reduceat(values, edges[:-1], axis=axis)
    shape = [1] * values.ndim
    shape[axis] = size
    return total / np.diff(edges).reshape(shape)


def difference_hash(images: AnyArray) -> AnyArray:
    """64 bits a picture, (n, h, w, c) -> (n,), uint64.

    Each says whether one of 8 x 9 areas is darker than the next to its right.
    Brightness, contrast and small stickers change few of them.

    Source:
        Krawetz (2013), Kind of like that (dHash).
    """
    grey = small(images, height=_AREAS, width=_AREAS + 1)
    tie = _TIE * np.abs(grey).max(axis=(1, 2), keepdims=True)
    bits = (grey[:, :, 1:] - grey[:, :, :-1] > tie).reshape(len(grey), -1)
    found: AnyArray = np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)
    return found


def band_keys(hashes: AnyArray) -> AnyArray:
    """The hashes, turned so that each stretch of 12 bits comes first once; (n,) -> (5, n).

    Source:
        Norouzi, Punjani and Fleet (2012), Fast search in Hamming space with multi-index hashing.
    """
    width = 64 - SPARE
    turns = [np.uint64(width * band) for band in range(1, _BANDS)]
    turned = [(hashes << turn) | (hashes >> (np.uint64(64) - turn)) for turn in turns]
    return np.stack([hashes, *turned])


def bits_apart(left: AnyArray, right: AnyArray) -> AnyArray:
    """In how many bits hashes differ (Hamming distance), shape (p,)."""
    return np.bitwise_count(left ^ right)
