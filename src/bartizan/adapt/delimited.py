"""Text tables: which separator, how many fields a line, where it breaks off."""

import csv
import io

import numpy as np
import polars as pl

from bartizan.adapt.names import first_double
from bartizan.core.arrays import Ints, Mask
from bartizan.core.errors import InputError, SchemaError

_SEPARATORS = (",", "\t", ";", "|")
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


def read_delimited(
    raw: bytes, *, where: str, has_header: bool = True
) -> tuple[pl.DataFrame, list[str]]:
    """Read separated text into columns of text.

    The line structure is checked before the parser sees it, because a parser fills a line that
    is too short with missing values and says nothing.

    Args:
        raw: The file, UTF-8.
        where: Its name, for messages.
        has_header: Whether the first line names the columns; else they are c0, c1, ...

    Returns:
        The columns as text, and notes.

    Raises:
        InputError: no text, a line of another length, a quote that never closes; the message
            names the line.
        SchemaError: two columns have one name, or there are no rows.
    """
    raw = _text(raw, where=where)
    separator = _separator(raw)
    bounds = _lines(raw, separator=separator, where=where)
    first = raw[bounds[0][0] : bounds[0][1]].decode().rstrip("\r")
    head = _fields(first, separator=separator, where=where)
    notes: list[str] = []
    names = [f"c{position}" for position in range(len(head))]
    if has_header:
        names, notes = _names(head, where=where)
        bounds = bounds[1:]
    if not len(bounds):
        message = f"{where} has a header and no rows; expected at least one row below it"
        raise SchemaError(message)
    body = b"".join(raw[start : end + 1] for start, end in _runs(bounds))
    return _parsed(body, names=names, separator=separator, where=where), notes


def _text(raw: bytes, *, where: str) -> bytes:
    """The bytes without their mark, once they are sure to be UTF-8 text."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = f"{where} is UTF-16 text; save it as UTF-8"
        raise InputError(message)
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in raw:
        message = (
            f"{where} is a binary file of no known kind; expected CSV, TSV, NDJSON or Parquet, "
            "plain or in gzip"
        )
        raise InputError(message)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"{where}, line {line}: byte {error.start} is not UTF-8; save the file as UTF-8"
        raise InputError(message) from error
    if not raw.strip():
        message = f"{where} holds nothing but blank lines; expected a table"
        raise SchemaError(message)
    return raw


def _separator(raw: bytes) -> str:
    """The separator that is most frequent in the first line, outside quotes."""
    line = raw.lstrip(b"\r\n").split(b"\n", 1)[0]
    bare = b"".join(line.split(b'"')[::2])
    return max(_SEPARATORS, key=lambda mark: bare.count(mark.encode()))


def _lines(raw: bytes, *, separator: str, where: str) -> Ints:
    """Begin and end of each line that is not blank, shape (n, 2), all of one length.

    A quote opens or closes wherever it stands (two in a row do both), so the state of a byte
    is the parity of the quotes before it.
    """
    data = np.frombuffer(raw, dtype=np.uint8)
    quotes = data == _QUOTE
    outside: Mask | np.bool_ = np.bool_(True)
    if quotes.any():
        inside = np.bitwise_xor.accumulate(quotes)
        if inside[-1]:
            line = raw.count(b"\n", 0, int(np.flatnonzero(quotes)[-1])) + 1
            message = f"{where}, line {line}: a quote opens and never closes; is the file cut off?"
            raise InputError(message)
        outside = ~inside
    ends = np.flatnonzero((data == _NEWLINE) & outside)
    if not len(ends) or ends[-1] != len(raw) - 1:
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[0], ends[:-1] + 1])
    marks = np.flatnonzero((data == ord(separator)) & outside)
    counts = np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1
    blank = (ends == starts) | ((ends == starts + 1) & (data[starts] == _RETURN))
    starts, ends, counts = starts[~blank], ends[~blank], counts[~blank]
    odd = np.flatnonzero(counts != counts[0])
    if len(odd):
        line = raw.count(b"\n", 0, int(starts[odd[0]])) + 1
        message = (
            f"{where}, line {line}: expected {counts[0]} fields separated by {separator!r}, got "
            f"{counts[odd[0]]}; is the file cut off, or a text not in quotes?"
        )
        raise InputError(message)
    return np.stack([starts, ends], axis=1)


def _runs(bounds: Ints) -> list[tuple[int, int]]:
    """Neighbouring lines joined, so that a file without blank lines is one piece."""
    breaks = np.flatnonzero(bounds[1:, 0] != bounds[:-1, 1] + 1)
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [len(bounds) - 1]])
    return [(int(bounds[a, 0]), int(bounds[b, 1])) for a, b in zip(starts, ends, strict=True)]


def _fields(line: str, *, separator: str, where: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=separator))
    except (csv.Error, StopIteration) as error:
        message = f"{where}: the first line cannot be read: {error}"
        raise InputError(message) from error


def _names(head: list[str], *, where: str) -> tuple[list[str], list[str]]:
    """Column names of a header line; a column without one is called after its position."""
    notes = []
    names = [name.strip() or f"c{position}" for position, name in enumerate(head)]
    if any(not name.strip() for name in head):
        notes.append("a column without a name is called after its position")
    if all(_is_number(name) for name in head):
        notes.append("the header holds numbers only: if the file has none, say so (no header)")
    double = first_double(names)
    if double is not None:
        hint = "names must be unique"
        if _is_number(double):
            hint = "if the first line is a row and no header, say so (--no-header)"
        message = f"{where}: two columns are named {double!r}; {hint}"
        raise SchemaError(message)
    return names, notes


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parsed(body: bytes, *, names: list[str], separator: str, where: str) -> pl.DataFrame:
    try:
        return pl.read_csv(
            io.BytesIO(body),
            has_header=False,
            new_columns=names,
            separator=separator,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError as error:
        message = f"{where} cannot be read as a table: {error}"
        raise InputError(message) from error
