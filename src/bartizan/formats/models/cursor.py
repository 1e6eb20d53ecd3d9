"""A place in untrusted bytes that moves forward, reads small things and passes over large ones."""

import struct

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import CHUNK_BYTES, Window

MAX_TEXT_BYTES = 1 << 20
"""Longest piece that is read at once where a file names a length: names take a few hundred bytes,
templates of chats and configurations of Keras stay below 200 KB."""


class Cursor:
    """Reads a window from some place on; never past its end, never more than it is allowed."""

    def __init__(self, window: Window, *, position: int = 0) -> None:
        """Begin somewhere.

        Args:
            window: Where to read.
            position: Offset of the next byte.
        """
        self.window = window
        self.position = position
        self._base = 0
        self._held = b""

    @property
    def left(self) -> int:
        """Bytes from here to the end."""
        return self.window.size - self.position

    def take(self, size: int, *, limit: int = MAX_TEXT_BYTES) -> bytes:
        """The next bytes, all of them.

        Raises:
            InputError: the content ends before.
            LimitError: they are more than the limit.
        """
        self.require(size)
        if size > limit:
            message = f"byte {self.position}: {size:,} bytes where {limit:,} are read at most"
            raise LimitError(message)
        begin = self.position - self._base
        if begin < 0 or begin + size > len(self._held):
            self._base, begin = self.position, 0
            self._held = self.window.at(self.position, max(size, CHUNK_BYTES >> 2))
        self.position += size
        return self._held[begin : begin + size]

    def require(self, size: int) -> None:
        """See to it that there are so many bytes.

        Raises:
            InputError: there are not.
        """
        if size < 0 or size > self.left:
            message = (
                f"byte {self.position}: expected {size:,} more bytes, got {self.left:,}; the "
                "file is damaged or cut off"
            )
            raise InputError(message)

    def skip(self, size: int) -> None:
        """Pass over bytes that nobody needs.

        Raises:
            InputError: the content ends before.
        """
        self.require(size)
        self.position += size

    def unpack(self, layout: str) -> tuple[int, ...]:
        """Numbers as `struct` lays them out."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def number(self, layout: str) -> int:
        """One whole number as `struct` lays it out."""
        return int(self.unpack(layout)[0])
