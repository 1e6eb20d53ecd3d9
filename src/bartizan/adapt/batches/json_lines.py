"""Tables of one JSON object a line, some rows at a time."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
import polars as pl

from bartizan.adapt.batches.batch import Pace
from bartizan.adapt.tables.line_scan import checked_text
from bartizan.core.errors import InputError, SchemaError

_DECODER = msgspec.json.Decoder(dict[str, Any])


def json_frames(blocks: Iterable[bytes], *, where: str, pace: Pace) -> Iterator[pl.DataFrame]:
    """Read one JSON object a line, some rows at a time.

    Args:
        blocks: The file, UTF-8, in order, cut anywhere.
        where: Its name, for messages.
        pace: How many rows a frame has at most.

    Yields:
        The next rows as text: numbers as Python spells them, truth values in small letters; null
        where a line lacks a key. The columns are those met so far, in the order they were met.

    Raises:
        InputError: a line is no JSON object, or holds a list or an object; the message names it.

    Cost:
        Memory of a few frames, whatever the size of the file.
    """
    names: dict[str, None] = {}
    waiting: list[dict[str, Any]] = []
    line, size = 1, 0
    for block in checked_text(blocks, where=where):
        rows = _objects(block, where=where, line=line)
        for row in rows:
            names.update(dict.fromkeys(row))
        pace.require_narrow(len(names), where=where)
        waiting += rows
        line, size = line + block.count(b"\n"), size + len(block)
        height = pace.height(len(names))
        while len(waiting) >= height or (waiting and size > pace.text_bytes):
            yield _frame(waiting[:height], names=list(names), where=where, line=line)
            waiting, size = waiting[height:], 0
    if waiting:
        yield _frame(waiting, names=list(names), where=where, line=line)


def _objects(block: bytes, *, where: str, line: int) -> list[dict[str, Any]]:
    """The objects of a block of lines, the first of which has the number `line`."""
    texts = block.split(b"\n")
    try:
        rows = _DECODER.decode_lines(block)
        if len(rows) == sum(1 for text in texts if text and not text.isspace()):
            return rows
    except (msgspec.MsgspecError, RecursionError):
        pass  # line by line, to name the one that is broken
    return [
        _object(text, where=where, line=line + place)
        for place, text in enumerate(texts)
        if text and not text.isspace()
    ]


def _object(text: bytes, *, where: str, line: int) -> dict[str, Any]:
    """One line; what msgspec refuses and Python accepts (NaN, say) is accepted."""
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{where}, line {line}: not JSON ({error}); is the file cut off?"
        raise InputError(message) from error
    if not isinstance(row, dict):
        message = f"{where}, line {line}: expected one JSON object, got {str(row)[:40]}"
        raise InputError(message)
    return row


def _frame(rows: list[dict[str, Any]], *, names: list[str], where: str, line: int) -> pl.DataFrame:
    columns = [
        _column(name, [row.get(name) for row in rows], where=where, line=line) for name in names
    ]
    return pl.DataFrame(columns)


def _column(name: str, values: list[Any], *, where: str, line: int) -> pl.Series:
    """Values of one key as text."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds & {list, dict}:
        message = (
            f"{where}, above line {line}: {name!r} holds a list or an object; one cell holds one "
            "number or text: unpack it first"
        )
        raise SchemaError(message)
    if kinds <= {str}:
        return pl.Series(name, values, dtype=pl.String)
    if len(kinds) == 1 and kinds <= {int, float}:
        dtype = pl.Int64 if kinds == {int} else pl.Float64
        with suppress(TypeError, OverflowError, pl.exceptions.PolarsError):  # beyond 64 bits
            return pl.Series(name, values, dtype=dtype).cast(pl.String)
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
