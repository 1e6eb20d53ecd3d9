"""Which columns canonical rows have, and in which order: what two parties must agree on."""

import unicodedata
from collections.abc import Iterable
from typing import Literal, TypeAlias

import polars as pl

from bartizan.adapt.names import first_double
from bartizan.core.errors import SchemaError
from bartizan.core.record import Record, digest, encode
from bartizan.core.schema import Schema

CellType: TypeAlias = Literal["number", "integer", "time", "text"]
_TYPES: dict[str, CellType] = {
    "number": "number",
    "integer": "integer",
    "ordered": "text",
    "categorical": "text",
}


class RowColumn(Record, frozen=True, kw_only=True):
    """One column of canonical rows."""

    name: str
    """In Unicode's composed form (NFC)."""
    type: CellType


class RowLayout(Record, frozen=True, kw_only=True, tag_field="schema", tag="rowlayout/1"):
    """The columns of canonical rows: those of fixed width first, each kind sorted by name."""

    columns: tuple[RowColumn, ...]

    def __post_init__(self) -> None:
        """Refuse columns in another order, or two of one name."""
        double = first_double(column.name for column in self.columns)
        if double is not None:
            message = f"two columns are named {double!r} in Unicode's composed form; rename one"
            raise SchemaError(message)
        if list(self.columns) != sorted(self.columns, key=_rank):
            message = (
                "columns of canonical rows are numbers, whole numbers and times first, then texts, "
                "each sorted by name; got another order"
            )
            raise SchemaError(message)

    @property
    def digest(self) -> str:
        """`sha256:` of its encoding: equal for equal columns, whatever their order was."""
        return digest(encode(self))

    @property
    def fixed(self) -> tuple[RowColumn, ...]:
        """Columns whose cells are nine bytes."""
        return tuple(column for column in self.columns if column.type != "text")

    @property
    def texts(self) -> tuple[RowColumn, ...]:
        """Columns of text."""
        return tuple(column for column in self.columns if column.type == "text")


def row_layout(
    schema: Schema, *, target: str | None = None, times: Iterable[str] = ()
) -> RowLayout:
    """The layout of rows of a schema.

    Args:
        schema: Its columns.
        target: The column of labels, which is text.
        times: Columns that are moments, whatever the schema calls them.

    Raises:
        SchemaError: two names are one in Unicode's composed form.

    Example:
        >>> from bartizan.core.schema import Feature
        >>> schema = Schema(features=(Feature(name="b"), Feature(name="a", type="integer")))
        >>> [(column.name, column.type) for column in row_layout(schema, target="y").columns]
        [('a', 'integer'), ('b', 'number'), ('y', 'text')]
    """
    kinds: dict[str, CellType] = {feature.name: _TYPES[feature.type] for feature in schema.features}
    if target is not None:
        kinds[target] = "text"
    kinds.update(dict.fromkeys(times, "time"))
    return _layout(kinds)


def frame_layout(frame: pl.DataFrame) -> RowLayout:
    """The layout of typed rows, from their types alone.

    Raises:
        SchemaError: a column is of no type that `Batch.frame` has, or two names are one.
    """
    return _layout({column.name: _type(column) for column in frame.iter_columns()})


def _type(column: pl.Series) -> CellType:
    if column.dtype == pl.Float64:
        return "number"
    if column.dtype == pl.Int64:
        return "integer"
    if column.dtype == pl.String:
        return "text"
    if column.dtype == pl.Datetime("us", "UTC"):
        return "time"
    message = (
        f"column {column.name!r}: expected Float64, Int64, String or Datetime('us', 'UTC'), got "
        f"{column.dtype}; bring it into the types of `Batch.frame`"
    )
    raise SchemaError(message)


def _layout(kinds: dict[str, CellType]) -> RowLayout:
    columns = [RowColumn(name=composed(name), type=kind) for name, kind in kinds.items()]
    return RowLayout(columns=tuple(sorted(columns, key=_rank)))


def composed(text: str) -> str:
    """Text in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text)


def _rank(column: RowColumn) -> tuple[bool, bytes]:
    """Fixed width first, then by the bytes of the name."""
    return column.type == "text", column.name.encode()
