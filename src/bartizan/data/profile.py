"""What data of a kind looks like, in numbers that hold no row of it."""

import math
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from bartizan.core.errors import InputError
from bartizan.core.record import Record


class Bins(Record, frozen=True, kw_only=True):
    """How the values of a column are spread among the rows of a sample.

    Edges and categories were chosen by other rows than those counted here, so that counts of
    this and of later data differ by chance alone where nothing changed.
    """

    edges: tuple[float, ...] = ()
    """Inner edges, ascending: bin i holds what is above edge i - 1 and at most edge i."""
    counts: tuple[int, ...]
    """Values in each bin, or of each category."""
    categories: tuple[str, ...] = ()
    """Categories in the order of `counts`, where values have no order; the last count is that of
    all other values."""
    scores: tuple[float, ...] = ()
    """Where a bin lies on the scale of a normal distribution, in the order of `counts`; empty for
    categories."""
    missing: int = 0
    """Rows of the sample without a value."""

    def __post_init__(self) -> None:
        """Refuse what cannot come from counting."""
        _require(not (self.edges and self.categories), "bins have edges or categories, not both")
        _require(_finite(self.edges), "an edge of a bin is not finite")
        _require(all(a < b for a, b in pairwise(self.edges)), "edges of bins do not ascend")
        _require(
            len(set(self.categories)) == len(self.categories), "a category is listed twice in bins"
        )
        cells = max(len(self.edges), len(self.categories)) + 1
        _require(len(self.counts) == cells, f"{cells} counts were expected, got {len(self.counts)}")
        _require(min(self.counts) >= 0 and self.missing >= 0, "a count is negative")
        _require(_finite(self.scores), "a score of a bin is not finite")
        wanted = {cells} if self.edges else {0} if self.categories else {0, 1}
        _require(
            len(self.scores) in wanted, "bins of numbers have a score each, categories have none"
        )

    @property
    def rows(self) -> int:
        """Rows counted."""
        return sum(self.counts) + self.missing


class ColumnProfile(Record, frozen=True, kw_only=True):
    """One column."""

    name: str
    rows: int
    nulls: int
    """Missing or unfit."""
    distinct: int
    """Different values: exact up to 4,096, above that estimated, with a standard error of 1.6 %."""
    min: float | None = None
    """Smallest finite number; none for categories and for personal columns."""
    max: float | None = None
    mean: float | None = None
    """Of the finite numbers."""
    bins: Bins | None = None
    """Of a sample of rows; none = the column is personal or names rows, see `profiling`."""

    def __post_init__(self) -> None:
        """Refuse what cannot come from counting."""
        _require(
            0 <= self.nulls <= self.rows and 0 <= self.distinct <= self.rows + 1,
            f"column {self.name!r}: {self.rows} rows, {self.nulls} nulls and {self.distinct} "
            "different values cannot be",
        )
        numbers = [value for value in (self.min, self.mean, self.max) if value is not None]
        _require(_finite(numbers), f"column {self.name!r}: a number is not finite")
        _require(
            self.bins is None or self.bins.rows <= self.rows,
            f"column {self.name!r}: its bins count more rows than there are",
        )


class JointProfile(Record, frozen=True, kw_only=True):
    """How all columns together are spread: moments of random features of a sample of rows."""

    seed: int
    """Of the random features."""
    rows: int
    """Rows of the sample."""
    width: float
    """Sum of the columns' variances on their common scale, which sets how far features reach."""
    mean: tuple[float, ...]
    """Shape (k,)."""
    covariance: tuple[float, ...]
    """Shape (k (k + 1) / 2,): row by row, each up to the diagonal."""

    def __post_init__(self) -> None:
        """Refuse moments that no features have."""
        k = len(self.mean)
        _require(self.seed >= 0 and self.rows >= 2, "a joint profile is of at least two rows")
        _require(math.isfinite(self.width) and self.width > 0, "the width of features is positive")
        _require(k > 0 and k % 2 == 0, "features come in pairs")
        _require(
            len(self.covariance) == k * (k + 1) // 2,
            f"{k} features have {k * (k + 1) // 2} covariances, got {len(self.covariance)}",
        )
        _require(_finite((*self.mean, *self.covariance)), "a moment of a feature is not finite")
        diagonal = (self.covariance[i * (i + 3) // 2] for i in range(k))
        _require(all(value >= 0 for value in diagonal), "a variance is negative")


class DataProfile(Record, frozen=True, kw_only=True, tag_field="schema", tag="dataprofile/1"):
    """What a data set looks like."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    """In the order of the schema; then the target, if there is one."""
    labels: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows of each class; of all classes past the thousand largest under the empty name."""
    sources: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows of each source, where a column names them; of all sources with fewer than ten rows, and
    of rows without one, under the empty name."""
    joint: JointProfile | None = None

    def __post_init__(self) -> None:
        """Refuse counts that contradict each other."""
        counts = (self.rows, *self.labels.values(), *self.sources.values())
        _require(min(counts) >= 0, "a count of rows is negative")
        for what, parts in (("classes", self.labels), ("sources", self.sources)):
            _require(sum(parts.values()) <= self.rows, f"its {what} have more rows than there are")
        names = [column.name for column in self.columns]
        _require(len(set(names)) == len(names), "a column is listed twice")
        _require(
            all(column.rows == self.rows for column in self.columns),
            "its columns differ in their number of rows",
        )

    def column(self, name: str) -> ColumnProfile | None:
        """The column of that name, if there is one."""
        return next((one for one in self.columns if one.name == name), None)


def _finite(values: Iterable[float]) -> bool:
    return all(math.isfinite(value) for value in values)


def _require(holds: bool, why: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        message = (
            f"this is no profile of a data set as Bartizan writes it: {why}. Take the profile "
            "from the registered version again; it is not meant to be edited"
        )
        raise InputError(message)
