"""What comes out of compressed bytes, piece by piece, in constant memory."""

import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bartizan.core.errors import LimitError
from bartizan.formats.archives.spending import spend_unpacked
from bartizan.formats.content import CHUNK_BYTES, Budget, Content, Stream

_BLOCK_BYTES = 1 << 16
"""Unpacked at once: a first look at a file costs no more."""
_FIRST_BYTES = 1 << 12
"""Read at first of what is packed: most members of archives are small."""
_TAIL_BYTES = 66_000
"""Kept of the end: where a zip archive that is hidden behind other bytes says so (65,557)."""
_FREE_MEMBERS = 10_000
"""Compressed members one after another that nobody minds; bgzip writes one every 64 KiB."""
_MEMBER_BYTES = 512
"""Packed bytes of an honest member, beyond the free ones: an empty one has 20."""


class Decoder(Protocol):
    """One compressed member, as the standard library's bz2 and lzma read it."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out before something goes in."""

    @property
    def unused_data(self) -> bytes | None:
        """What was handed in beyond its end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Hand in bytes, and get at most so many."""


@dataclass(frozen=True, kw_only=True)
class Packing:
    """One way to compress."""

    name: str
    decoder: Callable[[], Decoder]
    again: bytes = b""
    """How another member begins right after the end of one; empty = there is only one."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How compressed bytes end."""

    packed_bytes: int
    """Of the source, up to the end of the last member, padding of zeros included."""
    unpacked_bytes: int
    problem: str = ""
    """Why it ends too early, in words; empty = it is whole."""
    crc: int = 0
    """CRC-32 of what came out."""
    tail: bytes = b""
    """The last bytes that came out."""


class Unpacked:
    """Content that is unpacked anew each time it is opened."""

    def __init__(self, source: Content, *, packing: Packing, budget: Budget) -> None:
        """Nothing is read yet.

        Args:
            source: The compressed bytes, from the front.
            packing: How to read them.
            budget: Pays for every byte that comes out, each time it does.
        """
        self.source = source
        self.packing = packing
        self.budget = budget
        self.rescued: tuple[int, bytes] | None = None
        """What came out right before a break, and from which byte on, once somebody has met it."""
        self._furthest: UnpackedStream | None = None
        self._ending: Ending | None = None

    def open(self) -> "UnpackedStream":
        """From the front."""
        return UnpackedStream(self)

    def reached(self, stream: "UnpackedStream") -> None:
        """Remember the reader that got furthest, so that `finish` need not begin again."""
        if self._ending is not None:
            return
        if self._furthest is None or stream.unpacked >= self._furthest.unpacked:
            self._furthest = stream

    def finish(self) -> Ending:
        """Read on to the end, from where the reader that got furthest stands.

        Raises:
            LimitError: that costs too much.
        """
        if self._ending is None:
            stream = self._furthest or self.open()
            try:
                while stream.read(_BLOCK_BYTES):
                    pass
                self._ending = stream.ending()
            finally:  # let go of the reader at once: its dictionary may take 64 MiB
                self._furthest = None
        return self._ending


