"""Whole files or none, and a full disk that is not made fuller."""

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan.core.errors import OutputError
from bartizan.ledger.disk import LocalDisk
from bartizan.ledger.folder import STAGING, Folder
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from unit.ledger.crashing import CrashingDisk
from unit.ledger.signing import publish, read

TINY_BYTES = 2_000_000


def folder(disk: CrashingDisk) -> Folder:
    made = Folder(disk)
    made.clean()
    return made


@pytest.mark.parametrize("limit", [1, 3, 1 << 20])
def test_files_are_whole_even_if_the_system_takes_little_at_once(limit: int) -> None:
    disk = CrashingDisk()
    disk.limit = limit
    folder(disk).put([("a/b/one", b"0123456789"), ("a/two", b""), ("three", b"x")])
    assert disk.read("a/b/one", limit=99) == b"0123456789"
    assert disk.read("a/two", limit=99) == b""
    assert disk.read("three", limit=99) == b"x"
    assert disk.names(STAGING) == []


def test_a_file_is_replaced_as_a_whole() -> None:
    disk = CrashingDisk()
    made = folder(disk)
    made.put([("a/one", b"first, and long")])
    made.put([("a/one", b"second")])
    assert disk.read("a/one", limit=99) == b"second"


def test_many_files_are_taken_one_group_at_a_time() -> None:
    disk = CrashingDisk()
    seen = []

    def files() -> Iterator[tuple[str, bytes]]:
        for number in range(150):
            seen.append(len(disk.names(STAGING)))
            yield f"a/{number}", b"%d" % number

    folder(disk).put(files())
    assert len(disk.names("a")) == 150
    assert max(seen) == 0, "files are renamed before the next are made"


def test_a_full_disk_keeps_nothing_of_what_was_half_written() -> None:
    disk = CrashingDisk()
    made = folder(disk)
    disk.fail_at = disk.steps + 5
    with pytest.raises(OutputError, match="No space left on device; make room on the disk"):
        made.put([("a", b"x" * 100), ("b", b"y" * 100)])
    assert disk.names(STAGING) == []


def test_any_other_failure_says_what_to_look_at() -> None:
    class Broken(CrashingDisk):
        def sync(self, handle: int) -> None:
            raise OSError(errno.EIO, "Input/output error", handle)

    with pytest.raises(OutputError, match="Input/output error; check the folder's owner"):
        folder(Broken()).put([("a", b"x")])


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A real disk of two megabytes."""
    place = tmp_path / "tiny"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={TINY_BYTES}", "tmpfs", place],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("a small disk cannot be mounted here (not root)")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(log: Log, batch: list[bytes]) -> tuple[str, int]:
    """Append until the disk is full: what was said then, and how many entries were taken."""
    kept = 0
    while True:
        try:
            kept += len(log.append(batch))
        except OutputError as error:
            return str(error), kept


def test_a_real_disk_that_is_full_loses_nothing_and_goes_on_with_more_room(tiny: Path) -> None:
    batch = [b"x" * 1000] * 100
    (tiny / "ballast").write_bytes(b"0" * (TINY_BYTES // 2))
    with Log.open(tiny / "log", publish=publish, read=read) as log:
        told, kept = fill(log, batch)
    assert "make room on the disk" in told
    assert kept > 0
    checked = fsck(tiny / "log", read=read)
    assert checked.head.size == kept
    (tiny / "ballast").unlink()
    with Log.open(tiny / "log", publish=publish, read=read) as log:
        assert log.append(batch) == list(range(kept, kept + 100))
    assert fsck(tiny / "log", read=read).head.size == kept + 100


def test_a_disk_that_is_mounted_read_only_can_be_checked_but_not_written(tiny: Path) -> None:
    with Log.open(tiny / "log", publish=publish, read=read) as log:
        log.append([b"a"])
    subprocess.run(["mount", "-o", "remount,ro", tiny], check=True)
    with pytest.raises(OutputError, match="cannot be written: Read-only file system"):
        Log.open(tiny / "log", publish=publish, read=read)
    assert fsck(tiny / "log", read=read).head.size == 1


def test_rubbish_in_staging_is_removed_when_a_log_is_opened(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    folder_of_log = Folder(disk)
    folder_of_log.clean()
    (tmp_path / STAGING / "0").write_bytes(b"half a tile")
    (tmp_path / STAGING / "link").symlink_to("../somewhere")
    Folder(disk).clean()
    assert disk.names(STAGING) == []
