"""The row that is most like a row that is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.core.arrays import Mask


@dataclass(frozen=True, kw_only=True)
class Near:
    """The nearest row met so far."""

    row: int
    """Its id: the first of those that are equally near."""
    alike: int
    """Columns in which it is equal."""
    ties: int
    """Rows that are equally near."""
    differs: tuple[str, ...]
    """Columns in which the first differs."""


class NearestRow:
    """Finds the row that is equal to a wanted one in the most columns.

    Args:
        wanted: The row by column; none = missing.
    """

    def __init__(self, wanted: dict[str, object]) -> None:
        self._wanted = wanted
        self._best: Near | None = None

    def see(self, frame: pl.DataFrame, *, start: int, skip: Mask) -> None:
        """Look at the next rows, those left out that are marked, shape (n,)."""
        same = [_equal(frame[name], value) for name, value in self._wanted.items()]
        alike = np.stack(same).sum(axis=0, dtype=np.int64)
        alike[skip] = -1
        first = int(np.argmax(alike)) if len(alike) else 0
        most = int(alike[first]) if len(alike) else -1
        if most < 0 or (self._best is not None and most < self._best.alike):
            return
        ties = int((alike == most).sum())
        if self._best is not None and most == self._best.alike:
            self._best = Near(
                row=self._best.row,
                alike=most,
                ties=self._best.ties + ties,
                differs=self._best.differs,
            )
            return
        names: Sequence[str] = list(self._wanted)
        differs = tuple(name for name, here in zip(names, same, strict=True) if not here[first])
        self._best = Near(row=start + first, alike=most, ties=ties, differs=differs)

    def found(self) -> Near | None:
        """The nearest row, if it is equal in at least half of the columns: else it is any row."""
        if self._best is None or 2 * self._best.alike < len(self._wanted):
            return None
        return self._best


def _equal(values: pl.Series, wanted: object) -> Mask:
    """Which values are equal to one, or missing as it is; shape (n,)."""
    if wanted is None:
        return values.is_null().to_numpy()
    return (values == wanted).fill_null(value=False).to_numpy()
