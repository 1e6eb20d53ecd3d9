"""Who contributed the rows that a model learns from, and when."""

from dataclasses import dataclass

from bartizan.core.arrays import Array, Ints, frozen
from bartizan.core.errors import ShapeError

UNTOLD = -1
"""The source of rows of which nobody says who contributed them."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where training rows come from. Entry i belongs to row i; names of sources stay outside."""

    sources: Ints
    """Shape (n,): a number for each contributor, from 0; `UNTOLD` where nobody says."""
    times: Array | None = None
    """When each row came to be, shape (n,): only the order counts, NaN where nobody says; none =
    nobody says of any, and rows are taken to have come in their order."""

    def __post_init__(self) -> None:
        """Check shapes and lock the arrays."""
        if self.times is not None and self.times.shape != self.sources.shape:
            message = f"{self.sources.shape} sources do not go with {self.times.shape} times"
            raise ShapeError(message)
        object.__setattr__(self, "sources", frozen(self.sources))
        if self.times is not None:
            object.__setattr__(self, "times", frozen(self.times))

    def take(self, rows: Ints) -> "Provenance":
        """Of some rows only, in the order given."""
        times = None if self.times is None else self.times[rows]
        return Provenance(sources=self.sources[rows], times=times)
