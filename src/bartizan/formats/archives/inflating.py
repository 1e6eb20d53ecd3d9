"""Deflate, in all its wrappings, in the shape of the other decoders."""

import zlib


class Inflating:
    """A member of zlib, gzip or bare deflate, with the methods that bz2 and lzma have."""

    def __init__(self, wbits: int) -> None:
        """As `zlib.decompressobj`: 15 for zlib, 31 for gzip, -15 for bare deflate."""
        self._inner = zlib.decompressobj(wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out before something goes in."""
        return not (self._full or self._inner.unconsumed_tail or self._inner.eof)

    @property
    def unused_data(self) -> bytes | None:
        """What was handed in beyond its end."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Hand in bytes, and get at most so many."""
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(out) == max_length
        return out
