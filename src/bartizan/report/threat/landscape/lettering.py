"""Text that stays in its box, whatever font shows it and whatever it says."""

from functools import cache
from unicodedata import combining, east_asian_width

from bartizan.report.threat.terms import flat

_NARROW = frozenset("fijlrtI.,:;'|!()[]/ ")
_WIDE = frozenset("mwMW@%")
_MOST = 200
"""Characters that are looked at: nobody reads a longer name in a drawing, and the page has it."""


@cache
def _em(char: str) -> float:
    """The width of one character, in parts of the size of the letters.

    Rounded up from DejaVu Sans and Verdana, the widest of the fonts that systems have as their
    own, so that a line fits with all of them.
    """
    if combining(char):
        return 0.0
    if east_asian_width(char) in "WF":
        return 1.05
    if char in _NARROW:
        return 0.43
    if char in _WIDE:
        return 1.03
    return 0.66 if char.islower() or char.isdigit() or char in "-_" else 0.78


def width(text: str, *, size: float) -> float:
    """The most that a line takes, in the unit of `size`."""
    return size * sum(_em(char) for char in text)


def wrapped(text: str, *, size: float, room: float, most: int) -> list[str]:
    """Cut text into lines that fit.

    Words stay whole where they can; one that is longer than a line is cut. What does not fit in
    `most` lines ends in three dots.

    Args:
        text: Anything; blanks and line breaks are one blank each.
        size: Of the letters, in pixels.
        room: Width of a line, in pixels.
        most: Lines.

    Example:
        >>> wrapped("Partner's payment client", size=10, room=100, most=3)
        ["Partner's", 'payment client']
    """
    lines: list[str] = []
    for word in flat(text)[:_MOST].split():
        rest = word
        if lines and width(f"{lines[-1]} {word}", size=size) <= room:
            lines[-1] += f" {word}"
            continue
        while rest:
            fits = _fitting(rest, size=size, room=room)
            lines.append(rest[:fits])
            rest = rest[fits:]
    if len(lines) > most or len(flat(text)) > _MOST:
        lines = lines[:most]
        lines[-1] = _dotted(lines[-1], size=size, room=room)
    return lines


def _fitting(word: str, *, size: float, room: float) -> int:
    """How many characters of a word fit in a line: one at least."""
    used = 0.0
    for at, char in enumerate(word):
        used += size * _em(char)
        if used > room:
            return max(at, 1)
    return len(word)


def _dotted(line: str, *, size: float, room: float) -> str:
    while line and width(f"{line}…", size=size) > room:
        line = line[:-1]
    return f"{line}…"
