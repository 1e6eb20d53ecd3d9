"""`data check` and `data register` on KDD Cup 1999: time, and memory on ten times as much."""

import gzip
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import commands
import results

DATA = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))
SOURCE = DATA / "kddcup99" / "kddcup.data_10_percent.gz"
TIMES = 10
"""How much larger the large file is."""
BAR_S, BAR_GB, BAR_FLAT = 15.0, 1.5, 1.15
LIMIT_S = 1_200


def main() -> None:
    args = results.options(__doc__ or "", samples=494_021)
    section = results.Section(
        name="data",
        title="Data: check and registration",
        command="python benchmarks/bench_data.py",
        packages=("polars", "numpy", "cryptography"),
    )
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        rows = _prepared(place, most=args.samples)
        small = _run(place, "check", "small.csv")
        compared = _run(place, "check", "small.csv", "--reference", "small.csv")
        large = _run(place, "check", "large.csv")
        registered = _run(place, "register", "small.csv", "--name", "kdd", "--from", "UCI")
    _tell(section, rows=rows, runs=(small, compared, large, registered))
    if not args.smoke:
        section.write()


def _prepared(place: Path, *, most: int) -> int:
    """The table as text, once and several times under each other; how many rows it has."""
    with gzip.open(SOURCE, "rb") as file, (place / "small.csv").open("wb") as out:
        rows = 0
        for line in file:
            if rows == most:
                break
            out.write(line)
            rows += 1
    with (place / "large.csv").open("wb") as out:
        for _ in range(TIMES):
            with (place / "small.csv").open("rb") as file:
                shutil.copyfileobj(file, out)
    return rows


def _run(place: Path, verb: str, name: str, *more: str) -> tuple[str, commands.Watched]:
    """One command from start to end, with all it writes."""
    command = [sys.executable, "-m", "bartizan.cli.main", "data", verb, "--data", name]
    command += ["--target", "c41", "--no-header", "--quiet", *more]
    if verb == "check":
        command += ["--out", "out"]
    told = commands.watched(command, folder=place, limit_s=LIMIT_S)
    if verb == "check":
        json.loads((place / "out" / "report.json").read_text(encoding="utf-8"))
    elif told.code != 0:
        message = f"registration ended with {told.code}: {told.said}"
        raise SystemExit(message)
    return f"`{verb}` {name} {' '.join(more)}".strip(), told


def _tell(
    section: results.Section, *, rows: int, runs: tuple[tuple[str, commands.Watched], ...]
) -> None:
    """Table and targets."""
    section.say(
        f"KDD Cup 1999, {rows:,} rows of 42 columns as CSV; `large.csv` holds them {TIMES} times. "
        "One thread; time and memory are those of the whole command, from its start to its last "
        "report. Finding duplicates takes 12 bytes a row, and 12 more while they are compared; "
        "registering 60 on the disk."
    )
    section.table(
        ["command", "wall s", "rows/s", "memory, GB"],
        [
            (
                name,
                told.wall_s,
                rows * (TIMES if "large" in name else 1) / told.wall_s,
                told.peak_gb,
            )
            for name, told in runs
        ],
    )
    (_, small), (_, compared), (_, large), _ = runs
    section.targets += [
        results.Target.at_most("check of all rows, s", small.wall_s, BAR_S),
        results.Target.at_most("check against a reference as large, s", compared.wall_s, BAR_S),
        results.Target.at_most(
            "memory of the check, GB", max(small.peak_gb, compared.peak_gb), BAR_GB
        ),
        results.Target.at_most(
            f"memory on {TIMES} times the rows, as a ratio", large.peak_gb / small.peak_gb, BAR_FLAT
        ),
    ]


if __name__ == "__main__":
    main()
