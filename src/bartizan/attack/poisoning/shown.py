"""What a picture can hold."""

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.schema import Image


def shown(values: Array, *, image: Image) -> Array:
    """Values that a picture of this form can have.

    Args:
        values: Any shape; unchanged.
        image: What rows are.

    Returns:
        A copy within bounds, whole where the picture is; halves go to the even number.
    """
    made = np.clip(values, image.min, image.max)
    return np.rint(made, out=made) if image.whole else made
