"""Pictures as rows of a bounded number of values, so that covariances stay small."""

import math

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.schema import Image

_VALUES = 1024
"""Values of a row at most: 32 x 32 grey. Their covariance takes a second, that of colour thirty."""


def views(x: Array, *, image: Image) -> tuple[Array, ...]:
    """Grey at full size, and colour averaged over blocks; smaller where pictures are large.

    Args:
        x: Shape (n, d).
        image: What a row is.

    Returns:
        One or two arrays (n, w), w at most about 1024, values as shares of the range.
    """
    full = (x.reshape(-1, *image.shape) - image.min) / (image.max - image.min)
    if image.size <= _VALUES:
        return (full.reshape(len(x), -1),)
    found = [_pooled(full.mean(axis=3, keepdims=True))]
    if image.channels > 1:
        found.append(_pooled(full))
    return tuple(found)


def _pooled(pictures: Array) -> Array:
    """Means of square blocks; those at the edge may be smaller."""
    _, height, width, channels = pictures.shape
    side = math.ceil(math.sqrt(height * width * channels / _VALUES))
    if side > 1:
        for axis, length in ((1, height), (2, width)):
            starts = np.arange(0, length, side)
            sizes = np.diff(np.append(starts, length))
            shape = [-1 if k == axis else 1 for k in range(4)]
            pictures = np.add.reduceat(pictures, starts, axis=axis) / sizes.reshape(shape)
    return np.asarray(pictures.reshape(len(pictures), -1))
