"""Real processes that write the same log, and one that is killed in the middle."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bartizan.ledger.disk import LocalDisk
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import Head
from bartizan.ledger.reader import Tiles, published
from unit.ledger.signing import publish, read

WRITER = """
import sys
from pathlib import Path
from bartizan.ledger.log import Log
from unit.ledger.signing import publish, read
root, name, turns, size, wait = sys.argv[1:]
for turn in range(int(turns)):
    with Log.open(Path(root), publish=publish, read=read, wait_s=float(wait)) as log:
        got = log.append([f"{name} {turn} {n}".encode() for n in range(int(size))])
        print(turn, got[0], len(got), flush=True)
"""
KEEPER = """
import sys, time
from pathlib import Path
from bartizan.ledger.log import Log
from unit.ledger.signing import publish, read
log = Log.open(Path(sys.argv[1]), publish=publish, read=read)
print("open", flush=True)
time.sleep(60)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def test_two_processes_append_in_turn_and_nothing_is_lost(tmp_path: Path) -> None:
    root, turns, size = tmp_path / "log", 15, 40
    writers = [start(WRITER, root, name, turns, size, 60) for name in ("left", "right")]
    lines = []
    for writer in writers:
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        lines.append(out.splitlines())
    head = fsck(root, read=read).head
    assert head.size == 2 * turns * size
    entries = list(Tiles(root, size=head.size).entries())
    for name, said in zip(("left", "right"), lines, strict=True):
        for line in said:
            turn, first, count = map(int, line.split())
            expected = [f"{name} {turn} {n}".encode() for n in range(size)]
            assert entries[first : first + count] == expected


def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    keeper = start(KEEPER, tmp_path)
    assert keeper.stdout is not None
    assert keeper.stdout.readline() == "open\n"
    second = start(WRITER, tmp_path, "second", 1, 1, 0.2)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"is being written by process {keeper.pid} on " in err
    keeper.kill()
    keeper.communicate()
    third = start(WRITER, tmp_path, "third", 1, 1, 0.2)
    out, err = third.communicate(timeout=60)
    assert (third.returncode, out) == (0, "0 0 1\n"), err


@pytest.mark.slow
def test_a_writer_that_is_killed_again_and_again_loses_nothing_it_told(tmp_path: Path) -> None:
    """A kill loses nothing that was written, durable or not: this is about the real calls."""
    chance = random.Random(5)  # noqa: S311 - picks moments
    promised: dict[tuple[str, int], int] = {}
    seen: Head | None = None
    for turn in range(10):
        writer = start(WRITER, tmp_path / "log", f"w{turn}", 10_000, 100, 10)
        time.sleep(0.3 + chance.random())
        writer.send_signal(signal.SIGKILL)
        out, _ = writer.communicate()
        for line in out.splitlines():
            if line.count(" ") == 2 and out.endswith("\n"):
                number, first, _ = map(int, line.split())
                promised[f"w{turn}", number] = first
        _, head = published(LocalDisk(tmp_path / "log"), read=read)
        assert fsck(tmp_path / "log", read=read, known=seen).head == head
        seen = head
    assert seen is not None
    entries = list(Tiles(tmp_path / "log", size=seen.size).entries())
    assert len(promised) > 10
    for (name, number), first in promised.items():
        assert entries[first] == f"{name} {number} 0".encode()
    with Log.open(tmp_path / "log", publish=publish, read=read, known=seen) as log:
        assert log.append([b"after all"]) == [seen.size]
