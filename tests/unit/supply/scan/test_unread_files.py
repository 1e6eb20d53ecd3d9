"""What is recognised and not read is never clean."""

import pytest

from boxes import opened, zip_of

NOISE = bytes(range(256))


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7z"),
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


def test_native_code_is_suspicious() -> None:
    windows = bytearray(b"MZ" + bytes(200))
    windows[60], windows[128:132] = 128, b"PE\0\0"
    for raw in (b"\x7fELF" + NOISE, bytes(windows)):
        assert (opened(raw).verdict, opened(raw).rules) == ("suspicious", {"file.native"})
    assert opened(b"MZ is how this sentence begins, and that is all there is to it").rules == set()
