"""Gives columns of text or of loose values their types."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from bartizan.core.errors import SchemaError

MISSING = ("na", "n/a", "#n/a", "nan", "null", "none")
"""Words for a missing value, in small letters, as spreadsheets, R, pandas and SQL write it.
They count as missing in columns of numbers only; in text they may be meant."""
_CODE = r"^[+-]?0\d+$"
"""A leading zero: a postal code or an account number, not a quantity."""
_TRUTHS = ("false", "true")
_EXACT = 2**53
"""Whole numbers beyond it lose their last digits as float64."""
_MOSTLY = 0.9
"""Share of numbers among the cells of a column, from which the others look like mistakes. Codes
that mix letters and digits, such as ticket numbers, have more letters."""
_PLAIN = (str, bool, int, float, date, datetime, time, timedelta)


def typed(frame: pl.DataFrame, *, spelled: str | None = None) -> tuple[pl.DataFrame, list[str]]:
    """Give the columns of a text file their types, looking at every cell.

    Args:
        frame: Text columns, as the file spells them.
        spelled: A column whose truth values stay text (the target: labels are spelled as in
            the data).

    Returns:
        The frame with empty cells missing, and numbers and truth values as such; and notes on
        columns that mix types. Text keeps the blanks around it, as a model that was trained on
        the same file through another reader has met it with them; labels lose theirs.
    """
    text = frame.select(pl.all().str.strip_chars().replace("", None))
    numbers = text.select(pl.all().cast(pl.Float64, strict=False))
    columns, notes, padded = [], [], []
    for name in text.columns:
        column, note = _typed(text[name], numbers[name], spelled=name == spelled)
        notes += [note] if note else []
        if column.dtype == pl.String and name != spelled:
            whole = _whole(frame[name], bare=column)
            padded += [] if whole.equals(column) else [name]
            column = whole
        columns.append(column)
    return pl.DataFrame(columns), [*notes, *_blanks(padded)]


def _whole(cells: pl.Series, *, bare: pl.Series) -> pl.Series:
    """Text cells with their blanks; missing where there is nothing else in them."""
    return pl.select(pl.when(bare.is_not_null()).then(cells)).to_series().alias(cells.name)


def _blanks(padded: Sequence[str]) -> list[str]:
    """A note on columns of text with blanks around it."""
    if not padded:
        return []
    return [
        (
            f"blanks around texts are kept in {', '.join(map(repr, padded))}; remove them from the "
            "file if the model was trained without them"
        )
    ]


def _typed(text: pl.Series, numbers: pl.Series, *, spelled: bool) -> tuple[pl.Series, str | None]:
    """One column: a number if every cell is one, else truth values, else text."""
    name, finite = text.name, numbers.is_finite().fill_null(value=False)
    if text.null_count() == len(text):
        return numbers, None
    strays = text.is_not_null() & numbers.is_null()
    words = sorted(set(text.filter(strays).str.to_lowercase().to_list()))
    if finite.any() and set(words) <= set(MISSING):
        if text.str.contains(_CODE).any():
            return text, f"column {name!r} has leading zeros; read as text"
        note = f"column {name!r}: {', '.join(map(repr, words))} read as missing" if words else None
        return _number(text, numbers), note
    if finite.any():
        row = int(strays.arg_true()[0])
        return text, (
            f"column {name!r} mixes {finite.sum()} numbers with text (first {text[row]!r} in row "
            f"{row}); read as categories"
        )
    if set(words) <= set(_TRUTHS) and words and not spelled:
        return (text.str.to_lowercase() == "true").alias(name), None
    return text, None


def _number(text: pl.Series, numbers: pl.Series) -> pl.Series:
    """Whole numbers where every cell is one."""
    whole = text.cast(pl.Int64, strict=False)
    fits = whole.null_count() == numbers.fill_nan(None).null_count()
    return whole if fits else numbers.fill_nan(None)


def mostly_numbers(frame: pl.DataFrame, *, typed: pl.DataFrame) -> pl.DataFrame:
    """Columns of text in which nearly all cells are numbers become numbers after all.

    Whoever looks for wrong cells wants to see the few that are none; with the column read as text
    they would be categories like any other.

    Args:
        frame: Text columns, as the file spells them.
        typed: The same as `typed` reads them.

    Returns:
        The typed frame; in columns of numbers with few other cells, those are missing.

    Example:
        >>> frame = pl.DataFrame({"price": ["1.5"] * 19 + ["lots"]})
        >>> mostly_numbers(frame, typed=typed(frame)[0])["price"].null_count()
        1
    """
    made = []
    for column in typed:
        text = frame[column.name].str.strip_chars().replace("", None)
        numbers = text.cast(pl.Float64, strict=False) if column.dtype == pl.String else column
        given = len(text) - text.null_count()
        known = int(numbers.is_finite().sum()) if column.dtype == pl.String else 0
        usable = known >= _MOSTLY * max(given, 1) and not text.str.contains(_CODE).any()
        made.append(_number(text, numbers) if known and usable else column)
    return pl.DataFrame(made)


def from_values(name: str, values: Sequence[Any]) -> tuple[pl.Series, str | None]:
    """Make a column of loose Python values.

    Args:
        name: The column.
        values: One value a row; None and NaN are missing.

    Returns:
        The column, and a note if it mixes types (it is text then).

    Raises:
        SchemaError: a value is a list or an object; the message names the row.
    """
    given = [None if _absent(value) else value for value in values]
    kinds = {type(value) for value in given} - {type(None)}
    if Decimal in kinds:
        given = [float(value) if isinstance(value, Decimal) else value for value in given]
        kinds = {*kinds, float} - {Decimal}
    for row, value in enumerate(given):
        if not isinstance(value, _PLAIN) and value is not None:
            message = (
                f"column {name!r}, row {row}: expected a number, a text or a truth value, got "
                f"{type(value).__name__}; one cell holds one value"
            )
            raise SchemaError(message)
    if kinds <= {int, float}:
        return _numeric(name, given, whole=kinds == {int}), None
    if len(kinds) == 1:
        return pl.Series(name, given), None
    texts = [value if value is None or isinstance(value, str) else _text(value) for value in given]
    words = ", ".join(sorted(kind.__name__ for kind in kinds))
    return pl.Series(name, texts, dtype=pl.String), (
        f"column {name!r} mixes types ({words}); read as categories"
    )


def _absent(value: Any) -> bool:
    """None and NaN are missing."""
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 (NaN)


def _text(value: Any) -> str:
    """A value as text; truth values as in `typed`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numeric(name: str, values: Sequence[Any], *, whole: bool) -> pl.Series:
    """Numbers; whole ones that fit are kept exact."""
    if whole and all(value is None or abs(value) < 2**63 for value in values):
        return pl.Series(name, values, dtype=pl.Int64)
    return pl.Series(name, [None if v is None else float(v) for v in values], dtype=pl.Float64)


