"""JSON of strangers: within a bound on memory, and as every reader sees it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bartizan.core.errors import InputError, LimitError

MEMORY_BYTES = 128 << 20
"""What the decoded values may take. A configuration of a large network takes 5 MB."""
_COSTS = ((b",", 40), (b"[", 80), (b"{", 88), (b'"', 32))
"""Bytes that a value takes at most, counted by the sign that comes with it: a number and its place
in a list, an empty list, an empty object, half a text (Python 3.11, 64 bits)."""
_BEGINNING = re.compile(
    rb'[\xef\xbb\xbf\xff\xfe \t\r\n]*+(?:\{\s*+(?:["}]|$)|\[\s*+(?:[\[{"0-9-]|$)|\Z)'
)
_BLANK = re.compile(r"[ \t\r\n]*+")
_MAX_WAY = 200
"""Characters of a way that a person still reads."""


class BrokenJsonError(InputError):
    """The text is no JSON from some place on."""

    def __init__(self, message: str, *, before: bytes) -> None:
        """Say what is wrong.

        Args:
            message: What was expected, and got.
            before: The text up to that place, in UTF-8.
        """
        super().__init__(message)
        self.before = before


@dataclass(frozen=True)
class Documents:
    """All values of a text, one after another."""

    values: tuple[Any, ...]
    """Each as a reader sees it that takes the last of two equal keys; where there are such keys,
    all once more, as one sees them that takes the first."""
    doubled: tuple[str, ...]
    """Keys that stand twice in an object, so that readers see different things."""


def begins(head: bytes) -> bool:
    """Whether these first bytes may be those of an object or a list, in any encoding.

    Bytes that are all blank may have one behind them.

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
    _require_memory(raw, times=1, memory_bytes=memory_bytes)
    try:
        return json.loads(_text(raw), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InputError(_refused(error)) from error


def documents(raw: bytes, *, memory_bytes: int = MEMORY_BYTES) -> Documents:
    """Decode one value, or several with nothing but blanks between them, as in lines of JSON.

    Args:
        raw: The whole text, as `loads` takes it.
        memory_bytes: Most that the decoded values may take.

    Raises:
        BrokenJsonError: it is no JSON.
        InputError: its encoding or a number in it is damaged, or it is nested too deep.
        LimitError: it would take more memory.
    """
    _require_memory(raw, times=1, memory_bytes=memory_bytes)
    doubled: dict[str, None] = {}

    def last(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            doubled.update((key, None) for key, count in counts.items() if count > 1)
        return found

    try:
        text = _text(raw)
        values = list(_values(text, build=last))
        if doubled:
            _require_memory(raw, times=2, memory_bytes=memory_bytes)
            values += _values(text, build=lambda pairs: dict(reversed(pairs)))
    except json.JSONDecodeError as error:
        before = error.doc[: error.pos].encode("utf-8", "surrogatepass")
        raise BrokenJsonError(_refused(error), before=before) from error
    except (ValueError, RecursionError) as error:
        raise InputError(_refused(error)) from error
    return Documents(tuple(values), tuple(doubled))


def _values(
    text: str, *, build: Callable[[list[tuple[str, Any]]], dict[str, Any]]
) -> Iterator[Any]:
    """One value after another; at least one."""
    decoder, position = json.JSONDecoder(object_pairs_hook=build), 0
    while True:
        value, position = decoder.raw_decode(text, _after_blanks(text, position))
        yield value
        position = _after_blanks(text, position)
        if position == len(text):
            return


def _after_blanks(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _text(raw: bytes) -> str:
    return raw.decode(json.detect_encoding(raw)).removeprefix("\ufeff")


def _require_memory(raw: bytes, *, times: int, memory_bytes: int) -> None:
    estimate = 2 * len(raw) + sum(raw.count(sign) * cost for sign, cost in _COSTS)
    if times * estimate > memory_bytes:
        message = f"JSON of {len(raw):,} bytes takes more than {memory_bytes >> 20} MiB to decode"
        raise LimitError(message)


def _refused(error: Exception) -> str:
    return f"expected JSON, got {type(error).__name__}: {str(error)[:120]}"


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
