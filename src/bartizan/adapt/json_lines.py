"""Tables of one JSON object a line, some rows at a time."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import polars as pl

from bartizan.adapt.batch import Pace
from bartizan.adapt.line_scan import checked_text
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
    line = 1
    for block in checked_text(blocks, where=where):
        for text in block.splitlines():
            if text.strip():
                waiting.append(_object(text, where=where, line=line))
                names.update(dict.fromkeys(waiting[-1]))
            line += 1
            pace.require_narrow(len(names), where=where)
            if len(waiting) >= pace.height(len(names)):
                yield _frame(waiting, names=list(names), where=where, line=line)
                waiting = []
    if waiting:
        yield _frame(waiting, names=list(names), where=where, line=line)


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
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
