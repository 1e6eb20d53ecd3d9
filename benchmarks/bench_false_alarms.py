"""Rates of false alarms on honest files of more libraries than the list of names knows models of.

The libraries live in an environment of their own, which BARTIZAN_WIDE_LIBRARIES names:

    python3.11 -m venv wide
    wide/bin/pip install --only-binary :all: scikit-learn xgboost-cpu torch joblib pyarrow polars \
        imbalanced-learn category_encoders feature-engine pyod lifelines catboost statsmodels \
        networkx optuna gensim nltk river sktime shap tokenizers skorch prophet cloudpickle dill
    BARTIZAN_WIDE_LIBRARIES=$PWD/wide/bin/python python benchmarks/bench_false_alarms.py

Where it is not named, what is installed here is measured, and no results are written.
``--samples`` is the number of libraries.
"""

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import results

sys.path.append(str(results.ROOT / "tests"))  # the files that tests and benchmarks share

from bartizan import Workspace
from bartizan.core.finding import Finding

WIDE = os.environ.get("BARTIZAN_WIDE_LIBRARIES", "")
LISTED = (
    *("imblearn", "category_encoders", "feature_engine", "pyod", "catboost", "networkx"),
    *("pandas", "xgboost"),
)
"""Of which the list has the classes, and all that these files hold."""
KINDS = (
    *(*LISTED, "lifelines", "scipy", "pyarrow", "statsmodels", "optuna", "gensim", "nltk"),
    *("river", "sktime", "shap", "tokenizers", "polars", "skorch", "prophet", "code"),
)
_ALLOW = re.compile(r"--allow (\S+)")
Counts = Mapping[str, Counter[str]]


def main() -> None:
    args = results.options(__doc__ or "", samples=len(KINDS))
    section = results.Section(
        name="false-alarms",
        title="False alarms on files of more libraries",
        command="BARTIZAN_WIDE_LIBRARIES=... python benchmarks/bench_false_alarms.py",
        packages=("scikit-learn", "numpy", "pandas", "joblib"),
    )
    chosen = ("pandas", "xgboost") if args.smoke else KINDS[: args.samples]
    with TemporaryDirectory() as folder:
        made = Path(folder) / "honest"
        left_out = _made(made, chosen)
        measured(section, made, left_out=left_out)
    if WIDE and not args.smoke:
        section.write()


def measured(section: results.Section, made: Path, *, left_out: int) -> None:
    """Both scans, and what they come to."""
    before = _scan(made, allow=())
    names = sorted(_unknown(before))
    plain, allowed = _counts(before), _counts(_scan(made, allow=tuple(names)))
    head = ["library", "files", "flagged", "share", "flagged, names allowed", "share"]
    rows: list[list[object]] = [
        [name, *_cells(plain[name]), *_cells(allowed[name])[1:]] for name in sorted(plain)
    ]
    section.say(
        "Each file was scanned with the list as it is, and with all names allowed that the first "
        f"scan said how to allow ({len(names)}). Flagged: suspicious or malicious. {left_out} "
        "things did not fit the tiny data, cannot be pickled, or lack their library."
    )
    section.table(head, rows)
    flagged = sum(_flagged(plain[name]) for name in plain if name in LISTED)
    total = sum(plain[name].total() for name in plain if name in LISTED)
    section.targets += [
        results.Target.at_least("honest files of libraries with listed classes", total, 200),
        results.Target.at_most("share of these flagged", flagged / max(total, 1), 0.01),
    ]


def _made(folder: Path, chosen: tuple[str, ...]) -> int:
    """Have the files written. Returns: how many things were left out."""
    script = results.ROOT / "benchmarks" / "library_files.py"
    command = [WIDE or sys.executable, str(script), str(folder), *chosen]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.count("left out: ")


def _scan(folder: Path, *, allow: tuple[str, ...]) -> tuple[Finding, ...]:
    with Workspace() as ws:
        return ws.supply.scan(folder, allow=allow).findings


def _unknown(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Names that the report says how to allow."""
    for finding in findings:
        for remark in finding.remarks:
            yield from _ALLOW.findall(remark)


def _counts(findings: tuple[Finding, ...]) -> Counts:
    """Outcomes by library."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for finding in findings:
        library = Path(finding.subject).name.partition("--")[0]
        found[library][finding.outcome] += 1
    return found


def _cells(counts: Counter[str]) -> list[object]:
    total, flagged = counts.total(), _flagged(counts)
    return [total, flagged, f"{flagged / total:.1%}"]


def _flagged(counts: Counter[str]) -> int:
    return counts["fail"]


if __name__ == "__main__":
    main()
