"""Zip archives: both descriptions are read, and whatever differs is told."""

import io
import shutil
import stat
import struct
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bartizan.formats.content import Budget, Window
from bartizan.supply.scan.answer import Ask
from bartizan.supply.scan.reader import answered, prepare
from boxes import opened, tar_of, zip_of

NOISE = bytes((i * i) % 251 for i in range(5000))
MEMBERS = {"a.txt": b"hello " * 200, "folder/b.bin": NOISE, "empty": b""}
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
SMALL = zip_of({"one": b"first content", "two": NOISE}, compression=zipfile.ZIP_DEFLATED)


class Pipe(io.RawIOBase):
    """A file in which nobody can go back."""

    def __init__(self) -> None:
        self.raw = b""

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        held = bytes(memoryview(piece))  # type: ignore[arg-type]  # whatever zipfile hands over
        self.raw += held
        return len(held)


def central(raw: bytes) -> int:
    """Where the last entry of the directory begins."""
    return raw.rfind(b"PK\1\2")


def patched(raw: bytes, at: int, new: bytes) -> bytes:
    return raw[:at] + new + raw[at + len(new) :]


def as_zipfile_reads(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {
            f"box/{info.filename}": archive.read(info)
            for info in archive.infolist()
            if not info.is_dir()
        }


@pytest.mark.parametrize("method", METHODS)
def test_an_honest_archive_is_read_as_zipfile_reads_it_and_without_a_notice(method: int) -> None:
    raw = zip_of(MEMBERS, compression=method)
    found = opened(raw)
    assert found.leaves == as_zipfile_reads(raw)
    assert found.verdict == "clean"
    assert found.walked == {"zip box": len(raw)}


def test_an_archive_written_into_a_pipe_is_honest() -> None:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"x" * 1000)
        with archive.open("b", "w", force_zip64=True) as member:
            member.write(NOISE)
        archive.writestr("ü/", b"")
    found = opened(pipe.raw)
    assert (found.verdict, found.leaves) == ("clean", as_zipfile_reads(pipe.raw))


def test_an_archive_that_was_added_to_is_honest() -> None:
    target = io.BytesIO(SMALL)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("three", b"3")
        archive.comment = b"a remark"
    found = opened(target.getvalue())
    assert (found.verdict, len(found.leaves)) == ("clean", 3)


@pytest.mark.parametrize("flags", ["-qr", "-qr0", "-qryX", "-qr9", "-qr -fz"])
def test_archives_of_the_zip_command_are_honest(tmp_path: Path, flags: str) -> None:
    if shutil.which("zip") is None:
        pytest.skip("needs the command zip")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "é.txt").write_bytes(b"abc" * 1000)
    (tmp_path / "in" / "noise").write_bytes(NOISE)
    subprocess.run(["zip", *flags.split(), "f.zip", "in"], cwd=tmp_path, check=True)
    piped = subprocess.run(
        ["zip", *flags.split(), "-", "in"], cwd=tmp_path, check=True, capture_output=True
    ).stdout
    for raw in ((tmp_path / "f.zip").read_bytes(), piped):
        found = opened(raw)
        assert (found.verdict, len(found.leaves)) == ("clean", 2)
        assert sum(found.walked.values()) == len(raw)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_of_numpy_are_honest(save: object) -> None:
    target = io.BytesIO()
    save(target, a=np.arange(1000), b=np.eye(3))  # type: ignore[operator]
    found = opened(target.getvalue())
    assert found.verdict == "clean"
    assert set(found.walked) == {"zip box", "npy box/a.npy", "npy box/b.npy"}


def test_an_archive_inside_of_an_archive_is_opened_and_takes_nobody_in() -> None:
    for method in METHODS:
        found = opened(zip_of({"inner.zip": SMALL, "z": b""}, compression=method))
        assert found.verdict == "clean"
        assert found.leaves["box/inner.zip/two"] == NOISE


def test_another_name_in_the_local_header_is_told_and_both_are_read() -> None:
    found = opened(SMALL.replace(b"one", b"uno", 1))
    assert (found.verdict, found.rules) == ("suspicious", {"zip.disagreement"})
    assert {"box/one", "box/uno"} <= set(found.leaves)


def test_another_method_in_the_local_header_is_told_and_both_are_read() -> None:
    raw = zip_of({"one": b"stored content"})
    found = opened(patched(raw, 8, b"\x08\0"))
    assert "zip.disagreement" in found.rules
    assert b"stored content" in found.leaves.values()


