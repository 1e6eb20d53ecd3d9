"""Memory that a call takes for a number that it is given, and not for bytes of the file."""

from bartizan.formats.pickles.constructors import takes_memory
from bartizan.formats.pickles.trace import Argument, Called, Name, Opaque

_FLOOR = 1 << 20
"""Bytes, or items of at most 8 bytes, that anybody has."""
_PER_BYTE = 8
"""What a number may ask for, for each byte of the pickle."""
_FRACTION = Name("fractions", "Fraction")
"""Writes a power of ten out, however large it is."""
COPYREG = ("copyreg", "copy_reg")
"""Its functions hand over containers that a class is made of."""


def oversize(call: Called, *, size_bytes: int) -> str:
    """How much memory a call takes that has nothing to do with the file; empty = none."""
    if call.callee is None or call.how not in ("call", "new") or not takes_memory(call.callee):
        return ""
    if call.callee == _FRACTION:
        texts = (one for one in call.arguments if isinstance(one, str))
        return "it computes a power of ten" if any("e" in one.lower() for one in texts) else ""
    if call.callee.module not in COPYREG and any(map(_hides_numbers, call.arguments)):
        return "a container among its arguments may say how much memory it takes"
    count = max(map(_largest, call.arguments), default=0)
    if count <= max(_FLOOR, _PER_BYTE * size_bytes):
        return ""
    return f"it takes memory for {count:.0e} items, and the pickle has {size_bytes:,} bytes"


def _hides_numbers(value: Argument) -> bool:
    """Whether an argument is a container, of which the items are not known."""
    return isinstance(value, Opaque) and value.kind in ("list", "dict", "set", "tuple", "rest")


def _largest(value: Argument) -> int:
    """The largest number among arguments; of a shape, how many items it has."""
    if isinstance(value, tuple):
        count = 1
        for one in value:
            count *= max(1, _largest(one))
        return count
    return abs(value) if isinstance(value, int) else 0
