"""The real file system: no link is followed, and nothing but ordinary files is read."""

import os
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, LedgerError
from bartizan.ledger.disk import LocalDisk

LIMIT = 100


def handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def disk(tmp_path: Path) -> LocalDisk:
    (tmp_path / "log" / "a").mkdir(parents=True)
    (tmp_path / "log" / "a" / "file").write_bytes(b"content")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"secret")
    return LocalDisk(tmp_path / "log")


def test_files_are_written_and_read(disk: LocalDisk) -> None:
    disk.make_folder("b")
    disk.make_folder("b")
    handle = disk.create("b/new")
    assert disk.write(handle, b"12345") == 5
    disk.sync(handle)
    disk.close(handle)
    disk.rename("b/new", "a/moved")
    disk.sync_folder("a")
    disk.sync_folder("")
    assert disk.read("a/moved", limit=5) == b"12345"
    assert disk.names("") == [("a", True), ("b", True)]
    assert disk.names("a") == [("file", False), ("moved", False)]
    disk.remove("a/moved")
    disk.remove_folder("b")
    assert disk.names("") == [("a", True)]


def test_what_is_not_there_is_told_as_such(disk: LocalDisk) -> None:
    for path in ("a/none", "none/file", "none"):
        with pytest.raises(FileNotFoundError):
            disk.read(path, limit=LIMIT)


def test_a_new_file_never_replaces_another(disk: LocalDisk) -> None:
    with pytest.raises(FileExistsError):
        disk.create("a/file")


def test_a_file_that_is_too_large_is_not_read(disk: LocalDisk) -> None:
    with pytest.raises(LedgerError, match=r"^a/file: expected at most 6 bytes, the file has 7"):
        disk.read("a/file", limit=6)


@pytest.mark.parametrize("target", ["../elsewhere", "a", "."])
def test_a_link_to_a_folder_is_not_followed(disk: LocalDisk, tmp_path: Path, target: str) -> None:
    (tmp_path / "log" / "link").symlink_to(target)
    with pytest.raises(LedgerError, match=r"^link/file: .* a link or something else"):
        disk.read("link/file", limit=LIMIT)
    for call in (
        lambda: disk.create("link/new"),
        lambda: disk.rename("a/file", "link/file"),
        lambda: disk.make_folder("link"),
        lambda: disk.make_folder("link/new"),
        lambda: disk.sync_folder("link"),
        lambda: disk.remove("link/file"),
        lambda: disk.names("link"),
    ):
        with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
            call()
    assert (tmp_path / "elsewhere" / "file").read_bytes() == b"secret"
    assert disk.read("a/file", limit=LIMIT) == b"content"


@pytest.mark.parametrize("target", ["../../elsewhere/file", "file", "none"])
def test_a_link_to_a_file_is_not_followed(disk: LocalDisk, tmp_path: Path, target: str) -> None:
    (tmp_path / "log" / "a" / "link").symlink_to(target)
    with pytest.raises(LedgerError, match=r"^a/link: .* a link or something else"):
        disk.read("a/link", limit=LIMIT)
    with pytest.raises(OSError, match="exists"):
        disk.create("a/link")


def test_a_folder_in_the_place_of_a_file_is_told(disk: LocalDisk) -> None:
    with pytest.raises(LedgerError, match=r"^a: expected a file, got a folder"):
        disk.read("a", limit=LIMIT)


def test_a_file_in_the_place_of_a_folder_is_told(disk: LocalDisk) -> None:
    with pytest.raises(LedgerError, match=r"^a/file/x: expected folders"):
        disk.read("a/file/x", limit=LIMIT)


def test_a_pipe_is_not_waited_for(disk: LocalDisk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log" / "a" / "pipe")
    with pytest.raises(LedgerError, match=r"^a/pipe: expected a file, got a folder, a pipe"):
        disk.read("a/pipe", limit=LIMIT)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(disk: LocalDisk, tmp_path: Path) -> None:
    (tmp_path / "log" / "a" / "file").chmod(0)
    with pytest.raises(InputError, match=r"a/file of the log cannot be read: Permission denied"):
        disk.read("a/file", limit=LIMIT)


def test_no_file_handle_is_left_open(disk: LocalDisk, tmp_path: Path) -> None:
    (tmp_path / "log" / "link").symlink_to("a")
    before = handles()
    for path in ("a/file", "a", "none/x", "link/file", "a/file/x"):
        try:
            disk.read(path, limit=LIMIT)
        except (LedgerError, FileNotFoundError):
            continue
    disk.names("a")
    disk.sync_folder("a")
    assert handles() == before


def test_the_folder_is_made_with_all_above_it(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path / "x" / "y" / "z")
    disk.prepare()
    disk.prepare()
    assert disk.names("") == []