def test_other_sizes_in_the_local_header_are_told_and_both_are_read() -> None:
    raw = zip_of({"one": b"a" * 100, "two": b"b" * 100})
    found = opened(patched(raw, 18, struct.pack("<LL", 50, 50)))
    assert "zip.disagreement" in found.rules
    assert {b"a" * 50, b"a" * 100} <= set(found.leaves.values())


def test_marks_of_encryption_are_passed_over_as_pytorch_does_it() -> None:
    raw = zip_of({"one": b"plain content"})
    marked = patched(patched(raw, 6, b"\1\0"), central(raw) + 8, b"\1\0")
    found = opened(marked)
    assert (found.verdict, found.rules) == ("suspicious", {"zip.disagreement"})
    assert found.leaves == {"box/one": b"plain content"}


def test_what_is_really_encrypted_is_inconclusive() -> None:
    raw = zip_of({"one": NOISE})
    marked = patched(patched(raw, 6, b"\1\0"), central(raw) + 8, b"\1\0")
    found = opened(patched(marked, 100, b"\xaa\xbb\xcc"))
    assert (found.verdict, found.rules) == ("inconclusive", {"zip.encrypted"})


def test_flags_that_readers_treat_differently_are_told() -> None:
    raw = zip_of({"one": b"content"})
    found = opened(patched(patched(raw, 6, b"\x20\0"), central(raw) + 8, b"\x20\0"))
    assert (found.verdict, found.rules) == ("suspicious", {"zip.flags"})
    assert found.leaves == {"box/one": b"content"}


def test_a_wrong_checksum_is_told_and_the_member_is_read_all_the_same() -> None:
    raw = zip_of({"one": b"content"}).replace(b"content", b"hostile")
    found = opened(raw)
    assert (found.verdict, found.rules) == ("suspicious", {"zip.crc"})
    assert found.leaves == {"box/one": b"hostile"}


def test_two_members_of_one_name_are_told_and_both_are_read() -> None:
    found = opened(zip_of({"one": b"1", "two": b"2"}).replace(b"two", b"one"))
    assert found.rules == {"zip.duplicate"}
    assert set(found.leaves.values()) == {b"1", b"2"}


def test_a_member_that_no_directory_lists_is_told_and_read() -> None:
    whole, extra = zip_of({"one": b"1"}), zip_of({"hidden": b"payload"})
    local = extra[: extra.find(b"PK\1\2")]
    begin = whole.find(b"PK\1\2")
    tail = bytearray(whole[begin:])
    end = tail.rfind(b"PK\5\6")
    struct.pack_into("<L", tail, end + 16, begin + len(local))
    found = opened(whole[:begin] + local + bytes(tail))
    assert (found.verdict, found.rules) == ("suspicious", {"zip.disagreement"})
    assert found.leaves == {"box/one": b"1", "box/hidden": b"payload"}


def test_bytes_before_and_after_an_archive_are_told() -> None:
    before, after = opened(b"#!/bin/sh\n" + SMALL), opened(SMALL + b"tail")
    assert before.rules == {"zip.prefix"}
    assert after.rules == {"zip.trailing"}
    assert before.walked == after.walked == {"zip box": len(SMALL)}
    assert after.leaves["box/(after its end)"] == b"tail"
    assert set(before.leaves) == {"box/one", "box/two"}


def test_code_in_a_comment_is_told_and_a_text_is_not() -> None:
    for comment, rules in ((b"cos\nsystem\n(S'true'\ntR.", {"zip.comment"}), (b"by hand", set())):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", "text")
            archive.comment = comment
        assert opened(buffer.getvalue()).rules == rules


def test_an_archive_in_a_tar_archive_is_no_prefix() -> None:
    found = opened(tar_of({"model.npz": SMALL}))
    assert found.verdict == "clean"


def test_an_archive_hidden_behind_a_compressed_member_is_told() -> None:
    found = opened(zip_of({"x": NOISE + SMALL}, compression=zipfile.ZIP_DEFLATED))
    assert found.rules == {"zip.prefix"}


def test_two_directories_are_told_and_both_are_read() -> None:
    first, second = zip_of({"one": b"1"}), zip_of({"two": b"2"})
    begin = second.find(b"PK\1\2")
    moved = bytearray(second)
    struct.pack_into("<L", moved, second.rfind(b"PK\5\6") + 16, begin + len(first))
    struct.pack_into("<L", moved, begin + 42, len(first))
    found = opened(first + bytes(moved))
    assert found.verdict == "suspicious"
    assert set(found.leaves.values()) >= {b"1", b"2"}