def plain(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Replace column types that have no place in a table of features, or refuse them.

    Raises:
        SchemaError: a column holds lists, structures or bytes.
    """
    columns, notes = [], []
    for column in frame.iter_columns():
        made, note = _plain(column)
        columns.append(made)
        notes += [note] if note else []
        if made.dtype.is_integer() and _beyond(made):
            notes.append(
                f"column {made.name!r} holds whole numbers beyond 2^53, whose last digits are "
                "lost; keep such codes as text"
            )
    return pl.DataFrame(columns), notes


def _beyond(column: pl.Series) -> bool:
    """Whether a column of whole numbers is not exact as float64."""
    low, high = column.min(), column.max()
    return isinstance(low, int) and isinstance(high, int) and max(-low, high) > _EXACT


def _plain(column: pl.Series) -> tuple[pl.Series, str | None]:
    dtype = column.dtype
    if dtype == pl.Object:
        return from_values(column.name, column.to_list())
    if dtype.is_nested() or dtype == pl.Binary:
        message = (
            f"column {column.name!r} holds {dtype} values; one cell holds one number or text: "
            "unpack the column first"
        )
        raise SchemaError(message)
    if dtype == pl.Null or dtype.is_decimal() or dtype in (pl.Int128, pl.UInt128, pl.Float16):
        return column.cast(pl.Float64), None
    return (column.fill_nan(None) if dtype.is_float() else column), None
