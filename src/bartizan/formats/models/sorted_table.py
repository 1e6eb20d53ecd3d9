"""Sorted tables: what indexes of checkpoints of TensorFlow are written as."""

from collections.abc import Iterator

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.cursor import Cursor
from bartizan.formats.protobuf import varint

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
"""Ends every sorted table."""
_FOOTER_BYTES = 48
_TRAILER_BYTES = 5
"""After each block: how it is packed, and a checksum."""
_COST = 20
"""Instructions of a pickle that an entry takes as long as."""


def is_table(window: Window) -> bool:
    """Whether a file ends as a table does."""
    return window.size >= _FOOTER_BYTES and window.at(window.size - 8, 8) == MAGIC


def entries(window: Window, *, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    """All keys and values, in the order of the file.

    Args:
        window: The whole file, all of which the table accounts for: its blocks follow upon each
            other without a gap.
        budget: Each entry costs twenty of its `opcodes`.

    Raises:
        InputError: it is no table, is packed, or its blocks do not fill it.
        LimitError: it costs too much.

    Source: table_format of LevelDB; TensorFlow packs no blocks of a checkpoint's index. Checksums
    are not looked at.
    """
    footer = window.at(max(window.size - _FOOTER_BYTES, 0), _FOOTER_BYTES)
    if not is_table(window):
        message = f"expected a sorted table, got an end of {footer[-8:]!r}"
        raise InputError(message)
    names, at = _handle(footer, 0)
    index, at = _handle(footer, at)
    if footer[at:40].strip(b"\0"):
        message = "expected a footer of two places and zeros, got something after them"
        raise InputError(message)
    reached = 0
    for _, value in _block(window, index, budget=budget):
        place, _ = _handle(value, 0)
        reached = _following(place, reached=reached)
        yield from _block(window, place, budget=budget)
    for place in (names, index):
        reached = _following(place, reached=reached)
    if next(_block(window, names, budget=budget), None) is not None:
        message = "expected a table without further tables, it names some"
        raise InputError(message)
    if reached != window.size - _FOOTER_BYTES:
        message = f"expected blocks up to the footer, they end at byte {reached}"
        raise InputError(message)


def _following(place: tuple[int, int], *, reached: int) -> int:
    """Where a block ends that has to begin where the one before it ended."""
    if place[0] != reached:
        message = f"expected the next block at byte {reached}, it lies at byte {place[0]}"
        raise InputError(message)
    return reached + place[1] + _TRAILER_BYTES


def _handle(raw: bytes, position: int) -> tuple[tuple[int, int], int]:
    """Offset and size of a block, and where they end."""
    offset, position = varint(raw, position)
    size, position = varint(raw, position)
    return (offset, size), position


def _block(
    window: Window, place: tuple[int, int], *, budget: Budget
) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block: each key without what it shares with the one before."""
    offset, size = place
    if offset + size + _TRAILER_BYTES > window.size or size < 4:
        message = f"expected a block at byte {offset}, its {size} bytes go beyond the end"
        raise InputError(message)
    if window.at(offset + size, 1) != b"\0":
        message = f"byte {offset}: expected a block as it is, got a packed one"
        raise InputError(message)
    block = Cursor(window.part(offset, size))
    restarts = int.from_bytes(window.at(offset + size - 4, 4), "little")
    end, key = size - 4 - 4 * restarts, b""
    while block.position < end:
        budget.spend("opcodes", _COST)
        shared, fresh, length = (_number(block) for _ in range(3))
        if shared > len(key):
            message = f"byte {offset + block.position}: a key shares more than there is"
            raise InputError(message)
        key = key[:shared] + block.take(fresh)
        yield key, block.take(length)
    if block.position != end:
        message = f"byte {offset}: expected entries and their restarts, they do not fill the block"
        raise InputError(message)


def _number(block: Cursor) -> int:
    """A number of variable length, of 32 bits at most."""
    found = 0
    for shift in range(0, 35, 7):
        byte = block.take(1)[0]
        found |= (byte & 127) << shift
        if byte < 128:
            return found
    message = f"byte {block.position}: expected a number of 32 bits"
    raise InputError(message)
