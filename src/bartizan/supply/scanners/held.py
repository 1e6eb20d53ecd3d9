"""An item to read wherever one likes, and words of strangers that can be shown."""

from bartizan.core.errors import LimitError
from bartizan.formats.content import Window, windowed
from bartizan.supply.scanners.scanner import Item

KEPT_BYTES = 64 << 20
"""What is kept in memory of an item that lies compressed in another. Files of trees and graphs
stay below it; larger weights are stored, not compressed, by everything that writes them."""
_SHOWN = 160
"""Characters of an untrusted text that are shown."""


def held(item: Item) -> Window:
    """The item's bytes.

    Raises:
        LimitError: they are compressed, and more than are kept.
    """
    return windowed(item.content, limit_bytes=KEPT_BYTES)


def whole(item: Item) -> bytes:
    """All bytes of the item, for formats that cannot be read in parts.

    Raises:
        LimitError: they are more than are kept.
    """
    window = held(item)
    if window.size > KEPT_BYTES:
        message = f"{window.size:,} bytes of text, where {KEPT_BYTES:,} are read at most"
        raise LimitError(message)
    return window.at(0, window.size)


def plain(text: str) -> str:
    r"""A text as it can be shown: one line, no control signs, not too long.

    Example:
        >>> plain("os\nsystem")
        'os\\nsystem'
    """
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in cut
    )
