"""Numbers written as text, as unpicklers read them."""

import re
from contextlib import suppress

from bartizan.formats.pickles.memory.endings import Broken, TooMuch

_LINE_BYTES = 2400
"""Of a number that is read: Python itself refuses 4,300 digits."""

_NUMERAL = re.compile(rb"[-+\s0-9a-fA-FxXoO_.]+")


def refusal(line: bytes, message: str) -> Broken:
    """How a line ends the walk that is no number as far as it is kept.

    Blanks and zeros in any number may stand before one, which an unpickler reads all the same.
    """
    if len(line) > _LINE_BYTES and _NUMERAL.fullmatch(line):
        return TooMuch(f"{message} in its first {_LINE_BYTES:,} bytes")
    return Broken(message)


def whole(line: bytes, *, base: int) -> int | None:
    """A whole number as `int` reads it, or as the C unpickler does.

    The latter stops at a zero byte, and takes a leading zero for an octal number.

    Args:
        line: Without its end.
        base: 10, or 0 for ``0x1f`` and the like.

    Returns:
        The number; none if this is no number, or one of more than 2,400 digits.
    """
    for spelled in (line, line.partition(b"\0")[0]):
        if len(spelled) > _LINE_BYTES:
            continue
        with suppress(ValueError):
            return int(spelled, base)
        if base == 0:
            with suppress(ValueError):
                return int(spelled, 8)
    return None


def is_real(line: bytes) -> bool:
    """Whether either unpickler takes a line for a real number."""
    for spelled in (line, line.partition(b"\0")[0]):
        with suppress(ValueError):
            float(spelled)
            return True
    return False
