"""What data of a kind looks like, in numbers that hold no row of it."""

import msgspec

from bartizan.core.record import Record


class Bins(Record, frozen=True, kw_only=True):
    """How the values of a column are spread."""

    edges: tuple[float, ...] = ()
    """Inner edges, ascending: bin i holds what is above edge i - 1 and at most edge i."""
    counts: tuple[int, ...]
    """Values in each bin, or of each category."""
    categories: tuple[str, ...] = ()
    """Categories in the order of `counts`, where values have no order; the last count is that of
    all other values."""


class ColumnProfile(Record, frozen=True, kw_only=True):
    """One column."""

    name: str
    rows: int
    nulls: int
    """Missing or unfit."""
    distinct: int
    """Different values, estimated where there are many."""
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    bins: Bins | None = None
    """Of a sample of rows; none = the column holds nothing."""


class JointProfile(Record, frozen=True, kw_only=True):
    """How all columns together are spread: moments of random features of a sample of rows."""

    seed: int
    """Of the random features."""
    rows: int
    mean: tuple[float, ...]
    """Shape (k,)."""
    covariance: tuple[float, ...]
    """Shape (k * k,), row by row."""


class DataProfile(Record, frozen=True, kw_only=True, tag_field="schema", tag="dataprofile/1"):
    """What a data set looks like."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    """In the order of the schema; then the target, if there is one."""
    labels: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows of each class."""
    sources: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows of each source, where a column names them."""
    joint: JointProfile | None = None

    def column(self, name: str) -> ColumnProfile | None:
        """The column of that name, if there is one."""
        return next((one for one in self.columns if one.name == name), None)
