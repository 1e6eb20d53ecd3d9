"""The bytes of a member of a zip archive, unpacked as its method has it."""

import bz2
import lzma
from functools import partial
from typing import Any

from bartizan.formats.archives.inflating import Inflating
from bartizan.formats.archives.unpacking import Packing

STORED = 0
_DEFLATED, _BZIP2, _LZMA = 8, 12, 14
_METHODS = {
    1: "shrunk",
    6: "imploded",
    9: "Deflate64",
    10: "imploded by PKWARE's library",
    20: "Zstandard",
    93: "Zstandard",
    95: "xz",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
    99: "AES encryption",
}
_LZMA_HEADER = 4
"""Version of the writer, and how many bytes of properties follow."""
_LZMA_PROPERTIES = 5
_DICTIONARY_BYTES = 80 << 20
"""Largest dictionary of LZMA: its highest usual level (9) takes 64 MiB."""


def packing_of_method(method: int, *, head: bytes) -> Packing | None:
    """How a member is compressed; none if it is stored, or nobody here can read it.

    Args:
        method: As the header has it.
        head: The first packed bytes: LZMA begins with its properties.
    """
    if method == _DEFLATED:
        return Packing(name="deflate", decoder=partial(Inflating, -15))
    if method == _BZIP2:
        return Packing(name="bzip2", decoder=bz2.BZ2Decompressor)
    if method == _LZMA and (filters := _filters(head)) is not None:
        return Packing(name="lzma", decoder=partial(_ZipLzma, filters))
    return None


def method_name(method: int) -> str:
    """What a method is called."""
    return _METHODS.get(method, f"method {method}")


def _filters(head: bytes) -> dict[str, Any] | None:
    """The properties of LZMA; none if they make no sense or want too much memory."""
    properties = head[_LZMA_HEADER : _LZMA_HEADER + _LZMA_PROPERTIES]
    if len(properties) < _LZMA_PROPERTIES or properties[0] >= 225:
        return None
    if int.from_bytes(head[2:4], "little") != _LZMA_PROPERTIES:
        return None
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    dictionary = int.from_bytes(properties[1:], "little")
    if lc + lp > 4 or dictionary > _DICTIONARY_BYTES:
        return None
    return {
        "id": lzma.FILTER_LZMA1,
        "lc": lc,
        "lp": lp,
        "pb": pb,
        "dict_size": max(dictionary, 4096),
    }


class _ZipLzma:
    """A member of LZMA, whose header of nine bytes is passed over."""

    def __init__(self, filters: dict[str, Any]) -> None:
        self._inner = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])
        self._header = _LZMA_HEADER + _LZMA_PROPERTIES

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._header > 0 or self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        passed = min(self._header, len(data))
        self._header -= passed
        if passed and passed == len(data):
            return b""
        return self._inner.decompress(data[passed:], max_length)
