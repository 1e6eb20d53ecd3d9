"""What is recognised and not read is never clean."""

import pytest

from bartizan.formats.unread import other_kind
from bartizan.supply.scanners.unread_files import OTHER
from boxes import opened, zip_of
from scanned import judged

NOISE = bytes(range(256))


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"Rar!\x1a\x07\0", "RAR"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (b"MSCF\0\0\0\0", "cabinet"),
        (b"070701", "cpio"),
    ],
)
def test_an_archive_that_nobody_opens_is_inconclusive_and_named(magic: bytes, name: str) -> None:
    for box in (magic + NOISE, zip_of({"inner": magic + NOISE})):
        found = opened(box)
        assert (found.verdict, found.rules) == ("inconclusive", {"archive.unread"})
        assert name in found.notices[0].why


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"GIF89a", "GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"BM\x10\0\0\0\0\0\0\0", "BMP"),
        (b"\0\0\0\x18ftypmp42", "MP4"),
        (b"wOF2", "font"),
        (b"SQLite format 3\0", "SQLite"),
    ],
)
def test_what_belongs_to_no_model_is_inconclusive_and_named(magic: bytes, name: str) -> None:
    found = opened(magic + NOISE)
    assert (found.verdict, found.rules) == ("inconclusive", {OTHER})
    assert name in found.notices[0].why


@pytest.mark.parametrize("front", [b"GIF89a\0\0\0", b"BM\0\0\0" + bytes(77)])
def test_a_pickle_that_begins_like_a_picture_is_malicious(front: bytes) -> None:
    raw = front + b"cos\nsystem\n(S'true'\ntR."  # BINFLOAT, or BINBYTES of 77
    assert other_kind(raw)
    assert judged(raw).verdict == "malicious"


def test_native_code_is_suspicious() -> None:
    windows = bytearray(b"MZ" + bytes(200))
    windows[60], windows[128:132] = 128, b"PE\0\0"
    for raw in (b"\x7fELF" + NOISE, bytes(windows)):
        assert (opened(raw).verdict, opened(raw).rules) == ("suspicious", {"file.native"})
    assert opened(b"MZ is how this sentence begins, and that is all there is to it").rules == set()
