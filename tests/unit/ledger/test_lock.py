"""One writer at a time, and no lock of the dead."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bartizan.core.errors import OutputError
from bartizan.ledger.lock import hold

HOLDER = """
import sys, time
from pathlib import Path
from bartizan.ledger.lock import hold
hold(Path(sys.argv[1]), wait_s=0)
print("held", flush=True)
time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """A process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def test_a_lock_is_given_back(tmp_path: Path) -> None:
    for _ in range(3):
        hold(tmp_path / "lock", wait_s=0)()


def test_who_holds_the_lock_is_told(tmp_path: Path) -> None:
    release = hold(tmp_path / "lock", wait_s=0)
    with pytest.raises(
        OutputError, match=rf"is being written by process {os.getpid()} on .*; waited 0.1 s"
    ):
        hold(tmp_path / "lock", wait_s=0.1)
    release()
    hold(tmp_path / "lock", wait_s=0)()


def test_the_wait_is_as_long_as_asked(tmp_path: Path) -> None:
    """A clock and a sleep of our own: no test waits ten seconds."""
    release = hold(tmp_path / "lock", wait_s=0)
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    with pytest.raises(OutputError, match="waited 10 s"):
        hold(tmp_path / "lock", wait_s=10, clock=lambda: now[0], pause=pause)
    assert 10 <= now[0] < 10.1
    release()


def test_whoever_waits_gets_the_lock_when_it_is_given_back(tmp_path: Path) -> None:
    release = hold(tmp_path / "lock", wait_s=0)
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            release()

    hold(tmp_path / "lock", wait_s=10, clock=lambda: 0.0, pause=pause)()
    assert len(pauses) == 3


def test_another_process_is_named(tmp_path: Path) -> None:
    process = holder(tmp_path / "lock")
    try:
        with pytest.raises(OutputError, match=f"process {process.pid} on "):
            hold(tmp_path / "lock", wait_s=0)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_process_holds_nothing(tmp_path: Path, how: signal.Signals) -> None:
    process = holder(tmp_path / "lock")
    process.send_signal(how)
    process.wait()
    assert f"process {process.pid}" in (tmp_path / "lock").read_text()
    hold(tmp_path / "lock", wait_s=0)()


def test_a_lock_file_that_was_deleted_holds_nobody_up_and_fools_nobody(tmp_path: Path) -> None:
    """Two locks of the same name must not both count: the one whose file is gone is given up."""
    first = hold(tmp_path / "lock", wait_s=0)
    (tmp_path / "lock").unlink()
    second = hold(tmp_path / "lock", wait_s=0)
    with pytest.raises(OutputError, match="is being written by"):
        hold(tmp_path / "lock", wait_s=0)
    first()
    second()


def test_rubbish_in_the_file_is_not_shown(tmp_path: Path) -> None:
    release = hold(tmp_path / "lock", wait_s=0)
    (tmp_path / "lock").write_bytes(b"\x1b[31m\xff\n")
    with pytest.raises(OutputError, match="is being written by another process; waited"):
        hold(tmp_path / "lock", wait_s=0)
    release()


def test_a_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("elsewhere")
    with pytest.raises(OutputError, match="cannot be written"):
        hold(tmp_path / "lock", wait_s=0)
    assert not (tmp_path / "elsewhere").exists()
