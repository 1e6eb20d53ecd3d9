"""Labels of rows as numbers, numbered as they come."""

import numpy as np
import polars as pl

from bartizan.core.arrays import AnyArray, Ints
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
        here = labels.drop_nulls().unique(maintain_order=True).to_list()
        places = [self._classes.setdefault(label, len(self._classes)) for label in here]
        table = np.array([*places, ABSENT], dtype=np.int32)
        codes = labels.cast(pl.String).cast(pl.Enum(here)).to_physical().cast(pl.Int64)
        self._codes.add(table[codes.fill_null(len(here)).to_numpy()])

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels in the order in which they came."""
        return tuple(self._classes)

    @property
    def codes(self) -> AnyArray:
        """Shape (n,), int32: position in `classes`; -1 where a row has no label."""
        return self._codes.values

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each label."""
        codes = self.codes
        counts = np.bincount(codes[codes >= 0], minlength=len(self._classes))
        return dict(zip(self._classes, counts.tolist(), strict=True))

    def rows(self, label: str) -> Ints:
        """Positions of the rows with one label, ascending."""
        return np.flatnonzero(self.codes == self._classes[label])
