"""Stored versions are whole or not there, whatever happens meanwhile."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError, OutputError
from bartizan.core.fact import Registered
from bartizan.data.register.registration import Register
from bartizan.ledger.lock import hold
from unit.data.registered import Ledger, add, batches, register, some


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reg(tmp_path: Path, ledger: Ledger) -> Register:
    return register(tmp_path / "data", ledger)


@pytest.mark.parametrize(
    "file", ["salts", "leaves", "erased", "features", "codes", "fact.json", "kept.json"]
)
@pytest.mark.parametrize("how", ["cut", "changed", "gone"])
def test_a_damaged_store_is_refused(reg: Register, tmp_path: Path, file: str, how: str) -> None:
    add(reg, some(10))
    reg.erase("t", [4], reason="r")
    path = tmp_path / "data" / "t" / "1" / file
    raw = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(raw[:-1] if how == "cut" else bytes([raw[0] ^ 64]) + raw[1:])
    if how == "changed" and file in ("features", "erased", "codes"):
        return  # other rows are marked, or other labels: only data or ledger can tell
    with pytest.raises(LedgerError):
        reg.verify("t", batches(some(10)), erased=[4])
    if how != "changed" or file != "salts":
        with pytest.raises(LedgerError):
            add(reg, some(11))


def test_a_ledger_that_fails_is_asked_again_and_nothing_is_lost(
    reg: Register, ledger: Ledger
) -> None:
    ledger.down = True
    with pytest.raises(LedgerError, match="cannot be written"):
        add(reg, some(10))
    ledger.down = False
    assert reg.version("t").place is None
    assert add(reg, some(12)).change == "appended"
    facts = ledger.facts()
    assert [fact.change for fact in facts if isinstance(fact, Registered)] == ["first", "appended"]
    assert reg.version("t", 1).place is not None


def test_two_that_register_at_once_wait_for_each_other(tmp_path: Path) -> None:
    ledger = Ledger()
    reg = register(tmp_path, ledger, wait_s=20)
    runs = [threading.Thread(target=add, args=(reg, some(10))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    changes = [fact.change for fact in ledger.facts() if isinstance(fact, Registered)]
    assert sorted(changes) == ["first", "same", "same", "same"]
    assert changes[0] == "first"


def test_whoever_cannot_wait_is_told(reg: Register, tmp_path: Path, ledger: Ledger) -> None:
    add(reg, some(10))
    release = hold(tmp_path / "data" / "t" / "lock", wait_s=0)
    try:
        with pytest.raises(OutputError, match="another process"):
            add(reg, some(11))
        with pytest.raises(OutputError, match="another process"):
            reg.erase("t", [1], reason="r")
        reg.verify("t", batches(some(10)))
    finally:
        release()
    assert len(ledger.entries) == 1


@pytest.mark.parametrize("after", range(12))
def test_a_run_that_is_cut_off_at_any_step_leaves_the_last_version_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    ledger = Ledger()
    reg = register(tmp_path, ledger)
    add(reg, some(10))
    left, real = [after], os.fsync

    def failing(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", failing)
    try:
        add(reg, some(12))
        done = True
    except OutputError as error:
        assert "disk is full" in str(error)  # noqa: PT017 - most steps raise it, the last do not
        done = False
    monkeypatch.setattr(os, "fsync", real)
    number = max(int(p.name) for p in (tmp_path / "t").iterdir() if p.is_dir())
    assert number == 2 or not done
    reg.verify("t", batches(some(12 if number == 2 else 10)))
    assert add(reg, some(12)).version == 2
    reg.verify("t", batches(some(12)))
    assert {p.name for p in (tmp_path / "t").iterdir()} == {"1", "2", "lock"}


def test_everything_belongs_to_its_owner_alone(reg: Register, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        add(reg, some(10))
    finally:
        os.umask(old)
    for path in (tmp_path / "data").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_an_erasure_that_is_cut_off_is_finished_by_the_next_call(
    reg: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(reg, some(10))

    def failing(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pwrite", failing)
    with pytest.raises(OutputError):
        reg.erase("t", [4], reason="r")
    monkeypatch.undo()
    version = reg.version("t")
    assert version.erased.tolist() == [4]
    assert version.salts[64:80] != bytes(16)
    add(reg, some(4) + some(11)[5:])
    assert reg.version("t", 1).salts[64:80] == bytes(16)


def test_a_folder_without_room_for_a_lock_is_not_taken_for_another_process(
    reg: Register, tmp_path: Path
) -> None:
    (tmp_path / "data/t/lock").mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        add(reg, some(3))
