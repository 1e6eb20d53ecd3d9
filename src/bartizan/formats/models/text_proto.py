"""Protocol buffers as text: which fields hold which texts, wherever they stand."""

import re
from collections.abc import Iterator

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget

MAX_BYTES = 64 << 20
"""Of a text that is read. Graphs with weights in them are not written as text."""
_TOKEN = re.compile(
    rb"""\s++|\#[^\n]*+|(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')|"""
    rb"""(?P<name>[A-Za-z_][\w.]*+)|(?P<sign>[{}<>\[\]:,;])|(?P<number>[-+0-9][\w.+-]*+)|(?P<odd>.)""",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
_PERIOD = 1 << 10
"""Tokens between two looks at the budget."""
_COST = 10
"""Instructions of a pickle that a token takes as long as."""


def texts(raw: bytes, *, budget: Budget) -> Iterator[tuple[str, str]]:
    """Every field that holds a text.

    Texts that stand beside each other are one, and escapes are undone, as readers do.

    Args:
        raw: The whole text.
        budget: Each token costs ten of its `opcodes`.

    Yields:
        The field's name, without the names of messages around it, and the text.

    Raises:
        InputError: something is no part of the language.
        LimitError: it is too long.

    Source: "Text Format Language Specification" of Protocol Buffers.
    """
    if len(raw) > MAX_BYTES:
        message = f"text of {len(raw):,} bytes where {MAX_BYTES:,} are read at most"
        raise LimitError(message)
    name, held = "", b""
    for counted, match in enumerate(_TOKEN.finditer(raw), 1):
        if not counted % _PERIOD:
            budget.spend("opcodes", _COST * _PERIOD)
        kind = match.lastgroup
        if kind == "odd":
            message = f"byte {match.start()}: expected a field, got {match.group()!r}"
            raise InputError(message)
        if kind == "text":
            held += _unescaped(match.group()[1:-1])
        elif kind:
            if held:
                yield name, held.decode(errors="replace")
                held = b""
            name = match.group().decode() if kind == "name" else name
    if held:
        yield name, held.decode(errors="replace")


def _unescaped(text: bytes) -> bytes:
    """A text without its escapes."""
    if b"\\" not in text:
        return text
    return _ESCAPE.sub(_undone, text)


def _undone(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = match.groups()
    if octal or hexadecimal:
        return bytes([int(octal or hexadecimal, 8 if octal else 16) & 0xFF])
    return _LETTERS.get(letter, letter)
