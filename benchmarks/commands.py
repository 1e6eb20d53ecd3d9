"""Runs a command as a user would: what it took, by the system's own count, or watched meanwhile."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import results

POLL_S = 0.1
"""Between two looks at the memory: far shorter than a block or a batch takes."""
HEAD = ["", "program", "s (wall)", "s (CPU)", "MiB resident, at most"]
"""Of a table of what commands took."""
OURS: tuple[str, ...] = (sys.executable, "-m", "bartizan.cli.start")
Command = Sequence[str | Path]
_PIECE = 1 << 20
_KIB_IN_MIB = 1024
"""The system counts resident memory in KiB."""


@dataclass(frozen=True)
class Spent:
    """What one command took."""

    code: int
    wall_s: float
    cpu_s: float
    resident_mib: float


def spent(command: Sequence[str | Path]) -> Spent:
    """Run a command to its end."""
    begin = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 (our own commands)
        [str(one) for one in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    cpu = usage.ru_utime + usage.ru_stime
    return Spent(process.returncode, wall, cpu, usage.ru_maxrss / _KIB_IN_MIB)


def best(commands: Mapping[str, Command], *, rounds: int, code: int = 0) -> dict[str, Spent]:
    """All commands in turns; the least time of each counts, as the machine has other work."""
    found: dict[str, list[Spent]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            one = spent(command)
            if one.code != code:
                message = f"{name}: exit code {one.code}, expected {code}: {command}"
                raise SystemExit(message)
            found[name].append(one)
    return {
        name: Spent(
            code,
            min(one.wall_s for one in turns),
            min(one.cpu_s for one in turns),
            max(one.resident_mib for one in turns),
        )
        for name, turns in found.items()
    }


def row(what: str, program: str, one: Spent) -> tuple[object, ...]:
    return what, program, one.wall_s, one.cpu_s, one.resident_mib


def once(*arguments: str | Path) -> None:
    """One of our commands that is not timed."""
    if spent((*OURS, *arguments)).code:
        message = f"{arguments} failed"
        raise SystemExit(message)


def noise(path: Path, *, size_bytes: int) -> None:
    """A file that nothing can make smaller."""
    with path.open("wb") as file:
        for _ in range(size_bytes // _PIECE):
            file.write(os.urandom(_PIECE))
        file.write(os.urandom(size_bytes % _PIECE))


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
