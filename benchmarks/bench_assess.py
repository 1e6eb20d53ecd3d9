"""`bartizan assess --profile standard` on real card fraud: time, memory, share inside the model."""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

import commands
import results
from bartizan.adapt import save_skops

DATA = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))
ROWS = 500
"""Attacked rows that were promised, all frauds that the model catches among them."""
QUERIES = 5_000
"""Questions a row and attack; the standard profile asks as many."""
BAR_S, BAR_GB, BAR_SHARE = 600.0, 2.0, 0.70
LIMIT_S = 3_600
CLASSES = ("0", "1")
WHOLE = ("--profile", "standard", "--workers", str(os.cpu_count() or 1))
SMOKE = ("--profile", "quick", "--workers", "1", "--entry", "evasion.coordinate")
"""One attack in one process: the tables need no more."""


@dataclass(frozen=True)
class Run:
    """What one run took."""

    wall_s: float
    peak_gb: float
    """Resident memory of all processes together; pages they share are counted for each."""
    processes: int
    report: dict[str, Any]


def main() -> None:
    args = results.options(__doc__ or "", samples=ROWS)
    section = results.Section(
        name="assess",
        title="Assess, standard profile",
        command="python benchmarks/bench_assess.py",
        packages=("scikit-learn", "numpy", "polars", "skops"),
    )
    with tempfile.TemporaryDirectory() as place:
        frauds = _prepared(Path(place))
        run = _measured(Path(place), scale=SMOKE if args.smoke else WHOLE)
    _tell(section, run, frauds=frauds, least=args.samples)
    if not args.smoke:
        section.write()


def _prepared(place: Path) -> int:
    """Train on the first two thirds by time, keep the rest for the attack; frauds in the rest."""
    table = pl.read_csv(
        DATA / "ulb-creditcard" / "creditcard_union_sample.csv.gz",
        infer_schema_length=None,
    ).sort("Time", maintain_order=True)
    edge = len(table) * 2 // 3
    past, rest = table.head(edge), table.tail(len(table) - edge)
    model = HistGradientBoostingClassifier(random_state=0)
    model.fit(past.drop("Class").to_numpy(), past["Class"].to_numpy())
    save_skops(model, place / "fraud.skops")
    rest.write_csv(place / "rest.csv")
    return int(rest["Class"].sum())


def _measured(place: Path, *, scale: Sequence[str]) -> Run:
    """Run the command as a user would, looking at the memory of all its processes."""
    command = [sys.executable, "-m", "bartizan.cli.main", "assess", "--quiet"]
    command += ["--model", "fraud.skops", "--data", "rest.csv", "--target", "Class"]
    command += [word for label in CLASSES for word in ("--protect", label)]
    command += scale
    watched = commands.watched(command, folder=place, limit_s=LIMIT_S)
    report = place / "out" / "report.json"
    if not report.exists():
        message = f"no report was written: {watched.said}"
        raise SystemExit(message)
    return Run(
        watched.wall_s,
        watched.peak_gb,
        watched.processes,
        json.loads(report.read_text(encoding="utf-8")),
    )


def _tell(section: results.Section, run: Run, *, frauds: int, least: int) -> None:
    """Tables and targets of one run."""
    receipts = [one for one in run.report["receipts"] if one["queries"]]
    evidence = {one["finding"]: one for one in run.report["evidence"]}
    asking = [
        one
        for one in receipts
        if evidence[one["finding"]].get("attacker")
        and one["queries"] > evidence[one["finding"]]["rows"]
    ]
    rows = min(evidence[one["finding"]]["rows"] for one in asking)
    model, wall = _total(asking, "model_s"), _total(asking, "wall_s")
    section.say(
        "The union sample of ULB card fraud, HistGradientBoosting (100 trees) trained on the first "
        f"two thirds by time, {run.report['coverage']['rows_total']} rows left of which {frauds} "
        "are frauds. Both classes are attacked: every fraud that the model catches, and other "
        "purchases. Each attack is preceded by its control; three attackers (declared, weaker, "
        f"stronger) make {len(asking)} attacks that ask questions, and the targets speak of these. "
        "Seconds of the attacks are summed over the processes; "
        f"memory is that of all {run.processes} processes, looked at every {commands.POLL_S:g} s."
    )
    section.table(
        ["attack", "rows", "questions a row", "calls", "wall s", "in the model s", "share"],
        [
            (
                f"`{one['finding']}`",
                evidence[one["finding"]]["rows"],
                one["queries"] / evidence[one["finding"]]["rows"],
                one["calls"],
                one["wall_s"],
                one["model_s"],
                one["model_s"] / one["wall_s"],
            )
            for one in receipts
        ],
    )
    fewest = min(evidence[one["finding"]]["params"]["queries"] for one in asking)
    section.targets += [
        results.Target.at_most("wall clock, s", run.wall_s, BAR_S),
        results.Target.at_most("memory of all processes, GB", run.peak_gb, BAR_GB),
        results.Target.at_least(
            "share of the attacks' time inside the model", model / wall, BAR_SHARE
        ),
        results.Target.at_least("attacked rows an attack", float(rows), float(least)),
        results.Target.at_least(
            "questions allowed a row and attack", float(fewest), float(QUERIES)
        ),
    ]


def _total(receipts: Sequence[dict[str, Any]], name: str) -> float:
    return float(sum(one[name] for one in receipts))


if __name__ == "__main__":
    main()
