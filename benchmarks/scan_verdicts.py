"""What scanners say of a folder of files, and tables of it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import results
import scanner_peers
from hostile_artifacts.case import Case

__all__ = ["FLAGGED", "OURS", "Case", "Told"]
OURS = "bartizan"
FLAGGED = ("malicious", "suspicious", "flagged")
WORDS = {OURS: ("malicious", "suspicious", "inconclusive", "passed")}
"""In the order of the tables."""
PEER_WORDS = ("flagged", "error", "passed")
AGAIN = 5
"""Files that each of the others is asked about a second time, by starting it."""
_SEVERITIES = {"critical": "malicious", "high": "suspicious"}

Table = tuple[list[str], list[list[object]]]


@dataclass(frozen=True)
class Told:
    """What one scanner said of the files of one folder."""

    verdicts: Mapping[str, str]
    """By path below the folder's parent: one of `WORDS` or `PEER_WORDS`."""
    wall_s: float
    cpu_s: float
    walked: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Bytes that were read, and bytes there are; ours only."""
    broke: int = 0
    """Files on which the program ended with an exception."""

    def count(self, words: Sequence[str], *, below: str = "") -> int:
        """Files of which one of these was said."""
        return sum(one in words and name.startswith(below) for name, one in self.verdicts.items())

    def named(self, word: str) -> list[str]:
        """Files of which this was said, without the folder's name."""
        found = [name for name, one in self.verdicts.items() if one == word]
        return sorted(name.partition("/")[2] for name in found)

    def walked_to_the_end(self, ending: str) -> float:
        """Share of the files with this ending that were read to their last byte; 1 = of none."""
        found = [one for name, one in self.walked.items() if name.endswith(ending)]
        return sum(read == size for read, size in found) / len(found) if found else 1.0


def everybody(folder: Path) -> dict[str, Told | None]:
    """What each scanner says of a folder; None = it was not run."""
    return {OURS: ours(folder), **{peer.name: _peer(peer, folder) for peer in scanner_peers.PEERS}}


def ours(folder: Path) -> Told:
    """One command about the whole folder."""
    with TemporaryDirectory() as out:
        words = ["supply", "scan", folder.name, "--quiet", "--format", "json", "--out", out]
        began = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "bartizan.cli.start", *words],
            cwd=folder.parent,
            env={**os.environ, "PYTHONPATH": str(results.ROOT / "src")},
            stdout=subprocess.DEVNULL,
        ) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)  # it is a verdict
        spent = time.perf_counter() - began
        report = json.loads((Path(out) / "report.json").read_bytes())
    names = {one["id"]: one["subject"] for one in report["findings"]}
    walked = {
        names[one["finding"]]: (one["params"]["walked_bytes"], one["params"]["size_bytes"])
        for one in report["evidence"]
    }
    verdicts = {one["subject"]: _word(one) for one in report["findings"]}
    return Told(verdicts, spent, used.ru_utime + used.ru_stime, walked)


def _word(finding: Mapping[str, str]) -> str:
    if finding["outcome"] == "fail":
        return _SEVERITIES[finding["severity"]]
    return "passed" if finding["outcome"] == "pass" else "inconclusive"


def _peer(peer: scanner_peers.Peer, folder: Path) -> Told | None:
    """One run a file."""
    paths = _files(folder)
    answers = peer.answers(paths)
    if answers is None:
        return None
    names = [str(path.relative_to(folder.parent)) for path in paths]
    verdicts = {name: one.verdict for name, one in zip(names, answers, strict=True)}
    return Told(
        verdicts,
        wall_s=sum(one.wall_s for one in answers),
        cpu_s=sum(one.cpu_s for one in answers),
        broke=sum(one.broke for one in answers),
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def as_a_shell_would(told: Mapping[str, Told | None], folder: Path) -> tuple[int, int]:
    """Ask the others about some files again, each by starting its program.

    Returns:
        How many answers were the same, and how many there are. Where the program breaks, the shell
        cannot tell, and its `flagged` is our `error`.
    """
    same = asked = 0
    paths = _files(folder)
    for peer in scanner_peers.PEERS:
        before = told[peer.name]
        if before is None:
            continue
        for path in paths[:: max(1, len(paths) // AGAIN)][:AGAIN]:
            asked += 1
            same += peer.started(path) == before.verdicts[str(path.relative_to(folder.parent))]
    return same, asked


def by_family(told: Mapping[str, Told | None]) -> Table:
    """Hostile files: for each scanner and family, how many were called what."""
    first = next(one for one in told.values() if one is not None)
    families = sorted({name.split("/")[1] for name in first.verdicts})
    rows: list[list[object]] = []
    for family in ("", *families):
        below = f"hostile/{family}/" if family else ""
        count = sum(name.startswith(below) for name in first.verdicts)
        cells = [_cell(name, one, below=below) for name, one in told.items()]
        rows.append([family or "all", count, *cells])
    return ["family", "files", *map(_head, told)], rows


def of_honest(which: str, told: Mapping[str, Told | None]) -> Table:
    """Honest files: for each scanner, how many were called what."""
    head = [f"scanner, on {which} files", "files", "malicious", "flagged at all"]
    head += ["share flagged", "no verdict", "passed", "wall s", "CPU s"]
    rows: list[list[object]] = []
    for name, one in told.items():
        if one is None:
            rows.append([name, *["not run"] * (len(head) - 1)])
            continue
        flagged = one.count(FLAGGED)
        malicious = one.count(["malicious"]) if name == OURS else "-"
        none = one.count(["inconclusive", "error"])
        share = f"{flagged / len(one.verdicts):.1%}"
        spent = [one.wall_s, one.cpu_s]
        counted = [len(one.verdicts), malicious, flagged, share, none, one.count(["passed"])]
        rows.append([name, *counted, *spent])
    return head, rows


def ways(told: Told, cases: Sequence[Case]) -> tuple[int, int, int]:
    """Ways past scanners, those by which some file passes, and those by which every file does."""
    passes: dict[tuple[str, str], list[bool]] = {}
    for case in cases:
        passed = told.verdicts[f"hostile/{case.file}"] == "passed"
        passes.setdefault((case.family, case.weakness), []).append(passed)
    found = list(passes.values())
    return len(found), sum(map(any, found)), sum(map(all, found))


def _head(name: str) -> str:
    words = WORDS.get(name, PEER_WORDS)
    return f"{name}: {' / '.join('no verdict' if one == 'error' else one for one in words)}"


def _cell(name: str, told: Told | None, *, below: str) -> str:
    if told is None:
        return "not run"
    words = WORDS.get(name, PEER_WORDS)
    return " / ".join(str(told.count([word], below=below)) for word in words)
