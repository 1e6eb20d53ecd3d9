"""Tar archives: every member is read, and links, devices and tricks are told."""

import io
import tarfile
from collections.abc import Callable

import pytest

from boxes import opened, tar_of, zip_of

NOISE = bytes((i * 7) % 251 for i in range(3000))
MEMBERS = {
    "a.txt": b"hello",
    "é" * 40 + "/" + "x" * 150: NOISE,
    "deep/" * 40 + "b": b"",
    "c": bytes(512),
}
FORMS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def with_info(change: Callable[[tarfile.TarInfo], None], *, raw: bytes = b"") -> bytes:
    """An archive with one member that somebody made by hand."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        info = tarfile.TarInfo("member")
        info.size = len(raw)
        change(info)
        archive.addfile(info, io.BytesIO(raw))
    return target.getvalue()


def as_tarfile_reads(raw: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        files = {info.name: archive.extractfile(info) for info in archive if info.isfile()}
        return {f"box/{name}": file.read() for name, file in files.items() if file}


@pytest.mark.parametrize("form", FORMS)
def test_an_honest_archive_is_read_as_tarfile_reads_it(form: int) -> None:
    members = {"a": b"1", "b/c": NOISE} if form == tarfile.USTAR_FORMAT else MEMBERS
    raw = tar_of(members, form=form)
    found = opened(raw)
    assert found.leaves == as_tarfile_reads(raw)
    assert (found.verdict, found.walked) == ("clean", {"tar box": len(raw)})


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_compressed_archive_is_unpacked_and_read(mode: str) -> None:
    found = opened(tar_of({"a": NOISE, "b.zip": zip_of({"c": b"3"})}, mode=mode))
    assert found.verdict == "clean"
    assert sorted(found.leaves.values()) == sorted([NOISE, b"3"])


def test_a_large_member_of_a_compressed_archive_is_read_whole() -> None:
    large = NOISE * 4000
    found = opened(tar_of({"first": b"1", "large": large, "last": NOISE}, mode="w:gz"))
    assert found.verdict == "clean"
    assert sorted(map(len, found.leaves.values())) == [1, len(NOISE), len(large)]


@pytest.mark.parametrize(
    ("kind", "target", "rule", "verdict"),
    [
        (tarfile.SYMTYPE, "/etc/passwd", "tar.link", "malicious"),
        (tarfile.SYMTYPE, "../x", "tar.link", "malicious"),
        (tarfile.SYMTYPE, "other", "tar.link", "suspicious"),
        (tarfile.LNKTYPE, "../../x", "tar.link", "malicious"),
        (tarfile.LNKTYPE, "other", "tar.link", "suspicious"),
        (tarfile.CHRTYPE, "", "tar.special", "suspicious"),
        (tarfile.FIFOTYPE, "", "tar.special", "suspicious"),
    ],
)
def test_what_is_no_file_is_told(kind: bytes, target: str, rule: str, verdict: str) -> None:
    def change(info: tarfile.TarInfo) -> None:
        info.type, info.linkname = kind, target

    found = opened(with_info(change))
    assert (found.rules, found.verdict) == ({rule}, verdict)


@pytest.mark.parametrize("name", ["../x", "/abs", "a/../../b"])
def test_names_that_leave_are_malicious(name: str) -> None:
    found = opened(tar_of({name: b"x"}))
    assert (found.rules, found.verdict) == ({"tar.name"}, "malicious")


def test_a_size_that_two_headers_give_differently_is_told() -> None:
    def change(info: tarfile.TarInfo) -> None:
        info.pax_headers = {"size": "512"}

    found = opened(with_info(change, raw=bytes(1024)))
    assert "tar.disagreement" in found.rules


def test_holes_are_inconclusive() -> None:
    def change(info: tarfile.TarInfo) -> None:
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}

    found = opened(with_info(change, raw=NOISE))
    assert (found.rules, found.verdict) == ({"tar.sparse"}, "inconclusive")
    assert NOISE in found.leaves.values()


def test_an_archive_after_the_end_of_another_is_told_and_read() -> None:
    found = opened(tar_of({"a": b"1"}) + tar_of({"b": b"2"}))
    assert (found.rules, found.verdict) == ({"tar.trailing"}, "suspicious")
    assert set(found.leaves.values()) == {b"1", b"2"}


def test_archives_in_an_archive_are_opened_and_nothing_is_told() -> None:
    small = zip_of({"x": b"1"})
    for members in ({"a.zip": small, "noise": NOISE * 50}, {"noise": NOISE * 50, "a.zip": small}):
        for mode in ("w", "w:gz"):
            found = opened(tar_of(members, mode=mode))
            assert found.verdict == "clean"
            assert b"1" in found.leaves.values()


def test_a_cut_archive_is_inconclusive_and_its_members_are_read() -> None:
    raw = tar_of({"a": b"1", "b": NOISE})
    found = opened(raw[:2000])
    assert (found.rules, found.verdict) == ({"tar.broken"}, "inconclusive")
    assert b"1" in found.leaves.values()


def test_a_broken_header_is_inconclusive() -> None:
    raw = bytearray(tar_of({"a": b"1", "b": NOISE}))
    raw[1024 + 10] ^= 1
    found = opened(bytes(raw))
    assert (found.rules, found.verdict) == ({"tar.broken"}, "inconclusive")


def test_a_claim_of_terabytes_costs_nothing() -> None:
    raw = bytearray(tar_of({"a": b"1"}))
    raw[124:136] = b"\x80" + (1 << 60).to_bytes(11, "big")
    raw[148:156] = b" " * 8
    raw[148:156] = f"{sum(raw[:512]):06o}\0 ".encode()
    assert opened(bytes(raw)).verdict == "inconclusive"
