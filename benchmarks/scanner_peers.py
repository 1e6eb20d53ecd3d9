"""Other scanners of model files, each asked through its own command line.

They live in an environment of their own, because they pin what we do not:

    python -m venv peers
    peers/bin/pip install picklescan==1.0.5 modelscan==0.8.8 fickling==0.1.12 typing_extensions
    BARTIZAN_SCANNER_PEERS=$PWD/peers/bin python benchmarks/bench_supply_scan.py

fickling 0.1.12 does not name typing_extensions among what it needs, and does not start without.
Where the variable is not set, or a program is not there, its column says `not run`.
"""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["flagged", "passed", "error"]
VARIABLE = "BARTIZAN_SCANNER_PEERS"
LIMIT_S = 60
"""For one file: a bomb must not hold the benchmark up. What takes longer counts as an error."""


@dataclass(frozen=True)
class Answer:
    """What a peer said of one file."""

    verdict: Verdict
    wall_s: float
    code: int | None
    """Exit code; None = it was stopped."""


@dataclass(frozen=True)
class Peer:
    """A scanner: its command line, and what its exit codes mean."""

    name: str
    arguments: Callable[[Path, Path], tuple[str, ...]]
    """``arguments(path, scratch)``: `scratch` is an empty folder."""
    codes: dict[int, Verdict]
    """Every other code is an error."""

    def verdict(self, path: Path, *, programs: Path) -> Answer:
        """Ask it about one file, in a process of its own with no more than `LIMIT_S`."""
        with TemporaryDirectory() as scratch:
            command = [str(programs / self.name), *self.arguments(path, Path(scratch))]
            started = time.perf_counter()
            try:
                done = subprocess.run(  # noqa: S603 - a program that the user named
                    command,
                    cwd=scratch,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=LIMIT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return Answer("error", time.perf_counter() - started, None)
            spent = time.perf_counter() - started
        return Answer(self.codes.get(done.returncode, "error"), spent, done.returncode)


PEERS = (
    # 2 = it could not read the file
    Peer("picklescan", lambda path, _: ("-p", str(path)), {0: "passed", 1: "flagged"}),
    # 2 = an error while scanning, 3 = no supported file
    Peer("modelscan", lambda path, _: ("-p", str(path)), {0: "passed", 1: "flagged"}),
    # 1 = unsafe, 2 = cannot be parsed; it writes a report into the current folder unless told where
    Peer(
        "fickling",
        lambda path, scratch: (
            "--check-safety",
            "--json-output",
            str(scratch / "said.json"),
            str(path),
        ),
        {0: "passed", 1: "flagged"},
    ),
)


def programs() -> Path | None:
    """The folder of the peers' programs, if the environment names one."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def answers(path: Path) -> dict[str, Answer | None]:
    """What every peer says of a file; None = it was not run."""
    place = programs()
    return {
        peer.name: peer.verdict(path, programs=place)
        if place is not None and (place / peer.name).exists()
        else None
        for peer in PEERS
    }


def shown(answer: Answer | None) -> str:
    """For a table."""
    return "not run" if answer is None else answer.verdict
