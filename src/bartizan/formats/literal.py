"""Python literals, as far as headers of NumPy hold them, read without Python's own parser."""

import re
from typing import TypeAlias

from bartizan.core.errors import InputError

Literal: TypeAlias = (
    "str | int | bool | tuple[Literal, ...] | list[Literal] | dict[str, Literal] | None"
)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*")
      | (?P<number>-?\d{1,20})L?
      | (?P<word>True|False|None)
      | (?P<mark>[(){}\[\],:])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_DEPTH = 16
"""Deepest nesting: records inside of records, each of which takes three."""
_WORDS: dict[str, bool | None] = {"True": True, "False": False, "None": None}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def read_literal(text: str) -> Literal:
    """Read text, numbers, True, False, None, tuples, lists and dicts with keys of text.

    Args:
        text: All of it is read.

    Raises:
        InputError: it is something else.

    Cost:
        Linear in the text.

    Example:
        >>> read_literal("{'descr': '<f8', 'shape': (3,)}")
        {'descr': '<f8', 'shape': (3,)}
    """
    reader = _Tokens(text)
    value = _value(reader, depth=0)
    if reader.kind != "end":
        reader.refuse()
    return value


class _Tokens:
    """One token after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.kind = ""
        self.token = ""
        self.advance()

    def advance(self) -> str:
        """Go on. Returns: the token that was left behind."""
        left = self.token
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            self.refuse()
        else:
            self._at = match.end()
            self.kind = match.lastgroup or ""
            self.token = match.group(self.kind)
        return left

    def accept(self, mark: str) -> bool:
        """Pass over a mark, if it is the next token."""
        if self.kind != "mark" or self.token != mark:
            return False
        self.advance()
        return True

    def refuse(self) -> None:
        """Raise."""
        message = f"expected a Python literal; character {self._at} of it makes no sense"
        raise InputError(message)


def _value(reader: _Tokens, *, depth: int) -> Literal:
    if depth > _DEPTH:
        message = f"expected a Python literal; it is nested more than {_DEPTH} deep"
        raise InputError(message)
    if reader.kind == "text":
        return _plain(reader.advance())
    if reader.kind == "number":
        return int(reader.advance().rstrip("L"))
    if reader.kind == "word":
        return _WORDS[reader.advance()]
    return _nested(reader, depth=depth)


def _nested(reader: _Tokens, *, depth: int) -> Literal:
    if reader.accept("("):
        return _tuple(reader, depth=depth)
    if reader.accept("["):
        return _items(reader, end="]", depth=depth)[0]
    if not reader.accept("{"):
        reader.refuse()
    return _dict(reader, depth=depth)


def _tuple(reader: _Tokens, *, depth: int) -> Literal:
    items, commas = _items(reader, end=")", depth=depth)
    return items[0] if len(items) == 1 and not commas else tuple(items)


def _items(reader: _Tokens, *, end: str, depth: int) -> tuple[list[Literal], int]:
    """Values up to a mark, and how many commas stood between and after them."""
    found: list[Literal] = []
    commas = 0
    while not reader.accept(end):
        if commas < len(found):
            reader.refuse()
        found.append(_value(reader, depth=depth + 1))
        commas += reader.accept(",")
    return found, commas


def _dict(reader: _Tokens, *, depth: int) -> Literal:
    found: dict[str, Literal] = {}
    comma = True
    while not reader.accept("}"):
        key = _value(reader, depth=depth + 1)
        if not isinstance(key, str) or not comma or not reader.accept(":"):
            reader.refuse()
        found[str(key)] = _value(reader, depth=depth + 1)
        comma = reader.accept(",")
    return found


def _plain(quoted: str) -> str:
    """A text without its quotes and escapes."""
    return _ESCAPE.sub(_unescaped, quoted[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) == 1:
        return _SIMPLE.get(code, code)
    number = int(code[1:], 16)
    return chr(number) if number < 0x110000 else "\ufffd"
