"""Single-precision and strict comparisons, translated into <= of doubles.

A library that reads a row in single precision rounds every value to the nearest float32, halves
to the one with an even last bit. Rounding never turns two values around, so for each test there
is one largest double that passes it, and the test is the same as being at most that double.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bartizan.core.arrays import Array

_OVERFLOW = 2.0**128
"""What the float32 after the largest one would be; from halfway there on, values round to
infinity."""


def below(threshold: ArrayLike) -> Array:
    """The largest doubles T for which x <= T means x < threshold.

    Args:
        threshold: Doubles of any shape, not NaN.

    Returns:
        The same shape. Nothing is below minus infinity, and no row of data holds it.
    """
    return np.nextafter(np.asarray(threshold, dtype=np.float64), -np.inf)


def single_at_most(threshold: ArrayLike) -> Array:
    """The largest doubles T for which x <= T means float32(x) <= threshold.

    Args:
        threshold: Doubles of any shape, not NaN; they need not be float32 themselves.

    Returns:
        The same shape.

    Cost: a few passes over the thresholds.
    """
    limit = np.asarray(threshold, dtype=np.float64)
    nearest = _single(limit)
    return _last_rounded_to(np.where(nearest > limit, _before(nearest), nearest))


def single_below(threshold: ArrayLike) -> Array:
    """The largest doubles T for which x <= T means float32(x) < threshold.

    Args:
        threshold: Doubles of any shape, not NaN; they need not be float32 themselves.

    Returns:
        The same shape; minus infinity where nothing passes, and no row of data holds it.
    """
    limit = np.asarray(threshold, dtype=np.float64)
    nearest = _single(limit)
    found = _last_rounded_to(np.where(nearest >= limit, _before(nearest), nearest))
    return np.where(np.isneginf(limit), -np.inf, found)


def _single(values: Array) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _before(values: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # the one before the most negative is minus infinity
        return np.nextafter(values, np.float32(-np.inf))


def _last_rounded_to(limit: NDArray[np.float32]) -> Array:
    """The largest doubles that round to these float32 or below."""
    with np.errstate(over="ignore"):
        after = np.nextafter(limit, np.float32(np.inf)).astype(np.float64)
    low = np.where(np.isneginf(limit), -_OVERFLOW, limit.astype(np.float64))
    after = np.where(np.isposinf(after), _OVERFLOW, after)
    with np.errstate(invalid="ignore"):
        middle = 0.5 * low + 0.5 * after  # exact: 25 bits, and at least 2 ** -150
    passes = _single(middle) <= limit
    found = np.where(passes, middle, np.nextafter(middle, -np.inf))
    return np.where(np.isposinf(limit), np.inf, found)
