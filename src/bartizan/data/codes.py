"""Labels of rows as numbers, numbered as they come."""

import numpy as np
import polars as pl

from bartizan.core.arrays import AnyArray
from bartizan.data.keys import Gathered

ABSENT = -1
"""Code of a row without a label."""


class Coded:
    """Positions of labels in `classes`; 4 bytes a row, and each different label once."""

    def __init__(self, classes: tuple[str, ...] = ()) -> None:
        self._classes = dict(zip(classes, range(len(classes)), strict=True))
        self._codes = Gathered(np.int32)

    def add(self, labels: pl.Series) -> None:
        """The labels of the next rows."""
        for label in labels.drop_nulls().unique(maintain_order=True):
            self._classes.setdefault(label, len(self._classes))
        known = pl.Enum([*self._classes])
        codes = labels.cast(pl.String).cast(known).to_physical().cast(pl.Int32)
        self._codes.add(codes.fill_null(ABSENT).to_numpy())

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels in the order in which they came."""
        return tuple(self._classes)

    @property
    def codes(self) -> AnyArray:
        """Shape (n,), int32: position in `classes`; -1 where a row has no label."""
        return self._codes.values
