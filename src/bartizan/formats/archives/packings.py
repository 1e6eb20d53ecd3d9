"""The ways in which whole files are compressed, known by their first bytes."""

import bz2
import importlib
import lzma
import zlib
from collections.abc import Callable
from functools import partial

from bartizan.core.errors import MissingExtraError
from bartizan.formats.archives.inflating import Inflating
from bartizan.formats.archives.unpacking import Decoder, Packing

_MEMORY_BYTES = 80 << 20
"""For the dictionary of xz and lzma: their highest usual level (9) takes 65 MiB."""
_LZ4 = b"\x04\x22\x4d\x18"
_ALONE_BYTES = 13
"""Header of an lzma file: properties, size of the dictionary, size of the content."""
_ALONE_CONTENT = 1 << 38
"""Largest size that such a header honestly declares, as liblzma has it."""


def _xz(form: int) -> Decoder:
    return lzma.LZMADecompressor(form, memlimit=_MEMORY_BYTES)


_MAGICS: tuple[tuple[bytes, str, Callable[[], Decoder]], ...] = (
    (b"\x1f\x8b", "gzip", partial(Inflating, 31)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", "xz", partial(_xz, lzma.FORMAT_XZ)),
)


def packing_of(head: bytes) -> Packing | None:
    r"""How a file is compressed; none if it is not.

    joblib goes by the first bytes too, whatever a file is called. Bare zlib and lzma have no
    magic number: they count where something comes out of them.

    Args:
        head: The first bytes, some thousands.

    Raises:
        MissingExtraError: it takes a library that is not installed.

    Example:
        >>> packing_of(b"\x1f\x8b\x08...").name, packing_of(b"tree..")
        ('gzip', None)
    """
    for magic, name, decoder in _MAGICS:
        if head.startswith(magic):
            return Packing(name=name, decoder=decoder, again=magic)
    if head.startswith(_LZ4):
        return Packing(name="lz4", decoder=_lz4(), again=_LZ4)
    if _begins_zlib(head):
        return Packing(name="zlib", decoder=partial(Inflating, 15), again=head[:2])
    if _begins_alone(head):
        return Packing(name="lzma", decoder=partial(_xz, lzma.FORMAT_ALONE), again=head[:1])
    return None


def is_packed(head: bytes) -> bool:
    """Whether a file is compressed, be there a library for it or not."""
    if head.startswith(_LZ4):
        return True
    return packing_of(head) is not None


def _lz4() -> Callable[[], Decoder]:
    try:
        frame = importlib.import_module("lz4.frame")
    except ImportError as error:
        message = "it is compressed with LZ4, which takes a library: pip install lz4"
        raise MissingExtraError(message) from error
    made: Callable[[], Decoder] = frame.LZ4FrameDecompressor
    return made


def _begins_zlib(head: bytes) -> bool:
    """A header of RFC 1950, and a first byte that comes out."""
    if len(head) < 3 or head[0] & 15 != 8 or head[0] >> 4 > 7:
        return False
    if int.from_bytes(head[:2], "big") % 31 or head[1] & 32:
        return False
    # joblib knows zlib by an x; with another size of window, all of the head has to make sense.
    most = 1 if head[:1] == b"x" else 0
    try:
        return bool(zlib.decompressobj().decompress(head, most))
    except zlib.error:
        return False


def _begins_alone(head: bytes) -> bool:
    """Properties and a dictionary as lzma writes them, and a first byte that comes out."""
    if len(head) < _ALONE_BYTES or head[0] >= 225:
        return False
    dictionary = int.from_bytes(head[1:5], "little")
    content = int.from_bytes(head[5:13], "little")
    if dictionary < 1 << 12 or dictionary.bit_count() > 2:
        return False
    if content != (1 << 64) - 1 and not 0 < content < _ALONE_CONTENT:
        return False
    try:
        return bool(_xz(lzma.FORMAT_ALONE).decompress(head, 1))
    except lzma.LZMAError:
        return False
