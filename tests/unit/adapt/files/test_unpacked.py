import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable

import pytest

from bartizan.adapt.files.unpacked import unpacked
from bartizan.core.errors import InputError, LimitError

PLAIN = bytes(range(256)) * 20_000
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda raw: lzma.compress(raw, format=lzma.FORMAT_ALONE),
}


def unpack(raw: bytes, *, limit_bytes: int = 1 << 30) -> bytes:
    return unpacked(raw, where="m.pkl", limit_bytes=limit_bytes)


@pytest.mark.parametrize("name", PACKED)
def test_what_was_packed_comes_out_whole(name: str) -> None:
    assert unpack(PACKED[name](PLAIN)) == PLAIN


def test_what_is_not_packed_stays_as_it_is() -> None:
    assert unpack(b"\x80\x04N.") == b"\x80\x04N."


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_is_noticed_before_it_is_whole(name: str) -> None:
    with pytest.raises(LimitError, match="more than 1,000,000 bytes"):
        unpack(PACKED[name](bytes(50_000_000)), limit_bytes=1_000_000)


@pytest.mark.parametrize("name", PACKED)
def test_what_is_cut_off_is_named(name: str) -> None:
    with pytest.raises(InputError, match=r"m\.pkl"):
        unpack(PACKED[name](PLAIN)[:-40])


@pytest.mark.parametrize("name", ["zlib", "gzip", "bz2", "xz"])
def test_what_is_damaged_is_named(name: str) -> None:
    raw = bytearray(PACKED[name](PLAIN))
    raw[len(raw) // 2] ^= 255
    with pytest.raises(InputError, match=r"m\.pkl cannot be unpacked"):
        unpack(bytes(raw))


def test_lz4_is_unpacked_where_its_library_is_installed() -> None:
    frame = pytest.importorskip("lz4.frame", reason="lz4 is not installed")
    assert unpack(frame.compress(PLAIN)) == PLAIN
