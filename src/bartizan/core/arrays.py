"""Names for the arrays that travel below the records."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
"""Real numbers, float64."""
Mask: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
AnyArray: TypeAlias = npt.NDArray[Any]


def frozen(values: AnyArray) -> AnyArray:
    """Return a read-only view, so that nobody changes data that evidence refers to."""
    view = values.view()
    view.flags.writeable = False
    return view


def index(columns: Ints, width: int) -> slice | Ints:
    """Ascending columns as an index: a slice, which copies nothing, where they are all."""
    return slice(None) if len(columns) == width else columns


def whole_or_part(values: AnyArray, rows: Ints) -> AnyArray:
    """Some rows, ascending and each once: a copy, or the values themselves where they are all."""
    return values if len(rows) == len(values) else values[rows]


def gaps(values: Array) -> bool:
    """Whether values may be missing: one pass; a false alarm only costs a second look."""
    return bool(np.isnan(values.sum()))


def same(left: Array, right: Array) -> Mask:
    """Which values are equal, or missing in both; shapes broadcast."""
    alike = np.asarray(left == right)
    if gaps(left):
        alike |= np.isnan(left) & np.isnan(right)
    return alike


def single(values: Array) -> Array:
    """The one number that all values are, shape (1,), or the values, shape (m,).

    Both broadcast to the same numbers; numpy is two to five times as fast with one of them.
    """
    return values[:1] if values.size and (values == values[0]).all() else values


def clamp(values: Array, low: Array, high: Array) -> Array:
    """Values between limits, in place; NaN stays NaN.

    Args:
        values: Any shape; overwritten.
        low: Smallest values, of a shape that broadcasts to that of the values.
        high: Largest values, not below `low`.

    Returns:
        `values`.
    """
    if low.size == high.size == 1:  # numpy has a loop of its own for clipping to two numbers ...
        return np.clip(values, low, high, out=values)
    np.maximum(values, low, out=values)  # ... but these two are faster together with arrays
    return np.minimum(values, high, out=values)
