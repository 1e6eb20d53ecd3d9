"""Compressed bytes come out piece by piece, each paid for, and none is lost at a break."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import LimitError
from bartizan.formats.archives.packings import packing_of
from bartizan.formats.archives.unpacking import Unpacked
from bartizan.formats.content import Budget, Window

RAW = bytes((i * i * i) % 253 for i in range(400_000))
PACKERS: list[Callable[[bytes], bytes]] = [
    gzip.compress,
    zlib.compress,
    bz2.compress,
    lzma.compress,
]


def unpacked(packed: bytes, *, budget: Budget | None = None) -> Unpacked:
    packing = packing_of(packed[:4096])
    assert packing is not None
    given_budget = budget or Budget.for_file(len(packed))
    return Unpacked(Window.of(packed), packing=packing, budget=given_budget)


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("step", [1000, 70_000, 1 << 20])
def test_reading_and_skipping_agree_whatever_the_size_of_the_steps(
    pack: Callable[[bytes], bytes], step: int
) -> None:
    stream = unpacked(pack(RAW)).open()
    at = 0
    while at < len(RAW):
        assert stream.position == at
        passed = stream.skip(step)
        assert stream.read(step) == RAW[at + passed : at + passed + step]
        at = min(at + 2 * step, len(RAW))
    assert (stream.read(1), stream.skip(1), stream.position) == (b"", 0, len(RAW))


@pytest.mark.parametrize("pack", PACKERS)
def test_finishing_goes_on_where_the_furthest_reader_stands(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(RAW)
    budget = Budget.for_file(len(packed))
    content = unpacked(packed, budget=budget)
    assert content.open().read(len(RAW)) == RAW
    spent = budget.spent["expanded_bytes"]
    ending = content.finish()
    assert budget.spent["expanded_bytes"] == spent == len(RAW)
    assert (ending.unpacked_bytes, ending.packed_bytes) == (len(RAW), len(packed))
    assert (ending.crc, ending.problem) == (zlib.crc32(RAW), "")
    assert RAW.endswith(ending.tail)
    assert len(ending.tail) > 65_557


def test_every_reading_is_paid_for() -> None:
    content = unpacked(gzip.compress(RAW), budget=Budget(expanded_bytes=len(RAW) * 2))
    assert content.open().read(len(RAW)) == content.open().read(len(RAW)) == RAW
    with pytest.raises(LimitError, match="expanded bytes"):
        content.open().read(len(RAW))


@pytest.mark.parametrize("pack", PACKERS)
@given(data=st.data())
@settings(derandomize=True, deadline=None, max_examples=25)
def test_a_break_loses_nothing_that_a_careful_reader_gets(
    pack: Callable[[bytes], bytes], data: st.DataObject
) -> None:
    """Whatever zlib, bz2 and lzma give byte by byte before they complain."""
    raw = bytes(i % 7 * (i % 31) for i in range(3000))
    packed = bytearray(pack(raw))
    at = data.draw(st.integers(10, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))
    content = unpacked(bytes(packed))
    got = content.open().read(1 << 20)
    decoder = content.packing.decoder()
    slow = bytearray()
    try:
        for byte in packed:
            slow += decoder.decompress(bytes([byte]), 1)
            while not decoder.needs_input and not decoder.eof:
                slow += decoder.decompress(b"", 1)
            if decoder.eof:
                break
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        pass
    assert got == bytes(slow)


def test_several_members_with_padding_are_one_content() -> None:
    packed = b"".join(gzip.compress(piece) + bytes(100_000) for piece in (RAW[:9], RAW[9:]))
    content = unpacked(packed)
    assert content.open().read(len(RAW) + 1) == RAW
    assert content.finish().packed_bytes == len(packed)
