"""Some rows of a data set, one after the other: what inspections are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import SchemaError


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Consecutive rows, as they are spelled and as what they mean."""

    start: int
    """Row id of the first row: its position in the source, from 0, without the header."""
    raw: pl.DataFrame
    """As the source has them, every column: text for CSV and NDJSON, else the source's types."""
    frame: pl.DataFrame
    """The schema's columns in its order, then the target if there is one. Numbers are Float64,
    whole numbers Int64, `ordered` and `categorical` values and the target String. Null where a
    value is missing or unfit. A column that the source lacks is null throughout."""
    unfit: Mapping[str, pl.Series] = field(default_factory=dict)
    """By column, where a value is there that its type cannot hold: Boolean, shape (n,). Columns
    without such a value are left out."""
    pixels: AnyArray | None = None
    """Shape (n, h, w, c), where rows are images."""

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return self.raw.height


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How many rows are read at once."""

    rows: int
    cells: int
    """Most cells of a batch, but for one row that has more."""
    text_bytes: int = 64 << 20
    """Most bytes of text of a batch: at least one row of the longest."""
    columns: int = 100_000
    """Most columns: each costs a millisecond and some kilobytes, however few rows there are."""

    def height(self, width: int) -> int:
        """Rows of a batch of so many columns."""
        return max(1, min(self.rows, self.cells // max(width, 1)))

    def require_narrow(self, width: int, *, where: str) -> None:
        """Refuse a table of more columns than may be read.

        Raises:
            SchemaError: it has more.
        """
        if width > self.columns:
            message = (
                f"{where} has {width} columns, more than the limit of {self.columns}; split it, or "
                "turn columns into rows"
            )
            raise SchemaError(message)
