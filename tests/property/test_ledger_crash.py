"""Whatever happens while a log is written: no fork, and nothing published is ever lost."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import OutputError, UsageError
from bartizan.ledger.folder import Folder
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import EMPTY, Head, verify_consistency
from bartizan.ledger.reader import Tiles
from unit.ledger.crashing import CrashError, CrashingDisk
from unit.ledger.signing import publish, read
from unit.ledger.trees import tree_hash

ROOT = Path("simulated")
BATCHES = st.lists(st.sampled_from([1, 2, 5, 100, 255, 256, 257, 600]), min_size=1, max_size=5)


class Site:
    """A log, all that was ever promised of it, and a disk that breaks."""

    def __init__(self, seed: int) -> None:
        self.disk = CrashingDisk()
        self.chance = random.Random(seed)  # noqa: S311 - picks crashes
        self.kept: list[bytes] = []
        """Entries of appends that returned."""
        self.heads: list[Head] = [Head(0, EMPTY)]
        """Every checkpoint that was ever visible."""
        self.number = 0

    def open(self) -> Log:
        return Log.open(ROOT, publish=publish, read=read, disk=self.disk)

    def fresh(self, count: int) -> list[bytes]:
        """Entries that were never used before, so that a fork shows."""
        self.number += 1
        return [b"%d/%d" % (self.number, at) for at in range(count)]

    def append(self, log: Log, count: int) -> None:
        """Append a batch and note what the log promised."""
        batch = self.fresh(count)
        start = len(self.kept)
        assert log.append(batch) == list(range(start, start + count))
        self.kept += batch
        self.heads.append(log.head)

    def crash(self) -> None:
        """Lose the power and come back."""
        self.disk = self.disk.crashed(self.chance)

    def check(self, log: Log, tried: Sequence[bytes]) -> None:
        """After a crash: all that was promised, or that and the whole batch under way."""
        found = list(log.tiles().entries())
        assert found in (self.kept, [*self.kept, *tried])
        assert log.head == (len(found), tree_hash(found))
        self.kept = found
        self.heads.append(log.head)
        self.whole(log)

    def whole(self, log: Log) -> None:
        """The log is whole, and every checkpoint ever seen is a beginning of the newest."""
        tiles, newest = log.tiles(), log.head
        for old in self.heads:
            verify_consistency(
                old=old.size,
                new=newest.size,
                path=tiles.consistency_path(old.size),
                old_root=old.root,
                new_root=newest.root,
            )
        checked = fsck(ROOT, read=read, disk=self.disk, known=self.heads[-1])
        assert (checked.head, checked.ahead, checked.strange) == (newest, 0, ())


def steps_of(sizes: Sequence[int], last: int) -> int:
    """How many steps the last append takes after some others."""
    site = Site(0)
    with site.open() as log:
        for count in sizes:
            site.append(log, count)
        before = site.disk.steps
        site.append(log, last)
    return site.disk.steps - before


@pytest.mark.parametrize(
    ("sizes", "last"),
    [([], 1), ([5], 3), ([250], 6), ([250], 10), ([256], 1), ([255], 300), ([511], 1), ([], 600)],
)
def test_a_crash_at_every_step_loses_nothing_and_forks_nothing(sizes: list[int], last: int) -> None:
    for step in range(steps_of(sizes, last)):
        for seed in range(2):
            site = Site(seed)
            log = site.open()
            for count in sizes:
                site.append(log, count)
            batch = site.fresh(last)
            site.disk.crash_at = site.disk.steps + step
            with pytest.raises(CrashError):
                log.append(batch)
            site.crash()
            with site.open() as again:
                site.check(again, batch)
                site.append(again, 3)
                site.whole(again)


@pytest.mark.parametrize(("first", "torn", "then"), [(0, 5, 256), (250, 5, 262), (256, 9, 256)])
def test_what_a_crashed_batch_left_never_comes_back(first: int, torn: int, then: int) -> None:
    """Two crashes: rubbish that was moved away, but not durably, would stand in a full tile's
    place or beside it, and look like tampering."""
    for step in range(steps_of([first] if first else [], torn)):
        for seed in range(4):
            site = Site(seed)
            log = site.open()
            if first:
                site.append(log, first)
            batch = site.fresh(torn)
            site.disk.crash_at = site.disk.steps + step
            with pytest.raises(CrashError):
                log.append(batch)
            site.crash()
            with site.open() as again:
                site.check(again, batch)
                site.append(again, then)
            site.crash()
            with site.open() as again:
                site.check(again, [])


@pytest.mark.parametrize(("sizes", "last"), [([], 1), ([250], 10), ([256], 1)])
def test_what_was_visible_once_stays_when_the_process_died_before_the_machine(
    sizes: list[int], last: int
) -> None:
    """The writer is killed, which loses nothing yet; somebody sees the log; the power fails."""
    for step in range(steps_of(sizes, last)):
        for seed in range(2):
            site = Site(seed)
            log = site.open()
            for count in sizes:
                site.append(log, count)
            batch = site.fresh(last)
            site.disk.crash_at = site.disk.steps + step
            with pytest.raises(CrashError):
                log.append(batch)
            site.disk.crash_at = -1
            with site.open() as again:
                site.check(again, batch)
            site.crash()
            with site.open() as again:
                site.check(again, [])


def test_a_crash_at_every_step_of_the_first_opening_leaves_an_empty_log() -> None:
    whole = Site(0)
    whole.open().close()
    for step in range(whole.disk.steps):
        site = Site(step)
        site.disk.crash_at = step
        with pytest.raises(CrashError):
            site.open()
        site.crash()
        with site.open() as log:
            assert log.head == (0, EMPTY)
            site.append(log, 2)
            site.whole(log)


@pytest.mark.parametrize("seed", range(8))
def test_newer_files_are_kept_when_an_old_checkpoint_was_put_back(seed: int) -> None:
    """They are moved, not deleted, and durably: they may be all that is left of the newer log."""
    site = Site(seed)
    with site.open() as log:
        site.append(log, 3)
        old = log.checkpoint
        site.append(log, 2)
    newer = site.disk.read("tile/entries/000.p/5", limit=1 << 20)
    folder = Folder(site.disk)
    folder.clean()
    folder.put([("checkpoint", old)])
    site.open().close()
    site.crash()
    assert site.disk.read(".aside/tile_entries_000.p_5", limit=1 << 20) == newer


@settings(max_examples=60)
@given(
    sizes=BATCHES,
    crashes=st.lists(st.integers(0, 60), min_size=1, max_size=6),
    seed=st.integers(0, 2**32),
    limit=st.sampled_from([7, 1000, 1 << 20]),
)
def test_crash_after_crash_keeps_what_was_promised(
    sizes: list[int], crashes: list[int], seed: int, limit: int
) -> None:
    """Crashes hit appends, and openings that recover from the crash before."""
    site = Site(seed)
    for wait in crashes:
        site.disk.crash_at, site.disk.limit = site.disk.steps + wait, limit
        batch: list[bytes] = []
        try:
            with site.open() as log:
                site.check(log, [])
                for count in sizes:
                    batch = site.fresh(count)
                    log.append(batch)
                    site.kept += batch
                    site.heads.append(log.head)
                    batch = []
        except CrashError:
            site.crash()
        site.disk.crash_at = -1
        with site.open() as log:
            site.check(log, batch)


@settings(max_examples=40)
@given(sizes=BATCHES, fail=st.integers(0, 40), seed=st.integers(0, 2**32))
def test_a_full_disk_is_told_and_what_was_promised_stays(
    sizes: list[int], fail: int, seed: int
) -> None:
    site = Site(seed)
    batch: list[bytes] = []
    log = site.open()
    site.disk.fail_at = site.disk.steps + fail
    told = ""
    try:
        for count in sizes:
            batch = site.fresh(count)
            log.append(batch)
            site.kept += batch
            site.heads.append(log.head)
            batch = []
    except OutputError as error:
        told = str(error)
    if batch:
        assert "make room on the disk" in told
        with pytest.raises(UsageError, match=r"a write failed .*open it again"):
            log.append([b"more"])
    site.disk.fail_at = -1
    with site.open() as again:
        site.check(again, batch)
        site.append(again, 3)
        site.whole(again)


def test_every_kind_of_step_is_among_those_that_crash() -> None:
    site = Site(0)
    with site.open() as log:
        for count in (255, 2, 300):
            site.append(log, count)
    calls = {name.split()[0] for name in site.disk.names_of_steps}
    assert calls == {
        "create", "write", "sync", "rename", "make_folder", "sync_folder", "remove", "remove_folder"
    }  # fmt: skip


class Forgetful(CrashingDisk):
    """Says that it made things durable, and did not."""

    forgets = ""

    def sync(self, handle: int) -> None:
        if self.forgets != "sync":
            super().sync(handle)

    def sync_folder(self, path: str) -> None:
        if self.forgets not in ("sync_folder", f"sync_folder {path}"):
            super().sync_folder(path)


@pytest.mark.parametrize(
    "forgets", ["sync", "sync_folder", "sync_folder ", "sync_folder tile/0", "sync_folder tile"]
)
def test_the_simulation_finds_a_write_that_was_not_made_durable(forgets: str) -> None:
    """The control of this file: without one of the waits, promised entries are lost."""
    lost = 0
    for seed in range(20):
        site = Site(seed)
        disk = Forgetful()
        disk.forgets = forgets
        site.disk = disk
        with site.open() as log:
            site.append(log, 256)
            site.append(log, 256)
        site.crash()
        try:
            with site.open() as log:
                site.check(log, [])
        except Exception:  # noqa: BLE001 - any kind of loss will do
            lost += 1
        except AssertionError:
            lost += 1
    assert lost > 0


def test_tiles_of_an_old_size_are_read_after_the_log_went_on() -> None:
    site = Site(0)
    with site.open() as log:
        site.append(log, 200)
        old = Tiles(ROOT, size=200, disk=site.disk)
        site.append(log, 100)
        assert old.root() == site.heads[-2].root
        assert list(old.entries()) == site.kept[:200]