class UnpackedStream:
    """Reads compressed bytes from the front; ends where they are broken, without a complaint.

    What came out before the break counts, because a loader would have used it.
    """

    def __init__(self, of: Unpacked, *, careful: tuple[int, int] | None = None) -> None:
        """Use `Unpacked.open`.

        Args:
            of: What is read.
            careful: Byte of the source from which only one goes in at a time, and byte of what
                comes out from which only one comes out, so that all before a break is got; none =
                there is no known break.
        """
        self._of = of
        self._careful = careful
        self._source = _Source(of.source.open())
        self._decoder = of.packing.decoder()
        self._ready = memoryview(b"")
        self._members = 1
        self._ended = False
        self._problem = ""
        self._crc = 0
        self._tail = b""
        self._taken_at = 0
        self.position = 0
        self.unpacked = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        parts: list[memoryview] = []
        wanted = size
        while wanted > 0 and self._more():
            piece = self._ready[:wanted]
            self._ready = self._ready[len(piece) :]
            parts.append(piece)
            wanted -= len(piece)
        self.position += size - wanted
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over bytes, which have to be unpacked all the same."""
        wanted = size
        while wanted > 0 and self._more():
            passed = min(wanted, len(self._ready))
            self._ready = self._ready[passed:]
            wanted -= passed
        self.position += size - wanted
        return size - wanted

    def ending(self) -> Ending:
        """How it ended; only after everything was read."""
        return Ending(
            packed_bytes=self._source.position,
            unpacked_bytes=self.unpacked,
            problem=self._problem,
            crc=self._crc,
            tail=self._tail,
        )

    def _more(self) -> bool:
        """Whether bytes are ready, after unpacking some if need be."""
        while not self._ready and not self._ended:
            self._keep(self._unpack())
        return bool(self._ready)

    def _keep(self, out: bytes) -> None:
        if not out:
            return
        self.unpacked += len(out)
        self._ready = memoryview(out)
        if self._careful is None:
            self._crc = zlib.crc32(out, self._crc)
            self._tail = (self._tail + out)[-_TAIL_BYTES:]
            self._of.reached(self)

    def _unpack(self) -> bytes:
        """The next bytes that come out; none where it ends, or where more has to go in."""
        taken, goes_in, comes_out = b"", CHUNK_BYTES, _BLOCK_BYTES
        if self._careful is not None:
            goes_in = min(max(self._careful[0] - self._source.position, 1), goes_in)
            comes_out = min(max(self._careful[1] - self.unpacked, 1), comes_out)
        if self._decoder.needs_input:
            self._taken_at = self._source.position
            taken = self._source.take(goes_in)
            if not taken:
                return self._end("it is cut off")
        try:
            out = self._decoder.decompress(taken, comes_out)
        except (zlib.error, OSError, EOFError, RuntimeError, ValueError, lzma.LZMAError) as error:
            return self._broken(error)
        spend_unpacked(self._of.budget, unpacked=len(out), packed=len(taken))
        if self._decoder.eof:
            self._next_member()
        return out

    def _broken(self, error: Exception) -> bytes:
        """What comes out before a break, from a second reader that goes byte by byte."""
        if "emory usage limit" in str(error):
            message = f"unpacking needs more memory than is given to it ({error})"
            raise LimitError(message) from error
        self._end(f"it is broken: {error}")
        if self._careful is not None:
            return b""
        if self._of.rescued is None or self._of.rescued[0] != self.unpacked:
            second = UnpackedStream(self._of, careful=(self._taken_at, self.unpacked))
            second.skip(self.unpacked)
            self._of.rescued = self.unpacked, second.read(_BLOCK_BYTES)
        return self._of.rescued[1]

    def _end(self, problem: str = "") -> bytes:
        self._ended, self._problem = True, problem
        self._of.reached(self)
        return b""

    def _next_member(self) -> None:
        """Go on with the member that follows, over padding of zeros, if there is one."""
        self._source.give_back(self._decoder.unused_data or b"")
        again = self._of.packing.again
        if not again:
            self._end()
            return
        self._source.skip_zeros()
        if self._source.peek(len(again)) != again:
            self._end()
            return
        self._members += 1
        packed = self._source.position
        if self._members > _FREE_MEMBERS and self._members * _MEMBER_BYTES > packed:
            message = f"{self._members:,} compressed members in {packed:,} bytes: is it a bomb?"
            raise LimitError(message)
        self._decoder = self._of.packing.decoder()


class _Source:
    """A stream into which bytes can be given back."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._held = memoryview(b"")
        self._step = _FIRST_BYTES

    @property
    def position(self) -> int:
        """Bytes taken and not given back."""
        return self._stream.position - len(self._held)

    def take(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        if not self._held:
            self._held = memoryview(self._stream.read(self._step))
            self._step = min(self._step * 4, CHUNK_BYTES)
        piece = bytes(self._held[:size])
        self._held = self._held[len(piece) :]
        return piece

    def give_back(self, piece: bytes) -> None:
        """Take them again later."""
        if piece:
            self._held = memoryview(piece + bytes(self._held))

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay; fewer at the end."""
        while len(self._held) < size and (more := self._stream.read(CHUNK_BYTES)):
            self._held = memoryview(bytes(self._held) + more)
        return bytes(self._held[:size])

    def skip_zeros(self) -> None:
        """Pass over padding."""
        while piece := self.take(CHUNK_BYTES):
            if rest := piece.lstrip(b"\0"):
                self.give_back(rest)
                return
