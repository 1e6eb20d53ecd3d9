"""Where each key of a TOML text stands, so that an error can name its line.

TOML parsers give values without places. This reads only the outline: headers, keys, and how
long a value is. The text must have been accepted by a parser before.
"""

import re
import tomllib
from bisect import bisect_right
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top, such as ``("attacker", 0, "eps")``."""

_STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_LONG = r"""(?:\"{3}(?:[^\\]|\\.)*?"{3,5}|'{3}.*?'{3,5})"""  # 2 quotes may precede the closing 3
_PART = rf"(?:[A-Za-z0-9_-]+|{_STRING})"
_PARTS = re.compile(_PART)
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_PLAIN = re.compile(rf"{_LONG}|{_STRING}|[^,\]}}#\n]+", re.DOTALL)


def positions(text: str) -> dict[Path, int]:
    r"""Find the line of every table, key and list element.

    Returns:
        The line, counted from 1, where each path is first mentioned in valid TOML.

    Example:
        >>> positions('[[model]]\nname = "a"\n')[("model", 0, "name")]
        2
    """
    return _Outline(text).lines


class _Outline:
    """A reader that remembers where it is."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text, self._at = text, 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._last: dict[Path, int] = {}  # position of the latest table of each array of tables
        table: Path = ()
        self._take(_GAP)
        while self._at < len(text):
            table = self._header() if text[self._at] == "[" else self._pair(table)
            self._take(_GAP)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:  # a parser accepted the text
            raise AssertionError(self._at)
        self._at = match.end()
        return match.group()

    def _note(self, path: Path, at: int) -> None:
        """Remember the line of a path and of everything above it."""
        line = bisect_right(self._starts, at)
        for depth in range(len(path), 0, -1):
            self.lines.setdefault(path[:depth], line)

    def _header(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]``; return the table that it opens."""
        at = self._at
        brackets = 2 if self._text.startswith("[[", at) else 1
        self._at += brackets
        self._take(_GAP)
        path: Path = ()
        *above, name = _parts(self._take(_KEY))
        for part in above:
            path = (*path, part)
            path += (self._last[path],) if path in self._last else ()
        path = (*path, name)
        if brackets == 2:
            self._last[path] = self._last.get(path, -1) + 1
            path = (*path, self._last[path])
        self._at += brackets
        self._note(path, at)
        return path

    def _pair(self, table: Path) -> Path:
        """Read ``key = value``; return the table that it stands in."""
        at = self._at
        path = (*table, *_parts(self._take(_KEY)))
        self._note(path, at)
        self._at += 1  # the equals sign
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        """Read a value, and what stands in a list or an inline table."""
        self._take(_GAP)
        opening, count = self._text[self._at], 0
        if opening not in "[{":
            self._take(_PLAIN)
            return
        self._at += 1
        self._take(_GAP)
        while self._text[self._at] not in "]}":
            if opening == "{":
                self._pair(path)
            else:
                self._note((*path, count), self._at)
                self._value((*path, count))
            count += 1
            self._take(_GAP)
            self._at += self._text[self._at] == ","
            self._take(_GAP)
        self._at += 1


def _parts(key: str) -> list[str]:
    """A dotted key without its quotes and escapes."""
    return [
        str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part
        for part in _PARTS.findall(key)
    ]
