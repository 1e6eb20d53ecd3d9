"""Runs a command as a user would, and watches the memory of all its processes."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import results

POLL_S = 0.1
"""Between two looks at the memory: far shorter than a block or a batch takes."""


@dataclass(frozen=True)
class Watched:
    """What one command took."""

    wall_s: float
    peak_gb: float
    """Resident memory of all processes together; pages they share are counted for each."""
    processes: int
    code: int | None
    said: str
    """Standard error."""


def watched(command: Sequence[str], *, folder: Path, limit_s: float) -> Watched:
    """Run a command of ours in a folder, and stop it after a time."""
    started, peak, most = time.perf_counter(), 0, 1
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(results.ROOT / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        while child.poll() is None and time.perf_counter() - started < limit_s:
            family = _family(child.pid)
            most = max(most, len(family))
            peak = max(peak, sum(_resident(one) for one in family))
            time.sleep(POLL_S)
        child.kill()
        wall = time.perf_counter() - started
        said = child.communicate()[1]
    return Watched(wall, peak / 1e9, most, child.returncode, said)


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text(encoding="ascii").split())
            except OSError:  # it has just ended
                continue
    return found


def _resident(pid: int) -> int:
    """Bytes in memory; 0 if the process has just ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
