"""Compressed files are unpacked to their end, and whatever does not belong there is told."""

import bz2
import gzip
import importlib
import lzma
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest

from bartizan.formats.content import Budget
from boxes import opened, zip_of

NOISE = bytes((i * i * i) % 253 for i in range(200_000))


def alone(raw: bytes) -> bytes:
    return lzma.compress(raw, lzma.FORMAT_ALONE)


def lz4(raw: bytes) -> bytes:
    frame = pytest.importorskip("lz4.frame", reason="needs lz4, which is an extra")
    packed: bytes = frame.compress(raw)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": alone,
    "lz4": lz4,
}


@pytest.mark.parametrize("name", PACKERS)
def test_what_was_packed_comes_out_and_nothing_is_told(name: str) -> None:
    raw = PACKERS[name](NOISE)
    found = opened(raw)
    assert found.leaves == {f"box/({name})": NOISE}
    assert (found.verdict, found.walked) == ("clean", {"compressed box": len(raw)})


@pytest.mark.parametrize("name", PACKERS)
def test_several_members_are_one_content_as_pythons_readers_have_it(name: str) -> None:
    raw = PACKERS[name](NOISE[:1000]) + PACKERS[name](NOISE[1000:])
    found = opened(raw)
    assert (found.verdict, found.leaves) == ("clean", {f"box/({name})": NOISE})


@pytest.mark.parametrize("name", PACKERS)
def test_bytes_after_the_end_are_told_and_opened(name: str) -> None:
    found = opened(PACKERS[name](NOISE) + zip_of({"x": b"payload"}))
    assert "compressed.trailing" in found.rules
    assert found.verdict == "suspicious"
    assert found.leaves["box/(after its end)/x"] == b"payload"


@pytest.mark.parametrize("name", PACKERS)
def test_what_came_out_before_a_cut_counts(name: str) -> None:
    raw = PACKERS[name](NOISE)
    found = opened(raw[: len(raw) - 3])
    assert found.rules == {"compressed.broken"}
    assert found.verdict == "inconclusive"
    assert found.leaves[f"box/({name})"] == NOISE


def test_all_that_comes_out_before_a_break_is_seen() -> None:
    small = b"cos\nsystem\n(S'id'\ntR."
    for name in ("gzip", "zlib", "xz"):
        raw = bytearray(PACKERS[name](small))
        raw[-2] ^= 0xFF
        found = opened(bytes(raw))
        assert found.rules == {"compressed.broken"}
        assert found.leaves[f"box/({name})"] == small


def test_padding_of_zeros_is_nothing() -> None:
    assert opened(gzip.compress(NOISE) + bytes(5000)).verdict == "clean"
    assert opened(lzma.compress(NOISE) + bytes(512)).verdict == "clean"


@pytest.mark.parametrize("kind", ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"])
def test_every_compression_of_joblib_is_opened(tmp_path: Path, kind: str) -> None:
    if kind == "lz4":
        pytest.importorskip("lz4", reason="needs lz4, which is an extra")
    path = tmp_path / "model"
    joblib.dump({"a": np.arange(10_000.0)}, path, compress=(kind, 3))
    found = opened(path.read_bytes())
    assert found.verdict == "clean"
    assert len(next(iter(found.leaves.values()))) > 80_000


def test_without_its_library_lz4_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lz4", None)
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    found = opened(b"\x04\x22\x4d\x18" + NOISE[:100])
    assert (found.verdict, found.rules) == ("inconclusive", {"compressed.library"})
    assert "pip install" in found.notices[0].why
    with pytest.raises(ImportError):
        importlib.import_module("lz4.frame")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_is_inconclusive(pack: Callable[[bytes], bytes]) -> None:
    found = opened(pack(bytes(20 << 20)), budget=Budget(expanded_bytes=5 << 20))
    assert found.verdict == "inconclusive"


def test_compressed_over_and_over_is_inconclusive_beyond_the_depth() -> None:
    raw = NOISE
    for _ in range(10):
        raw = gzip.compress(raw)
    assert opened(raw).verdict == "inconclusive"


def test_thousands_of_empty_members_are_a_bomb() -> None:
    found = opened(gzip.compress(b"") * 12_000)
    assert found.verdict == "inconclusive"


def test_a_dictionary_that_takes_too_much_memory_is_refused() -> None:
    raw = bytearray(lzma.compress(b"x"))
    raw[16] = 33  # the dictionary: 384 MiB
    raw[20:24] = zlib.crc32(bytes(raw[12:20])).to_bytes(4, "little")
    found = opened(bytes(raw))
    assert found.verdict == "inconclusive"
    assert "memory" in str(found.stopped)


def test_an_archive_hidden_at_the_end_of_what_is_compressed_is_told() -> None:
    found = opened(gzip.compress(NOISE + zip_of({"x": b"1"})))
    assert found.rules == {"zip.prefix"}


@pytest.mark.parametrize("text", [b"x^2 + y = 3\n", b"x^a,b\n1,2\n", b"x^2\n" * 500])
def test_plain_text_that_begins_as_zlib_does_is_text(text: bytes) -> None:
    found = opened(text)
    assert not [one for one in found.notices if one.rule.startswith("compressed")]


def test_what_breaks_after_a_pickle_came_out_of_it_is_told() -> None:
    hostile = zlib.compress(b"cos\nsystem\n(S'id'\ntR.", 0)[:-6]
    assert "compressed.broken" in {one.rule for one in opened(hostile).notices}
