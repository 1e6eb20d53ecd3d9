"""Scanners of model files on hostile and on honest ones, beside other scanners in the same run.

The others live in an environment of their own, named by BARTIZAN_SCANNER_PEERS: see
scanner_peers.py. Each is asked about every file by its own command, ours about a folder by one.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import results
import scanner_peers

sys.path.append(str(results.ROOT / "tests"))  # the files that tests and benchmarks share

from benign_artifacts import artefacts
from hostile_artifacts.corpus import CASES

EVERY = 100_000
"""More files than there are."""
LIMIT_S = 600
OURS = "bartizan"
_COMMAND = "from bartizan.cli.main import run; run()"
_SEVERITIES = {"critical": "malicious", "high": "suspicious"}
FLAGGED = ("malicious", "suspicious", "flagged")
OPEN = ("inconclusive", "error")


@dataclass(frozen=True)
class Told:
    """What one scanner said of the files of one folder."""

    verdicts: Mapping[str, str]
    """By path below the folder: one of `FLAGGED` or `OPEN`, or `passed`."""
    wall_s: float

    def count(self, words: Sequence[str]) -> int:
        """Files of which one of these was said."""
        return sum(one in words for one in self.verdicts.values())

    def named(self, word: str) -> list[str]:
        """Files of which this was said."""
        return sorted(name for name, one in self.verdicts.items() if one == word)


def main() -> None:
    args = results.options(__doc__ or "", samples=EVERY)
    section = results.Section(
        name="supply-scan",
        title="Scanning model files",
        command="python benchmarks/bench_supply_scan.py",
        packages=("scikit-learn", "numpy", "xgboost-cpu", "lightgbm", "joblib"),
    )
    samples = min(args.samples, 4) if args.smoke else args.samples
    with TemporaryDirectory() as place:
        hostile, honest = _files(Path(place), samples)
        asked = {"hostile": hostile, "honest": honest}
        told = {name: _everybody(folder) for name, folder in asked.items()}
    for name, answers in told.items():
        _table(section, name, answers)
    _targets(section, told["hostile"][OURS], told["honest"][OURS])
    if not args.smoke:
        section.write()


def _files(place: Path, samples: int) -> tuple[Path, Path]:
    """A folder of hostile and one of honest files."""
    hostile, honest = place / "hostile", place / "honest"
    for case in CASES[:samples]:
        case.write(hostile)
    honest.mkdir()
    for count, (name, raw) in enumerate(artefacts()):
        if count >= samples:
            break
        (honest / name).write_bytes(raw)
    return hostile, honest


def _everybody(folder: Path) -> dict[str, Told | None]:
    """What each scanner says of a folder; None = it was not run."""
    return {OURS: _ours(folder), **{peer.name: _peer(peer, folder) for peer in scanner_peers.PEERS}}


def _ours(folder: Path) -> Told:
    """One command about the whole folder."""
    with TemporaryDirectory() as out:
        words = ["supply", "scan", folder.name, "--quiet", "--format", "json", "--out", out]
        started = time.perf_counter()
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", _COMMAND, *words],
            cwd=folder.parent,
            env={**os.environ, "PYTHONPATH": str(results.ROOT / "src")},
            stdout=subprocess.DEVNULL,
            timeout=LIMIT_S,
            check=False,  # its exit code is a verdict
        )
        spent = time.perf_counter() - started
        report = json.loads((Path(out) / "report.json").read_bytes())
    return Told({one["subject"]: _word(one) for one in report["findings"]}, spent)


def _word(finding: Mapping[str, str]) -> str:
    if finding["outcome"] == "fail":
        return _SEVERITIES[finding["severity"]]
    return "passed" if finding["outcome"] == "pass" else "inconclusive"


def _peer(peer: scanner_peers.Peer, folder: Path) -> Told | None:
    """One command a file."""
    place = scanner_peers.programs()
    if place is None or not (place / peer.name).exists():
        return None
    verdicts, spent = {}, 0.0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        answer = peer.verdict(path, programs=place)
        verdicts[str(path.relative_to(folder.parent))] = answer.verdict
        spent += answer.wall_s
    return Told(verdicts, spent)


def _table(section: results.Section, name: str, answers: Mapping[str, Told | None]) -> None:
    ours = answers[OURS]
    assert ours is not None
    section.say(
        f"{len(ours.verdicts)} {name} files. Ours reads them in one process with one start; the "
        "others are started for each. `no verdict`: inconclusive, or an error, which not every "
        "program shows by its exit code."
    )
    head = ["scanner", "malicious", "flagged at all", "no verdict", "passed", "seconds"]
    section.table(head, [_row(name, told) for name, told in answers.items()])
    wrong = ("passed",) if name == "hostile" else ("malicious", "suspicious", "inconclusive")
    for verdict in wrong:
        if files := ours.named(verdict):
            section.say(f"Ours called {verdict}: {', '.join(files)}.")


def _row(name: str, told: Told | None) -> list[object]:
    if told is None:
        return [name, *["not run"] * 5]
    malicious = told.count(["malicious"]) if name == OURS else "-"
    counts = [told.count(words) for words in (FLAGGED, OPEN, ["passed"])]
    return [name, malicious, *counts, told.wall_s]


def _targets(section: results.Section, hostile: Told | None, honest: Told | None) -> None:
    assert hostile is not None
    assert honest is not None
    bad, good = len(hostile.verdicts), len(honest.verdicts)
    section.targets += [
        results.Target.at_most("hostile files that pass", hostile.count(["passed"]), 0),
        results.Target.at_least(
            "share of hostile files called malicious", hostile.count(["malicious"]) / bad, 0.95
        ),
        results.Target.at_most("share of honest files flagged", honest.count(FLAGGED) / good, 0.01),
        results.Target.at_most("honest files called malicious", honest.count(["malicious"]), 0),
        results.Target.at_most("honest files without a verdict", honest.count(OPEN), 0),
        results.Target.at_most("honest folder, s", honest.wall_s, 20),
    ]


if __name__ == "__main__":
    main()
