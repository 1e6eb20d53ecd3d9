"""A uniform sample of rows that depends on nothing but a seed and how many rows there are."""

import numpy as np
import polars as pl

from bartizan.core.arrays import AnyArray

ROWS = 50_000
"""Rows of a sample: shares are then known to within 0.5 points, and a shift of a column by 0.03
standard deviations is seen."""
_CELLS = 1 << 24
"""Values of a sample at most, so that 2,000 columns take 128 MiB and not 800."""
PRIORITY = "\0priority"
"""Name of the column of priorities; no source can name a column so."""


def rows_for(columns: int, *, rows: int = ROWS) -> int:
    """Rows of a sample of so many columns."""
    return max(1, min(rows, _CELLS // max(columns, 1)))


def priorities(seed: int, *, start: int, rows: int) -> AnyArray:
    """A hash of each row's id under a seed: shape (rows,), uint64, each value once.

    Source:
        Steele, Lea and Flood (2014), OOPSLA, SplitMix64; a bijection, so that none are equal.
    """
    with np.errstate(over="ignore"):
        made = np.arange(start, start + rows, dtype=np.uint64) + np.uint64(seed)
        made = (made + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        made = (made ^ (made >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        made = (made ^ (made >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(made ^ (made >> np.uint64(31)))


class RowSample:
    """Keeps the rows of the smallest priorities: at most twice the sample at any time.

    Every set of rows of that size is equally likely, whatever the batches. Who does not know the
    seed cannot place a row so that it is left out.

    Source:
        Bottom-k sampling: Cohen and Kaplan (2007), PODC.
    """

    def __init__(self, *, seed: int, rows: int) -> None:
        self._seed = seed
        self._rows = rows
        self._parts: list[pl.DataFrame] = []
        self._held = 0
        self._limit = (1 << 64) - 1

    def see(self, frame: pl.DataFrame, *, start: int) -> None:
        """Look at the next rows; `start` is the id of the first."""
        found = priorities(self._seed, start=start, rows=frame.height)
        part = frame.with_columns(pl.Series(PRIORITY, found))
        if self._limit < (1 << 64) - 1:
            part = part.filter(pl.Series(found <= np.uint64(self._limit)))
        self._parts.append(part)
        self._held += part.height
        if self._held > 2 * self._rows:
            self._shrink()

    def rows(self) -> pl.DataFrame | None:
        """The sample, smallest priorities first, with them; none = no row was seen."""
        if not self._parts:
            return None
        self._shrink()
        return self._parts[0].sort(PRIORITY)

    def _shrink(self) -> None:
        held = pl.concat(self._parts)
        if held.height > self._rows:
            found = held[PRIORITY].to_numpy()
            self._limit = int(np.partition(found, self._rows - 1)[self._rows - 1])
            held = held.filter(pl.Series(found <= np.uint64(self._limit)))
        self._parts, self._held = [held], held.height
