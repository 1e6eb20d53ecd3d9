"""Compression is known by the first bytes alone."""

import bz2
import gzip
import lzma
import pickle
import zlib

import pytest

from bartizan.formats.archives.packings import is_packed, packing_of

RAW = b"cos\nsystem\n(S'id'\ntR."


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(RAW)),
        ("bzip2", bz2.compress(RAW)),
        ("xz", lzma.compress(RAW)),
        ("lzma", lzma.compress(RAW, lzma.FORMAT_ALONE)),
        *[("zlib", zlib.compress(RAW, level)) for level in range(10)],
        *[("zlib", zlib.compress(RAW, wbits=bits)) for bits in range(9, 16)],
    ],
)
def test_each_way_to_compress_is_known(name: str, packed: bytes) -> None:
    packing = packing_of(packed)
    assert packing is not None
    assert packing.name == name
    assert is_packed(packed)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_not_compressed(protocol: int) -> None:
    for value in ([1, 2.5, "text"], {"a": None}, (1,), "x", b"x"):
        assert not is_packed(pickle.dumps(value, protocol))


@pytest.mark.parametrize(
    "raw", [b"", b"x", b"(lp0\n", b"tree\nversion=v4", b'{"learner": 1}', b"]\0\0", b"HX plain"]
)
def test_plain_texts_are_not_compressed(raw: bytes) -> None:
    assert not is_packed(raw)
