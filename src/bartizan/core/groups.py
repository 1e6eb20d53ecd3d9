"""Groups of rows that a bias audit compares: who is asked for, and who belongs where."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from bartizan.core.arrays import Ints, frozen
from bartizan.core.errors import ConfigError

LEAST = 50
"""Rows that a rate of a group rests on, at least. With fewer, the interval of one rate alone is
wider than 0.27, and no gap of the size one would act on can be told from chance."""
FEWEST = 10
"""As few as a user may ask for: below, a rate moves by a tenth with every row."""


@dataclass(frozen=True, kw_only=True)
class AuditColumn:
    """A column whose values are the groups of an audit, as a person asks for it."""

    column: str
    bands: tuple[float, ...] = ()
    """Edges that cut a column of numbers into bands, ascending; none = its quartiles."""
    apart: bool = False
    """Whether the column is no feature: the model never sees it."""
    least: int = LEAST
    """Rows that a rate must rest on to be compared."""

    def __post_init__(self) -> None:
        """Refuse edges that are no edges, and rates of a handful of rows."""
        ascending = all(one < two for one, two in pairwise(self.bands))
        if not ascending or not all(math.isfinite(edge) for edge in self.bands):
            told = ", ".join(f"{edge:g}" for edge in self.bands)
            message = f"audit of {self.column!r}: expected ascending edges of bands, got {told}"
            raise ConfigError(message)
        if self.least < FEWEST:
            message = (
                f"audit of {self.column!r}: a rate of fewer than {FEWEST} rows says nothing, got "
                f"least = {self.least}"
            )
            raise ConfigError(message)


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Which group of one column each row belongs to."""

    column: str
    names: tuple[str, ...]
    codes: Ints
    """Position in `names` of each row, shape (n,)."""
    least: int = LEAST
    """Rows that a rate must rest on to be compared."""

    def __post_init__(self) -> None:
        """Lock the array."""
        object.__setattr__(self, "codes", frozen(self.codes))

    def take(self, rows: Ints) -> Self:
        """The same groups of some rows, in the order given."""
        return replace(self, codes=self.codes[rows])
