"""What a writer promises, and what it refuses."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, LedgerError, OutputError, UsageError
from bartizan.ledger.disk import LocalDisk
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import EMPTY, Head
from bartizan.ledger.reader import published
from unit.ledger.signing import publish, read, signed
from unit.ledger.trees import numbered, tree_hash


def opened(root: Path, **options: object) -> Log:
    return Log.open(root, publish=publish, read=read, **options)  # type: ignore[arg-type]  # tests


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_log_is_empty_and_signed(tmp_path: Path) -> None:
    with opened(tmp_path / "new" / "log") as log:
        assert log.head == (0, EMPTY)
        assert read(log.checkpoint) == (0, EMPTY)
    assert fsck(tmp_path / "new" / "log", read=read).head == (0, EMPTY)


def test_positions_follow_each_other_over_batches_and_openings(tmp_path: Path) -> None:
    entries = numbered(600)
    with opened(tmp_path) as log:
        assert log.append(entries[:3]) == [0, 1, 2]
        assert log.append(entries[3:300]) == list(range(3, 300))
    with opened(tmp_path) as log:
        assert log.append(entries[300:]) == list(range(300, 600))
        assert log.head == (600, tree_hash(entries))
        assert list(log.tiles().entries()) == entries
        assert read(log.checkpoint) == log.head
    assert read((tmp_path / "checkpoint").read_bytes()) == (600, tree_hash(entries))


def test_an_empty_batch_writes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
        before = (tmp_path / "checkpoint").stat().st_mtime_ns
        assert log.append([]) == []
        assert (tmp_path / "checkpoint").stat().st_mtime_ns == before


@pytest.mark.parametrize("size", [0, 1, 65_535])
def test_entries_have_any_length_up_to_the_limit(tmp_path: Path, size: int) -> None:
    with opened(tmp_path) as log:
        log.append([b"x" * size, b"y"])
        assert log.tiles().entry(0) == b"x" * size
    assert fsck(tmp_path, read=read).head.size == 2


def test_an_entry_that_is_too_long_leaves_the_log_open_and_unchanged(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
        with pytest.raises(InputError, match="at most 65535"):
            log.append([b"b", b"x" * 65_536])
        assert log.append([b"c"]) == [1]
        assert list(log.tiles().entries()) == [b"a", b"c"]


def test_partial_files_go_when_the_full_one_is_published(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        for start in range(0, 257, 32):
            log.append(numbered(257)[start : start + 32])
    files = {str(p.relative_to(tmp_path)) for p in (tmp_path / "tile").rglob("*") if p.is_file()}
    assert files == {
        "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/1"
    }  # fmt: skip


def test_partial_files_of_published_sizes_stay_until_then(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        for entry in numbered(5):
            log.append([entry])
    assert names(tmp_path / "tile/0/000.p") == ["1", "2", "3", "4", "5"]
    assert fsck(tmp_path, read=read).partial == 8


@pytest.mark.parametrize("name", ["photo.jpg", "tile", ".git"])
def test_a_folder_that_is_no_log_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(LedgerError, match=f"expected a log or an empty folder.*{name}"):
        opened(tmp_path)
    assert names(tmp_path) == [name]


def test_a_log_without_its_checkpoint_is_never_begun_anew(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
    (tmp_path / "checkpoint").unlink()
    with pytest.raises(LedgerError, match="restore the checkpoint"):
        opened(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        opened(tmp_path / "log")


def test_a_checkpoint_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
        root = log.head.root
    (tmp_path / "checkpoint").write_bytes(signed(1, root, key=b"another key"))
    with pytest.raises(LedgerError, match="not signed by the key"):
        opened(tmp_path)


def test_a_log_that_is_older_than_remembered_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        log.append([b"a"])
        shutil.copytree(tmp_path / "log", tmp_path / "old")
        log.append([b"b"])
        known = log.head
    opened(tmp_path / "log", known=known).close()
    opened(tmp_path / "old").close()
    with pytest.raises(LedgerError, match="rolled back: it had 2 entries before and shows 1"):
        opened(tmp_path / "old", known=known)


def test_a_fork_of_what_is_remembered_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        log.append([b"a"])
        shutil.copytree(tmp_path / "log", tmp_path / "fork")
        log.append([b"b"])
        known = log.head
    with opened(tmp_path / "fork") as log:
        log.append([b"other"])
        with pytest.raises(LedgerError, match="forked"):
            opened(tmp_path / "log", known=log.head, wait_s=0)
        log.append([b"more"])
    with pytest.raises(LedgerError, match="rewritten"):
        opened(tmp_path / "fork", known=known)


def test_a_log_that_was_put_back_keeps_the_newer_files_aside(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
        old = log.checkpoint
        log.append([b"b"])
    newest = (tmp_path / "tile/entries/000.p/2").read_bytes()
    (tmp_path / "checkpoint").write_bytes(old)
    assert fsck(tmp_path, read=read).ahead == 2
    with opened(tmp_path) as log:
        assert log.head.size == 1
    assert (tmp_path / ".aside/tile_entries_000.p_2").read_bytes() == newest
    assert fsck(tmp_path, read=read).ahead == 0


def test_more_signatures_replace_the_checkpoint(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
        more = log.checkpoint + b"a witness\n"
        log.countersign(more)
        assert log.checkpoint == more
        with pytest.raises(LedgerError, match="expected a signed checkpoint of this log"):
            log.countersign(publish(1, EMPTY))
        with pytest.raises(LedgerError, match="not signed by the key"):
            log.countersign(b"rubbish")
        assert log.append([b"b"]) == [1]
    assert fsck(tmp_path, read=read).head.size == 2


def test_a_signer_that_signs_something_else_is_caught(tmp_path: Path) -> None:
    opened(tmp_path).close()
    log = Log.open(tmp_path, publish=lambda size, root: publish(size + 1, root), read=read)
    with pytest.raises(LedgerError, match="got one of another size"):
        log.append([b"a"])
    with pytest.raises(UsageError, match="open it again"):
        log.append([b"a"])
    assert fsck(tmp_path, read=read).head == (0, EMPTY)


def test_a_signer_that_fails_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    def gone(size: int, root: bytes) -> bytes:
        message = "the key is gone"
        raise OutputError(message)

    with opened(tmp_path) as log:
        log.append([b"a"])
    log = Log.open(tmp_path, publish=gone, read=read)
    with pytest.raises(OutputError, match="the key is gone"):
        log.append([b"b"])
    with opened(tmp_path) as log:
        assert log.append([b"c"]) == [1]
        assert list(log.tiles().entries()) == [b"a", b"c"]
    assert fsck(tmp_path, read=read).head.size == 2


def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    log = opened(tmp_path)
    log.close()
    log.close()
    for call in (lambda: log.append([b"a"]), lambda: log.countersign(log.checkpoint)):
        with pytest.raises(UsageError, match="is not open for writing: it was closed"):
            call()


def test_a_child_of_the_process_that_opened_takes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log._process += 1
        with pytest.raises(UsageError, match="Append in the process that opened the log"):
            log.append([b"a"])


def test_threads_share_a_log(tmp_path: Path) -> None:
    found: list[int] = []
    with opened(tmp_path) as log:

        def work(name: int) -> None:
            for number in range(10):
                found.extend(log.append([b"%d %d" % (name, number)] * 3))

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == list(range(120))
    assert fsck(tmp_path, read=read).head.size == 120


def test_a_link_in_the_log_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with opened(tmp_path / "log") as log:
        (tmp_path / "log" / "tile").symlink_to("../elsewhere")
        with pytest.raises(OutputError, match="it holds no links"):
            log.append([b"a"])
    assert names(tmp_path / "elsewhere") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
    (tmp_path / ".lock").chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written: Permission denied"):
            opened(tmp_path)
        assert fsck(tmp_path, read=read).head.size == 1
    finally:
        tmp_path.chmod(0o700)


def test_the_head_of_the_folder_is_read_without_writing(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append([b"a"])
        assert published(LocalDisk(tmp_path), read=read) == (log.checkpoint, log.head)
    assert isinstance(log.head, Head)
