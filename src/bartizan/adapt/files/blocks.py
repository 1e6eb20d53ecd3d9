"""A file of any size, read block by block, that must not change while it is read."""

import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bartizan.adapt.files.whole import require_file
from bartizan.core.errors import InputError

BLOCK_BYTES = 4 << 20
"""Large enough that numpy's cost a call is nothing, small enough for a processor's cache."""
STREAM_BYTES = 64 << 30
"""Most bytes that a packed file may unpack to: an hour's reading, and 64 MiB pack that much."""
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 31  # zlib.decompressobj: header and checksum of gzip, the largest window


class FileBytes:
    """A file that can be read several times and is the same each time, or an error is raised."""

    def __init__(self, path: Path, *, limit_bytes: int = STREAM_BYTES) -> None:
        """Look at the file.

        Args:
            path: A regular file.
            limit_bytes: Most bytes it may have, packed and unpacked.

        Raises:
            InputError: there is no such file, or it cannot be used.
        """
        require_file(path, limit_bytes=limit_bytes)
        self.path = path
        self.digest: str | None = None
        """`sha256:` of the bytes in the file, after they were read to the end once."""
        self._limit_bytes = limit_bytes
        with self._opened() as handle:
            self._state = _state(handle)
            self.packed = handle.read(2) == _GZIP
            """Whether it is in gzip."""

    def blocks(self) -> Iterator[bytes]:
        """The content, unpacked, in blocks of at most `BLOCK_BYTES`.

        Raises:
            InputError: the file is damaged, unpacks to more than the limit, or is not what it
                was when it was first looked at.
        """
        total = hashlib.sha256()
        with self._opened() as handle:
            self.require_same(handle)
            raw = _hashed(handle, total)
            yield from self._unpacked(raw) if self.packed else raw
            self.require_same(handle)
        self._settle("sha256:" + total.hexdigest())

    def seal(self) -> str:
        """Read the bytes for their digest alone.

        Raises:
            InputError: the file is not what it was.
        """
        total = hashlib.sha256()
        with self._opened() as handle:
            self.require_same(handle)
            for _ in _hashed(handle, total):
                pass
        return self._settle("sha256:" + total.hexdigest())

    def require_same(self, handle: BinaryIO | None = None) -> None:
        """Refuse a file of which another state was seen before.

        Raises:
            InputError: size, time of change or place on the disk are not what they were.
        """
        try:
            now = os.stat(self.path)  # noqa: PTH116 (as os.fstat below)
        except OSError as error:
            raise InputError(self._changed()) from error
        if _facts(now) != self._state or (handle and _state(handle) != self._state):
            raise InputError(self._changed())

    def _settle(self, digest: str) -> str:
        if self.digest not in (None, digest):
            raise InputError(self._changed())
        self.digest = digest
        return digest

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            message = f"cannot read {self.path}: {error.strerror or error}; check its permissions"
            raise InputError(message) from error

    def _unpacked(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """What gzip members hold, one after the other."""
        member: zlib._Decompress | None = None
        count = 0
        for place, block in enumerate(blocks):
            rest, full = block, False
            while rest or full:
                if member is None:
                    rest = rest.lstrip(b"\0") if place or count else rest  # files may be padded
                    if not rest:
                        break
                    member = zlib.decompressobj(_GZIP_BITS)
                content = self._content(member, rest)
                count += len(content)
                self._require_below(count)
                if content:
                    yield content
                full = len(content) == BLOCK_BYTES  # zlib may hold more without more input
                rest = member.unconsumed_tail
                if member.eof:
                    rest, full, member = member.unused_data, False, None
        if member is not None:
            raise InputError(self._damaged("its end is missing"))
        if not count:
            message = f"{self.path} is empty inside; expected a table"
            raise InputError(message)

    def _content(self, member: "zlib._Decompress", packed: bytes) -> bytes:
        try:
            return member.decompress(packed, BLOCK_BYTES)
        except zlib.error as error:
            raise InputError(self._damaged(error)) from error

    def _require_below(self, count: int) -> None:
        if count > self._limit_bytes:
            message = f"{self.path} unpacks to more than {self._limit_bytes} bytes; split it"
            raise InputError(message)

    def _damaged(self, reason: object) -> str:
        return f"{self.path}: the gzip file is damaged or cut off ({reason}); fetch it again"

    def _changed(self) -> str:
        return (
            f"{self.path} changed while it was read; nothing can be said about it. Wait until it "
            "is written, or check a copy"
        )


def _hashed(handle: BinaryIO, total: "hashlib._Hash") -> Iterator[bytes]:
    """Blocks of a file, each added to the digest."""
    while block := handle.read(BLOCK_BYTES):
        total.update(block)
        yield block


def _state(handle: BinaryIO) -> tuple[int, ...]:
    return _facts(os.fstat(handle.fileno()))


def _facts(found: os.stat_result) -> tuple[int, ...]:
    """What changes with a file's content; `ctime` cannot be set back by whoever wrote it."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