def test_a_cut_archive_is_inconclusive_and_its_members_are_read() -> None:
    found = opened(SMALL[:-30])
    assert (found.verdict, found.rules) == ("inconclusive", {"zip.broken"})
    assert found.leaves["box/two"] == NOISE


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("../../etc/cron.d/x", "malicious"),
        ("/etc/passwd", "malicious"),
        ("..\\..\\x", "malicious"),
        ("C:\\Windows\\x", "malicious"),
        ("aux.txt", "suspicious"),
        ("new\nline", "suspicious"),
        ("gpj\u202eexe", "suspicious"),
        ("n" * 2000, "suspicious"),
        ("fine..name/a..b", "clean"),
        ("모델.bin", "clean"),
    ],
)
def test_names_are_judged(name: str, verdict: str) -> None:
    found = opened(zip_of({name: b"x"}))
    assert found.verdict == verdict
    assert found.rules <= {"zip.name"}


@pytest.mark.parametrize(("target", "verdict"), [("/etc/passwd", "malicious"), ("x", "suspicious")])
def test_links_are_judged(target: str, verdict: str) -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    found = opened(box.getvalue())
    assert (found.verdict, found.rules) == (verdict, {"zip.link"})


def test_members_that_share_bytes_are_told() -> None:
    raw = zip_of({"one": NOISE, "two": NOISE})
    second = central(raw)
    found = opened(patched(raw, second + 42, b"\0\0\0\0"))
    assert {"zip.overlap", "zip.disagreement"} <= found.rules


def test_an_unknown_method_is_inconclusive() -> None:
    raw = zip_of({"one": b"content"})
    found = opened(patched(patched(raw, 8, b"\x5d\0"), central(raw) + 10, b"\x5d\0"))
    assert (found.verdict, found.rules) == ("inconclusive", {"zip.method"})


def test_a_lie_about_the_size_is_told() -> None:
    raw = zip_of({"one": NOISE}, compression=zipfile.ZIP_DEFLATED)
    shorter = struct.pack("<L", 10)
    found = opened(patched(patched(raw, 22, shorter), central(raw) + 24, shorter))
    assert found.rules == {"zip.disagreement"}
    assert found.leaves["box/one"] == NOISE


def test_a_bomb_is_inconclusive_before_it_goes_off() -> None:
    raw = zip_of({"zeros": bytes(20 << 20)}, compression=zipfile.ZIP_DEFLATED)
    box = zip_of({str(i): raw for i in range(3)})
    found = opened(box, budget=Budget(expanded_bytes=5 << 20))
    assert found.verdict == "inconclusive"
    assert len(found.stopped) >= 1


def test_too_many_members_are_inconclusive_and_the_first_ones_are_read() -> None:
    raw = zip_of({str(i): b"x" for i in range(100)})
    found = opened(raw, budget=Budget(expanded_bytes=1 << 20, entries=30))
    assert (len(found.leaves), found.verdict) == (30, "inconclusive")


def test_archives_deeper_than_the_budget_are_inconclusive() -> None:
    raw = SMALL
    for _ in range(10):
        raw = zip_of({"inner.zip": raw}, compression=zipfile.ZIP_DEFLATED)
    found = opened(raw)
    assert found.verdict == "inconclusive"
    assert "deep" in str(found.stopped)


def test_plain_bytes_are_no_archive() -> None:
    assert opened(NOISE).walked == {}


SCRIPT = {
    "m/data.pkl": b"\x80\x02c__torch__\nNet\n)\x81}b.",
    "m/constants.pkl": b"\x80\x02).",
    "m/code/__torch__.py": b"class Net(Module):\n",
}


def renamed(old: str, new: str) -> dict[str, bytes]:
    return {name.replace(old, new): raw for name, raw in SCRIPT.items()}


def read(raw: bytes) -> str:
    prepare()
    return answered(Window.of(raw), Ask(path="m.pt"), allowed=frozenset()).read.verdict


def test_classes_of_torchscript_belong_into_torchscript() -> None:
    assert read(zip_of(SCRIPT)) == "inconclusive"


@pytest.mark.parametrize(
    "raw",
    [
        zip_of(renamed("m/constants.pkl", "m/Constants.pkl")),  # PyTorch looks for the exact name
        zip_of(renamed("m/constants.pkl", "n/constants.pkl")),
        zip_of(renamed("m/constants.pkl", "m/code/constants.pkl")),
        b"#!/bin/sh\n" + zip_of(SCRIPT),  # readers differ
    ],
)
def test_what_merely_looks_like_torchscript_is_read_by_python(raw: bytes) -> None:
    assert read(raw) == "malicious"
