"""Scanners of model files on hostile and on honest ones, beside other scanners in the same run.

The others live in an environment of their own, whose programs BARTIZAN_SCANNER_PEERS names: see
scanner_peers.py. BARTIZAN_OLD_LIBRARIES names a Python with older versions of the libraries than
those that the list of allowed names was made from; honest files are made with both:

    python3.11 -m venv old
    old/bin/pip install scikit-learn==1.4.2 numpy==1.26.4 scipy==1.12.0 pandas==2.1.4 \
        xgboost==2.0.3 lightgbm==4.1.0 joblib==1.3.2 lz4
    BARTIZAN_OLD_LIBRARIES=$PWD/old/bin/python python benchmarks/bench_supply_scan.py

What is not named does not run, and the tables say so. ``--samples`` is the number of files of each
kind.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import results

sys.path.append(str(results.ROOT / "tests"))  # the files that tests and benchmarks share

import scan_costs
import scan_files
import scan_verdicts
import scanner_peers
from hostile_artifacts.corpus import CASES
from scan_verdicts import FLAGGED, OURS, Told

EVERY = 100_000
"""More files than there are."""
OLD = os.environ.get("BARTIZAN_OLD_LIBRARIES", "")
FOLDER = 229
"""Files of the folder that is timed; that many were in the comparison which set the bar."""
ROUNDS = 3


def main() -> None:
    args = results.options(__doc__ or "", samples=EVERY)
    section = results.Section(
        name="supply-scan",
        title="Scanning model files",
        command="BARTIZAN_SCANNER_PEERS=... BARTIZAN_OLD_LIBRARIES=... "
        "python benchmarks/bench_supply_scan.py",
        packages=("scikit-learn", "numpy", "pandas", "xgboost-cpu", "lightgbm", "joblib"),
    )
    samples = min(args.samples, 4) if args.smoke else args.samples
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for part in (hostile, honest, costs):
            part(section, place, samples)
            if not args.smoke:
                section.write()  # what is known so far survives a run that is ended


def hostile(section: results.Section, place: Path, samples: int) -> None:
    """The hostile corpus."""
    folder = place / "hostile"
    for case in CASES[:samples]:
        case.write(folder)
    told = scan_verdicts.everybody(folder)
    ours = _ours(told)
    _about(section, told, folder)
    section.table(*scan_verdicts.by_family(told))
    _ways(section, told, CASES[:samples])
    for verdict in ("passed", "inconclusive", "suspicious"):
        if names := ours.named(verdict):
            section.say(f"Ours called {verdict}: {', '.join(f'`{name}`' for name in names)}.")
    total = len(ours.verdicts)
    section.targets += [
        results.Target.at_least("hostile files", total, 150),
        results.Target.at_most("hostile files that pass", ours.count(["passed"]), 0),
        results.Target.at_least(
            "share of hostile files called malicious", ours.count(["malicious"]) / total, 0.95
        ),
    ]


def _about(section: results.Section, told: Mapping[str, Told | None], folder: Path) -> None:
    """How they were asked."""
    starts = ", ".join(
        f"{peer.name} {peer.start_s():.1f} s"
        for peer in scanner_peers.PEERS
        if told[peer.name] is not None
    )
    section.say(
        "Ours is one command for a folder. Of the others, each file is one run of the program's "
        "own main function in a copy of a process that has it imported, with up to "
        f"{scanner_peers.LIMIT_S} s; the exit code is the verdict. Starting one anew for each "
        f"file, as a shell does, would add: {starts or 'none was run'}. `no verdict`: it said that "
        "it cannot read the file or knows no such format, broke with an exception (of which the "
        "shell would see the code of an unsafe file), or was stopped. A program that passes over "
        "a file without a word has passed it."
    )
    if starts:
        broken = {name: one.broke for name, one in told.items() if one is not None and one.broke}
        counts = ", ".join(f"{name} on {count} files" for name, count in broken.items())
        section.say(f"Broke with an exception on hostile files: {counts or 'none'}.")
        same, asked = scan_verdicts.as_a_shell_would(told, folder)
        section.say(
            f"{asked} of these runs were made again by starting the program: {same} ended with "
            "the same verdict."
        )


def _ways(
    section: results.Section, told: Mapping[str, Told | None], cases: Sequence[scan_verdicts.Case]
) -> None:
    """Ways past scanners, and by how many a file gets past each."""
    head = ["scanner", "ways past scanners", "by which some file passes", "by which every one does"]
    rows: list[list[object]] = []
    for name, one in told.items():
        if one is not None:
            rows.append([name, *scan_verdicts.ways(one, cases)])
    section.table(head, rows)


def honest(section: results.Section, place: Path, samples: int) -> None:
    """Honest files, made with the libraries of the list and with older ones."""
    made = {"installed": scan_files.installed(place / "installed", samples=samples)}
    older = scan_files.versions(OLD) if OLD else "not run"
    section.say(
        f"`installed`: made with the versions named above. `older`: {older}. `shipped`: files that "
        "installed packages bring along for their own tests, of whatever age, models or not; "
        "nothing was promised of them, and nothing was set on them."
    )
    if OLD and samples == EVERY:
        made["older"] = scan_files.older(place / "older", python=OLD)
    made["shipped"] = scan_files.shipped(place / "shipped", samples=samples)
    told = {name: scan_verdicts.everybody(folder) for name, folder in made.items()}
    for name, answers in told.items():
        section.table(*scan_verdicts.of_honest(name, answers))
        ours = _ours(answers)
        for verdict in ("malicious", "suspicious", "inconclusive"):
            if names := ours.named(verdict):
                section.say(f"Ours called {verdict}: {', '.join(f'`{one}`' for one in names)}.")
        if name != "shipped":
            section.targets += _kept(name, ours)


def _kept(name: str, ours: Told) -> list[results.Target]:
    """Targets for honest files."""
    total, bar = len(ours.verdicts), 0.01 if name == "installed" else 0.03
    ends = ours.walked_to_the_end(".joblib")
    at_most, at_least = results.Target.at_most, results.Target.at_least
    return [
        at_least(f"honest files, {name} libraries", total, 229),
        at_most(f"share flagged, {name} libraries", ours.count(FLAGGED) / total, bar),
        at_most(f"called malicious, {name} libraries", ours.count(["malicious"]), 0),
        at_most(f"without a verdict, {name} libraries", ours.count(["inconclusive"]), 0),
        at_least(f"share of joblib files read to their end, {name} libraries", ends, 1),
    ]


def costs(section: results.Section, place: Path, samples: int) -> None:
    """Time and memory."""
    whole = samples == EVERY
    rounds, share = (ROUNDS, 1.0) if whole else (1, 0.001)
    section.say(
        "Time and memory for one file: of the confined process that reads it, from its start to "
        f"its end (RUSAGE_CHILDREN of a parent without other children; the best of {rounds} "
        "rounds, the largest memory of them). Of the others, one run in a copy of a process that "
        "has them imported (wait4), without their start: CPU seconds / MiB resident, and what "
        "they said."
    )
    head = ["file", "MB", "bartizan", "wall s", "CPU s", "MiB", *_peers()]
    rows = []
    for large in scan_costs.larges(place / "large", share=share):
        ours = scan_costs.cost(large.path, rounds=rounds)
        size = large.path.stat().st_size / 1e6
        cells = [ours.verdict, ours.wall_s, ours.cpu_s, ours.peak_mib]
        rows.append([large.what, size, *cells, *_peer_costs(large.path)])
        if large.bars:
            seconds, mib = large.bars
            section.targets += [
                results.Target.at_most(f"{large.what}, CPU s", ours.cpu_s, seconds),
                results.Target.at_most(f"{large.what}, MiB", ours.peak_mib, mib),
            ]
    section.table(head, rows)
    _folder(section, place)


def _peers() -> list[str]:
    return [peer.name for peer in scanner_peers.PEERS]


def _peer_costs(path: Path) -> list[str]:
    """What the others take for a file."""
    cells = []
    for peer in scanner_peers.PEERS:
        answers = peer.answers([path])
        if answers is None:
            cells.append("not run")
            continue
        (one,) = answers
        said = f"over {scanner_peers.LIMIT_S} s" if one.stopped else one.verdict
        cells.append(f"{one.cpu_s:.2f} / {one.peak_bytes / scan_costs.MIB:.0f}, {said}")
    return cells


def _folder(section: results.Section, place: Path) -> None:
    """A folder through the whole command, report included."""
    every = sorted((place / "installed").iterdir())
    step = max(1, len(every) // FOLDER)
    some = place / "some"
    some.mkdir()
    for path in every[::step][:FOLDER]:
        shutil.copy(path, some)
    told = scan_verdicts.ours(some)
    count = len(told.verdicts)
    section.say(
        f"{count} honest files, taken evenly, through the whole command with its start and its "
        f"report: {told.wall_s:.1f} s on the wall, {told.cpu_s:.1f} s of the processor."
    )
    section.targets.append(results.Target.at_most(f"folder of {count} files, s", told.wall_s, 20))


def _ours(told: Mapping[str, Told | None]) -> Told:
    one = told[OURS]
    assert one is not None
    return one


if __name__ == "__main__":
    main()
