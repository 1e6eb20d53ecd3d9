"""Rows as a file can hold them: what an attack computes, whoever writes it down has to round."""

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.schema import Schema

_WHOLE = ("integer", "ordered", "categorical")
_CODED = ("ordered", "categorical")


def stored(x: Array, schema: Schema) -> Array:
    """Round rows to what their columns or pixels can hold.

    Args:
        x: Shape (n, d), unchanged.
        schema: Of the rows.

    Returns:
        Shape (n, d), a copy. Whole numbers are whole, codes are codes of the schema, and pixels
        lie between dark and bright. Numbers of a table may lie outside their declared range:
        a mark out of range is one of the questions.
    """
    image = schema.image
    if image is not None:
        made = np.clip(x, image.min, image.max)
        return np.rint(made, out=made) if image.whole else made
    made = x.copy()
    for place, feature in enumerate(schema.features):
        if feature.type in _WHOLE:
            np.rint(made[:, place], out=made[:, place])
        if feature.type in _CODED:
            made[:, place] = np.clip(made[:, place], 0, len(feature.categories) - 1)
    return made
