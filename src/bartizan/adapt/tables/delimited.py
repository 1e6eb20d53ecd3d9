"""Text tables: the names of their columns, and their cells as text."""

import csv
import io
from collections.abc import Iterable, Iterator

import polars as pl

from bartizan.adapt.batches.batch import Pace
from bartizan.adapt.names import first_double
from bartizan.adapt.tables.line_scan import LineScan, checked_text
from bartizan.core.errors import InputError, SchemaError


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
    notes: list[str] = []
    whole = len(raw)  # neither more rows nor more fields than bytes
    pace = Pace(rows=whole, cells=whole**2, text_bytes=whole, columns=whole)
    frames = delimited_frames([raw], where=where, has_header=has_header, pace=pace, notes=notes)
    return next(frames), notes


def delimited_frames(
    blocks: Iterable[bytes],
    *,
    where: str,
    has_header: bool,
    pace: Pace,
    notes: list[str],
) -> Iterator[pl.DataFrame]:
    """Read separated text, some rows at a time.

    Args:
        blocks: The file, UTF-8, in order, cut anywhere.
        where: Its name, for messages.
        has_header: Whether the first line names the columns; else they are c0, c1, ...
        pace: How many rows a frame has; the last may have fewer.
        notes: What is odd about the header is added here.

    Yields:
        The next rows as text; missing where a field is empty and not quoted.

    Raises:
        InputError: as `read_delimited`, when the line is reached.
        SchemaError: two columns have one name, or there are no rows.

    Cost:
        Memory of a few frames, whatever the size of the file.
    """
    scan = LineScan(where=where)
    names: list[str] = []
    found = False
    for block in _then_close(checked_text(blocks, where=where), scan):
        if not names and scan.lines:
            pace.require_narrow(scan.fields, where=where)
            names = _head(scan, where=where, has_header=has_header, notes=notes)
        height = pace.height(len(names))
        while scan.lines and (scan.lines >= height or block is None or scan.size > pace.text_bytes):
            found = True
            count = min(height, scan.lines)
            body = scan.take(count)
            yield _parsed(body, names=names, rows=count, scan=scan, where=where)
    if not found:
        message = f"{where} has a header and no rows; expected at least one row below it"
        raise SchemaError(message)


def _then_close(blocks: Iterable[bytes], scan: LineScan) -> Iterator[bytes | None]:
    """Feed the scan block by block; None at the end, after what is left."""
    for block in blocks:
        scan.feed(block)
        yield block
    scan.close()
    yield None


def _head(scan: LineScan, *, where: str, has_header: bool, notes: list[str]) -> list[str]:
    """The names of the columns, from the first line."""
    line = scan.take(1) if has_header else scan.first()
    fields = _fields(line.decode().rstrip("\r\n"), separator=scan.separator, where=where)
    if not has_header:
        return [f"c{position}" for position in range(len(fields))]
    names, more = _names(fields, where=where)
    notes += more
    return names


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


def _parsed(
    body: bytes, *, names: list[str], rows: int, scan: LineScan, where: str
) -> pl.DataFrame:
    """Lines as columns of text."""
    try:
        made = pl.read_csv(
            io.BytesIO(body),
            has_header=False,
            new_columns=names,
            separator=scan.separator,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError as error:
        message = f"{where} cannot be read as a table: {error}"
        raise InputError(message) from error
    if made.height != rows:
        message = (
            f"{where}: {rows} lines were read as {made.height} rows; is there a quote within a "
            "text that is not in quotes?"
        )
        raise InputError(message)
    return made
