"""What unpacking may cost, so that bombs are known long before they have gone off."""

from bartizan.core.errors import LimitError
from bartizan.formats.content import Budget

FREE_BYTES = 256 << 20
"""May come out of any file: see `Budget.for_file`. Half a second of unpacking zeros."""
RATIO = 200
"""Times its packed size that a file may unpack to beyond that: weights reach 4, text 20."""
_PACKED = "packed_bytes"


def spend_unpacked(budget: Budget, *, unpacked: int, packed: int) -> None:
    """Pay for bytes that came out of others.

    The budget of a large file is large; a bomb is known sooner by what went in so far.

    Args:
        budget: Of the file, everything inside it included.
        unpacked: Bytes that came out.
        packed: Bytes that went in.

    Raises:
        LimitError: more came out than the budget allows, or than real data packs so small.
    """
    budget.spend("expanded_bytes", unpacked)
    taken = budget.spent.get(_PACKED, 0) + packed
    budget.spent[_PACKED] = taken
    if is_bomb(budget.spent["expanded_bytes"], packed=taken):
        message = (
            f"{taken:,} bytes unpack to more than {FREE_BYTES:,} and {RATIO} times their size: "
            "is it a decompression bomb?"
        )
        raise LimitError(message)


def is_bomb(unpacked: int, *, packed: int) -> bool:
    """Whether so much comes out of so little as real data never does."""
    return unpacked > FREE_BYTES + RATIO * packed
