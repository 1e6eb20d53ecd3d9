"""JSON of strangers: read within a bound on memory, and never with a key that stands twice."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bartizan.core.errors import InputError, LimitError

MEMORY_BYTES = 128 << 20
"""What the decoded values may take. A configuration of a large network takes 5 MB."""
_COSTS = ((b",", 40), (b"[", 80), (b"{", 88), (b'"', 32))
"""Bytes that a value takes at most, counted by the sign that comes with it: a number and its place
in a list, an empty list, an empty object, half a text (Python 3.11, 64 bits)."""
_BEGINNING = re.compile(
    rb'[\xef\xbb\xbf\xff\xfe \t\r\n]*+(?:\{\s*+(?:["}]|$)|\[\s*+(?:[\[{"0-9-]|$))'
)
_MAX_WAY = 200
"""Characters of a way that a person still reads."""


def begins(head: bytes) -> bool:
    """Whether these first bytes may be those of an object or a list, in any encoding.

    Example:
        >>> begins(b'{ "a": 1}'), begins(b"[1, 2]"), begins(b"[a link](there)"), begins(b"{% if")
        (True, True, False, False)
    """
    return bool(_BEGINNING.match(head.replace(b"\x00", b"")))


def loads(raw: bytes, *, memory_bytes: int = MEMORY_BYTES) -> Any:
    """Decode one value.

    What it would take in memory is counted before anything is decoded: a list of empty objects
    grows thirtyfold.

    Args:
        raw: The whole text, in any of the encodings in which Python's own reader takes it.
        memory_bytes: Most that the decoded values may take.

    Raises:
        InputError: it is no JSON, is nested deeper than Python goes, or names a key twice, so
            that two readers may see two things.
        LimitError: it would take more memory.
    """
    estimate = 2 * len(raw) + sum(raw.count(sign) * cost for sign, cost in _COSTS)
    if estimate > memory_bytes:
        message = f"JSON of {len(raw):,} bytes takes more than {memory_bytes >> 20} MiB to decode"
        raise LimitError(message)
    try:
        text = raw.decode(json.detect_encoding(raw))
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        message = f"expected JSON, got {type(error).__name__}: {str(error)[:120]}"
        raise InputError(message) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            message = f"the key {key[:40]!r} stands twice"
            raise ValueError(message)
        found[key] = value
    return found


def objects(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside a decoded value, outermost first, with the way to it.

    Yields:
        The way, such as ``config/layers/3``, and the object.
    """
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        where, found = waiting.pop()
        if isinstance(found, dict):
            yield where, found
            inner: list[tuple[Any, Any]] = list(found.items())
        elif isinstance(found, list):
            inner = list(enumerate(found))
        else:
            continue
        way = f"{where}/" if where else ""
        waiting += [
            (f"{way}{key}"[:_MAX_WAY], part)
            for key, part in reversed(inner)
            if isinstance(part, dict | list)
        ]
