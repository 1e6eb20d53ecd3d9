"""Numbers written as text, as unpicklers read them."""

from contextlib import suppress

_LINE_BYTES = 2400
"""Of a number that is read: Python itself refuses 4,300 digits."""


def whole(line: bytes, *, base: int) -> int | None:
    """A whole number as `int` reads it, or as the C unpickler does.

    The latter stops at a zero byte, and takes a leading zero for an octal number.

    Args:
        line: Without its end.
        base: 10, or 0 for ``0x1f`` and the like.

    Returns:
        The number; none if this is no number, or one of more than 2,400 digits.
    """
    if len(line) > _LINE_BYTES:
        return None
    for spelled in (line, line.partition(b"\0")[0]):
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
