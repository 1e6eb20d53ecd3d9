"""What is inside of a file that joblib compressed, whole and no larger than allowed."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from bartizan.core.errors import InputError, LimitError, MissingExtraError

_CHUNK_BYTES = 1 << 20
"""Unpacked at once: a bomb is noticed within a millisecond of its limit."""


def unpacked(content: bytes, *, where: str, limit_bytes: int) -> bytes:
    """The content itself, or what comes out of it.

    Args:
        content: Perhaps compressed, in any way that joblib knows, told by its first bytes.
        where: Its name, for messages.
        limit_bytes: What may come out.

    Raises:
        InputError: it is damaged.
        LimitError: more comes out.
        MissingExtraError: it is LZ4, and the library for that is not installed.
    """
    for magic, opener in _OPENERS:
        if content.startswith(magic):
            try:
                return _all_of(opener(), content, where=where, limit_bytes=limit_bytes)
            except (
                zlib.error,
                OSError,
                EOFError,
                lzma.LZMAError,
                ValueError,
                RuntimeError,
            ) as error:
                message = f"{where} cannot be unpacked: {str(error)[:200]}"
                raise InputError(message) from error
    return content


def _all_of(opener: Any, content: bytes, *, where: str, limit_bytes: int) -> bytes:
    """Everything that comes out of one compressed stream."""
    parts: list[bytes] = []
    size, fed = 0, content
    while not opener.eof:
        piece = opener.decompress(fed, _CHUNK_BYTES)
        fed = getattr(opener, "unconsumed_tail", b"")
        size += len(piece)
        parts.append(piece)
        if size > limit_bytes:
            message = f"{where} unpacks to more than {limit_bytes:,} bytes"
            raise LimitError(message)
        if not piece and not fed and not opener.eof:
            message = f"{where} is cut off: what it was packed from does not end"
            raise InputError(message)
    return b"".join(parts)


def _lz4() -> Any:
    try:
        # an extra of joblib, has no types
        from lz4.frame import LZ4FrameDecompressor  # noqa: PLC0415 (rarely needed)
    except ImportError as error:
        message = "the file is packed with LZ4, which needs the library lz4: pip install lz4"
        raise MissingExtraError(message) from error
    return LZ4FrameDecompressor()


_OPENERS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31)),
    (b"\x78", zlib.decompressobj),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lzma.LZMADecompressor),
    (b"\x5d\x00\x00", lzma.LZMADecompressor),
    (b"\x04\x22\x4d\x18", _lz4),
)
