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
