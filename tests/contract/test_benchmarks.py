"""Every benchmark runs: a small one of each, in a process of its own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from contract.sources import ROOT

SCRIPTS = sorted((ROOT / "benchmarks").glob("bench_*.py"))
DATA = Path(os.environ.get("BARTIZAN_DATA", ROOT.parent / "shared" / "data"))
PEERS = ("art", "foolbox", "torch", "xgboost")
LIMIT_S = 300
"""A smoke run takes ten seconds; a busy machine may need far longer."""


def smoke(script: Path) -> subprocess.CompletedProcess[str]:
    """Run a benchmark on four rows."""
    return subprocess.run(
        [sys.executable, str(script), "--smoke", "--samples", "4"],
        env={**os.environ, "BARTIZAN_DATA": str(DATA), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_there_are_benchmarks() -> None:
    assert len(SCRIPTS) >= 3


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_benchmark_runs_and_a_smoke_run_writes_no_results(script: Path) -> None:
    if not DATA.is_dir():
        pytest.skip(f"the public data sets are not in {DATA}; set BARTIZAN_DATA")
    if missing := [name for name in PEERS if find_spec(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)} (extras `oracle`, `torch`, `boost`)")
    results = ROOT / "benchmarks" / "RESULTS.md"
    before = results.read_bytes() if results.exists() else b""
    done = smoke(script)
    assert done.returncode == 0, done.stderr
    assert "| --- |" in done.stdout
    assert (results.read_bytes() if results.exists() else b"") == before
