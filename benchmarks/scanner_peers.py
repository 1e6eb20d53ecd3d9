"""Other scanners of model files, each asked through its own command line.

They live in an environment of their own, because they pin what we do not:

    python -m venv peers
    peers/bin/pip install picklescan==1.0.5 modelscan==0.8.8 fickling==0.1.12 typing_extensions
    BARTIZAN_SCANNER_PEERS=$PWD/peers/bin python benchmarks/bench_supply_scan.py

fickling 0.1.12 does not name typing_extensions among what it needs, and does not start without.
Where the variable is not set, or a program is not there, its column says `not run`.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["flagged", "passed", "error"]
VARIABLE = "BARTIZAN_SCANNER_PEERS"
LIMIT_S = 30
"""For one file: a bomb must not hold the benchmark up. What takes longer counts as an error. No
file of ours takes three."""
LIMIT_BYTES = 8 << 30
"""Of address space for one file. Eight times what ours may have."""
_HOST = Path(__file__).with_name("peer_host.py")
_STOPPED, _BROKE = -14, 70
"""SIGALRM, and what `peer_host` says of an exception."""


@dataclass(frozen=True)
class Answer:
    """What a peer said of one file."""

    verdict: Verdict
    wall_s: float
    cpu_s: float
    peak_bytes: int
    """Most that was resident, its libraries included."""
    code: int

    @property
    def stopped(self) -> bool:
        """Whether it took longer than it may."""
        return self.code == _STOPPED

    @property
    def broke(self) -> bool:
        """Whether it ended with an exception that nobody caught."""
        return self.code == _BROKE


@dataclass(frozen=True)
class Peer:
    """A scanner: its command line, and what its exit codes mean."""

    name: str
    arguments: Callable[[Path], tuple[str, ...]]
    """For one file. It runs in an empty folder."""
    codes: Mapping[int, Verdict] = field(default_factory=lambda: {0: "passed", 1: "flagged"})
    """Every other code is an error: 2 where a file cannot be read, 3 of modelscan where it knows
    no such format."""

    def answers(self, paths: Sequence[Path]) -> list[Answer] | None:
        """Ask it about files, each in a copy of a process that has it imported.

        Returns:
            One answer for each file; None = it is not installed.
        """
        place = programs()
        if place is None or not (place / self.name).exists():
            return None
        asked = "".join(json.dumps(self.arguments(path.absolute())) + "\n" for path in paths)
        done = subprocess.run(  # noqa: S603 - a program that the user named
            [str(place / "python"), str(_HOST), self.name, str(LIMIT_S), str(LIMIT_BYTES)],
            input=asked,
            capture_output=True,
            text=True,
            check=True,
        )
        _, *said = map(json.loads, done.stdout.splitlines())
        return [Answer(verdict=self.codes.get(one["code"], "error"), **one) for one in said]

    def started(self, path: Path) -> Verdict:
        """Ask it about one file as a shell would, by starting it."""
        with TemporaryDirectory() as scratch:
            return self.codes.get(self._run(self.arguments(path.absolute()), scratch), "error")

    def start_s(self) -> float:
        """How long it takes to start and say its help, which no file here pays for."""
        began = time.perf_counter()
        self._run(("--help",), ".")
        return time.perf_counter() - began

    def _run(self, arguments: Sequence[str], folder: str) -> int:
        place = programs()
        assert place is not None
        quiet = subprocess.DEVNULL
        done = subprocess.run(  # noqa: S603 - a program that the user named
            [str(place / self.name), *arguments],
            cwd=folder,
            stdout=quiet,
            stderr=quiet,
            check=False,
        )
        return done.returncode


PEERS = (
    Peer("picklescan", lambda path: ("-p", str(path))),
    Peer("modelscan", lambda path: ("-p", str(path))),
    # it writes a report into the current folder, which is an empty one
    Peer("fickling", lambda path: ("--check-safety", str(path))),
)


def programs() -> Path | None:
    """The folder of the peers' programs, if the environment names one."""
    named = os.environ.get(VARIABLE)
    return Path(named).absolute() if named else None
