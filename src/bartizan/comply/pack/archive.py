"""A tar archive with one spelling: the same files give the same bytes, and no others are read.

A header is read by making it anew from the name and size that it says: whatever is not byte for
byte what we write is refused, and with it links, devices, sparse files, extended headers, owners,
times and second names for one thing. Nothing is packed, so nothing can unfold; nothing is written
to the disk.

Source: POSIX.1-2024, pax, "ustar interchange format". Deviation: names of at most 100 bytes of
ASCII, and exactly two blocks of zeros at the end, which every reader accepts.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bartizan.core.errors import LimitError, TrustError
from bartizan.crypto.oms.names import require_name

BLOCK = 512
NAME_BYTES = 100
"""Of the field for names."""
SIZE_LIMIT = 8**11
"""The field for sizes has eleven octal digits: 8 GiB."""
_PIECE_BYTES = 1 << 20
_SIZE = re.compile(rb"[0-7]{11}\0")
_EMPTY = b"\0" * BLOCK


def header(name: str, *, size_bytes: int) -> bytes:
    """The one header of a file.

    Raises:
        LimitError: it cannot be written: the name is too long, or the file too large.
    """
    raw = name.encode("ascii", "replace")
    if len(raw) > NAME_BYTES or raw.decode() != name or not 0 <= size_bytes < SIZE_LIMIT:
        message = (
            f"{name[:200]!a} with {size_bytes} bytes cannot stand in an archive: expected a name "
            f"of at most {NAME_BYTES} ASCII letters and less than 8 GiB"
        )
        raise LimitError(message)
    before = raw.ljust(NAME_BYTES, b"\0") + b"0000644\0" + b"0000000\0" * 2
    before += b"%011o\0" % size_bytes + b"00000000000\0"
    after = (b"0" + b"\0" * 100 + b"ustar\x0000").ljust(BLOCK - len(before) - 8, b"\0")
    total = sum(before) + 8 * 0x20 + sum(after)
    return before + b"%06o\0 " % total + after


def written(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The pieces of an archive, in the order of the files."""
    for name, content in files:
        yield header(name, size_bytes=len(content))
        yield content
        yield b"\0" * (-len(content) % BLOCK)
    yield _EMPTY * 2


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file; its bytes must be read before the next is asked for."""

    name: str
    size_bytes: int
    read: Callable[[], bytes]
    """Its content, in memory: look at the size first."""


def members(stream: BinaryIO) -> Iterator[Member]:
    """Files of an archive of ours, in their order.

    Args:
        stream: From its start.

    Raises:
        TrustError: it is not byte for byte what `written` writes.
    """
    while (raw := _exactly(stream, BLOCK)) != _EMPTY:
        name, size = _said(raw)
        left = [size]

        def read(left: list[int] = left) -> bytes:
            size, left[0] = left[0], 0
            content = _exactly(stream, size)
            if any(_exactly(stream, -size % BLOCK)):
                message = "something stands between two files of the archive"
                raise TrustError(message)
            return content

        yield Member(name=name, size_bytes=size, read=read)
        if left[0]:
            message = f"{name!a} was not read"
            raise AssertionError(message)
    if _exactly(stream, BLOCK) != _EMPTY or stream.read(1):
        message = "something stands behind the end of the archive"
        raise TrustError(message)


def _said(raw: bytes) -> tuple[str, int]:
    """Name and size that a header says, if it is the header of such a file."""
    size = raw[124:136]
    if _SIZE.fullmatch(size):
        name = raw[:NAME_BYTES].rstrip(b"\0").decode("ascii", "replace")
        length = int(size[:-1], 8)
        if name.isascii() and header(name, size_bytes=length) == raw:
            return require_name(name), length
    message = (
        "the archive holds something that is no plain file with a plain name, as packs of evidence "
        "have; it is none, or it was changed"
    )
    raise TrustError(message)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes; what a header claims is only taken from the memory as it arrives."""
    parts, left = [], size
    while left:
        piece = stream.read(min(left, _PIECE_BYTES))
        if not piece:
            message = "the archive ends too early: a part of it is missing"
            raise TrustError(message)
        parts.append(piece)
        left -= len(piece)
    return b"".join(parts)
