"""Untrusted bytes: a file, a part of one, or what comes out of a compressed one.

A parser takes a `Content` and reads it from the front, or a `Window` and reads wherever it likes.
Neither copies more than it is asked for, so that a file of any size needs little memory.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bartizan.core.errors import InputError, LimitError

ENDLESS = 1 << 62
"""More bytes than any content has: up to its end, wherever that is."""
CHUNK_BYTES = 1 << 18
"""Read at once where the amount is ours to choose: fits into the second cache of a processor."""


class Stream(Protocol):
    """Bytes that are read once, from the front."""

    @property
    def position(self) -> int:
        """Bytes read or skipped so far."""

    def read(self, size: int) -> bytes:
        """The next bytes; fewer than `size` only where they end."""

    def skip(self, size: int) -> int:
        """Pass over bytes without keeping them. Returns: how many there were."""


class Content(Protocol):
    """Bytes that can be read from the front as often as somebody likes."""

    def open(self) -> Stream:
        """From the front."""


class Window:
    """A stretch of a file or of bytes in memory, read wherever one likes.

    Example:
        >>> window = Window.of(b"magic and rest")
        >>> window.at(0, 5), window.part(6, 3).open().read(100)
        (b'magic', b'and')
    """

    def __init__(self, read: Callable[[int, int], bytes], *, start: int, size: int) -> None:
        """Use `of` or `of_file`.

        Args:
            read: ``read(offset, size)``, of the whole file.
            start: Offset of the first byte.
            size: Bytes.
        """
        self._read = read
        self._start = start
        self.size = size

    @classmethod
    def of(cls, raw: bytes) -> "Window":
        """Bytes in memory."""
        return cls(lambda offset, size: raw[offset : offset + size], start=0, size=len(raw))

    @classmethod
    def of_file(cls, descriptor: int) -> "Window":
        """An open regular file; it must stay open as long as the window is used."""
        size = os.fstat(descriptor).st_size
        return cls(lambda offset, n: _all_of(descriptor, offset, n), start=0, size=size)

    def at(self, offset: int, size: int) -> bytes:
        """Bytes at an offset; fewer than `size`, or none, where the window ends.

        Raises:
            InputError: the file became shorter while it was read.
        """
        begin = min(max(offset, 0), self.size)
        wanted = min(max(size, 0), self.size - begin)
        found = self._read(self._start + begin, wanted)
        if len(found) != wanted:
            message = f"the file became shorter while it was read, at byte {self._start + begin}"
            raise InputError(message)
        return found

    def part(self, offset: int, size: int) -> "Window":
        """A stretch of this stretch, cut off where this one ends."""
        begin = min(max(offset, 0), self.size)
        length = min(max(size, 0), self.size - begin)
        return Window(self._read, start=self._start + begin, size=length)

    def open(self) -> "WindowStream":
        """From the front."""
        return WindowStream(self)


@dataclass
class WindowStream:
    """A window, read from the front."""

    window: Window
    position: int = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        found = self.window.at(self.position, size)
        self.position += len(found)
        return found

    def skip(self, size: int) -> int:
        """Pass over bytes: costs nothing."""
        passed = min(max(size, 0), self.window.size - self.position)
        self.position += passed
        return passed


@dataclass(frozen=True)
class Expanded:
    """What comes out of something compressed, unpacked anew each time it is opened."""

    opener: Callable[[], Stream]

    def open(self) -> Stream:
        """From the front."""
        return self.opener()


def windowed(content: Content, *, limit_bytes: int) -> Window:
    """The content to read wherever one likes; kept in memory unless it is a window already.

    Raises:
        LimitError: it is larger than the limit.
    """
    if isinstance(content, Window):
        return content
    stream, parts, size = content.open(), [], 0
    while piece := stream.read(CHUNK_BYTES):
        size += len(piece)
        if size > limit_bytes:
            message = f"unpacks to more than {limit_bytes} bytes, which is more than is kept"
            raise LimitError(message)
        parts.append(piece)
    return Window.of(b"".join(parts))


def head(content: Content, size: int) -> bytes:
    """The first bytes."""
    return content.open().read(size)


@dataclass
class Budget:
    """What reading one file may cost, everything inside it included. Bombs run into it."""

    expanded_bytes: int
    """Bytes that may come out of compressed parts, all together."""
    entries: int = 20_000
    """Members of archives. Ten times the shards and code files of the largest public models."""
    depth: int = 8
    """Files inside of files."""
    opcodes: int = 50_000_000
    """Instructions of pickles: about a minute."""
    spent: dict[str, int] = field(default_factory=dict)

    @classmethod
    def for_file(cls, size_bytes: int) -> "Budget":
        """What a file of this size may cost: an honest array of zeros stays within it.

        256 MiB hold a forest of a thousand trees; beyond that, a stream may unpack to 200 times
        its size, where weights reach 4 and text 20, and bombs begin at 1000.
        """
        return cls(expanded_bytes=(256 << 20) + 200 * size_bytes)

    def spend(self, what: str, amount: int) -> None:
        """Use up some of it.

        Args:
            what: `expanded_bytes`, `entries` or `opcodes`.
            amount: How much.

        Raises:
            LimitError: there is not so much left.
        """
        used = self.spent.get(what, 0) + amount
        self.spent[what] = used
        allowed = getattr(self, what)
        if used > allowed:
            message = f"reading it takes more than {allowed:,} {what.replace('_', ' ')}"
            raise LimitError(message)

    def require_depth(self, depth: int) -> None:
        """Refuse what lies too deep inside.

        Raises:
            LimitError: it does.
        """
        if depth > self.depth:
            message = f"files lie inside of files more than {self.depth} deep"
            raise LimitError(message)


def _all_of(descriptor: int, offset: int, size: int) -> bytes:
    """As many bytes as there are: one call may return fewer."""
    parts: list[bytes] = []
    while size > 0:
        piece = os.pread(descriptor, min(size, 1 << 30), offset)
        if not piece:
            break
        parts.append(piece)
        offset += len(piece)
        size -= len(piece)
    return parts[0] if len(parts) == 1 else b"".join(parts)
