"""The bytes of a pickle, read once from the front, with what is read ahead."""

from bartizan.formats.content import CHUNK_BYTES, Stream
from bartizan.formats.pickles.memory.endings import Exhausted

LINE_BYTES = 2400
"""What is kept of a line. 200 characters of a name take 2,000 bytes where each is escaped as
``\\U0001f600``; the rest is for quotes."""


class Tape:
    """A stream with a place in it. Several pickles may lie on one tape.

    Attributes:
        buffer: Bytes at hand.
        place: Where in the buffer the next instruction or argument begins.
        base: Offset of the buffer in the stream, in bytes.
        end: Instructions may begin before this place of the buffer without another look.
        frame_end: Offset at which the current frame ends; none outside of frames.
        torn: Whether the content ended inside of the last line.
        line_bytes: Of the last line, kept or not.
    """

    __slots__ = (
        "_ended",
        "_stream",
        "base",
        "buffer",
        "end",
        "frame_end",
        "line_bytes",
        "place",
        "torn",
    )

    def __init__(self, stream: Stream) -> None:
        """Begin where the stream is.

        Args:
            stream: Bytes.
        """
        self._stream = stream
        self._ended = False
        self.buffer = b""
        self.place = 0
        self.base = 0
        self.end = 0
        self.frame_end: int | None = None
        self.torn = False
        self.line_bytes = 0

    @property
    def offset(self) -> int:
        """Of the next byte, from the beginning of the tape."""
        return self.base + self.place

    def settle(self) -> None:
        """Say anew how far instructions may begin: as far as there are bytes of this frame."""
        self.end = len(self.buffer)
        if self.frame_end is not None:
            self.end = min(self.end, self.frame_end - self.base)

    def fill(self, size: int) -> bool:
        """Have so many bytes at hand, if the stream has them.

        Args:
            size: Bytes; small, as they are kept.

        Returns:
            Whether they are there.
        """
        parts, have = [self.buffer[self.place :]], len(self.buffer) - self.place
        while have < size and not self._ended:
            piece = self._stream.read(CHUNK_BYTES)
            self._ended = not piece
            parts.append(piece)
            have += len(piece)
        self.base += self.place
        self.buffer, self.place = b"".join(parts), 0
        self.settle()
        return have >= size

    def take(self, size: int) -> bytes:
        """The next bytes.

        Args:
            size: Bytes; small, as they are kept.

        Raises:
            Exhausted: there are fewer.
        """
        place = self.place
        end = place + size
        if end > len(self.buffer):
            if not self.fill(size):
                raise Exhausted(size)
            place, end = 0, size
        self.place = end
        return self.buffer[place:end]

    def number(self, size: int) -> int:
        """The next bytes as a whole number without sign, the smallest byte first."""
        return int.from_bytes(self.take(size), "little")

    def peek(self, size: int) -> bytes:
        """What comes next, as far as there is so much; it stays there."""
        self.fill(size)
        return self.buffer[self.place : self.place + size]

    def skip(self, size: int) -> None:
        """Pass over bytes without keeping them.

        Raises:
            Exhausted: there are fewer.
        """
        ahead = len(self.buffer) - self.place
        if size <= ahead:
            self.place += size
            return
        passed = self._stream.skip(size - ahead)
        self.base += len(self.buffer) + passed
        self.buffer, self.place = b"", 0
        self.settle()
        if passed < size - ahead:
            raise Exhausted(size)

    def line(self) -> bytes:
        """The rest of this line without its end, of which `LINE_BYTES` and one are kept.

        Where the content ends before the line does, the last byte is missing, as it is for
        unpicklers written in Python, which go on with what they got.
        """
        stop = self.buffer.find(b"\n", self.place)
        if stop >= 0:
            found = self.buffer[self.place : min(stop, self.place + LINE_BYTES + 1)]
            self.line_bytes = stop - self.place
            self.place = stop + 1
            return found
        kept, self.line_bytes = b"", 0
        while stop < 0:
            last = self.buffer[self.place :]
            self.line_bytes += len(last)
            kept += last[: max(0, LINE_BYTES + 2 - len(kept))]
            self.place = len(self.buffer)
            if not self.fill(1):
                self.torn = True
                return kept[:-1][: LINE_BYTES + 1]
            stop = self.buffer.find(b"\n")
        kept += self.buffer[:stop]
        self.line_bytes += stop
        self.place = stop + 1
        return kept[: LINE_BYTES + 1]
