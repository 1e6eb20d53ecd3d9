"""`bartizan supply scan` from the command line: what it says, and what it ends with."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from system.command import Run

RUNS = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
"""A pickle that would run a command which does nothing."""
NAMES = b"\x80\x02cmy_package.features\nScaler\n."
"""A pickle that only looks a class up."""
SARIF = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sarif" / "sarif-2.1.0.json").read_text("utf-8")
)


def honest(path: Path) -> Path:
    path.write_bytes(pickle.dumps([1.0, 2.0]))
    return path


def test_a_clean_file_ends_with_0(folder: Path, bartizan: Run) -> None:
    ran = bartizan("supply", "scan", honest(folder / "numbers.pkl").name, "--quiet")
    assert ran.code == 0
    assert "1 file read to the last byte" in ran.out


def test_a_file_that_runs_something_ends_with_1_and_is_named(folder: Path, bartizan: Run) -> None:
    (folder / "model.pkl").write_bytes(RUNS)
    honest(folder / "honest.pkl")
    ran = bartizan("supply", "scan", ".", "--quiet")
    assert ran.code == 1
    assert "Do not open 1 of 2 files" in ran.out
    assert "os.system" in ran.out


def test_an_unknown_class_that_is_only_named_fails_until_it_is_allowed(
    folder: Path, bartizan: Run
) -> None:
    (folder / "model.pkl").write_bytes(NAMES)
    refused = bartizan("supply", "scan", "model.pkl", "--quiet")
    assert refused.code == 1
    assert "suspicious" in refused.out
    name = "my_package.features.Scaler"
    assert bartizan("supply", "scan", "model.pkl", "--allow", name, "--quiet").code == 0


def test_what_nobody_can_read_ends_with_3(folder: Path, bartizan: Run) -> None:
    (folder / "model.bin").write_bytes(bytes(range(250)) * 10)
    ran = bartizan("supply", "scan", "model.bin", "--quiet")
    assert ran.code == 3
    assert "No verdict" in ran.out


def test_a_pipe_and_a_link_out_of_the_folder_end_with_3(folder: Path, bartizan: Run) -> None:
    (folder / "models").mkdir()
    os.mkfifo(folder / "models" / "pipe")
    (folder / "models" / "link").symlink_to("/etc/hostname")
    ran = bartizan("supply", "scan", "models", "--quiet")
    assert ran.code == 3
    assert "models/pipe" in ran.out
    assert "models/link" in ran.out


@pytest.mark.parametrize("path", ["missing", "empty"])
def test_a_path_without_a_file_ends_with_2(folder: Path, bartizan: Run, path: str) -> None:
    (folder / "empty").mkdir()
    ran = bartizan("supply", "scan", path)
    assert ran.code == 2
    assert path in ran.err


def test_every_format_has_the_same_code_and_sarif_is_valid(folder: Path, bartizan: Run) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "a\nb\u202e.pkl").write_bytes(RUNS)
    for flags in ([], ["--json"], ["--format", "sarif"], ["--format", "junit"]):
        assert bartizan("supply", "scan", "models", "--quiet", *flags).code == 1
    found = json.loads((folder / "out" / "report.sarif").read_text("utf-8"))
    jsonschema.validate(found, SARIF)
    (result,) = found["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert not place["uri"].startswith("/")
    assert result["level"] == "error"


def test_a_name_that_is_no_text_disturbs_no_other_file(folder: Path, bartizan: Run) -> None:
    (folder / "models").mkdir()
    honest(folder / "models" / "honest.pkl")
    honest(Path(os.fsdecode(os.fsencode(folder / "models") + b"/x\xff.pkl")))
    ran = bartizan("supply", "scan", "models", "--quiet")
    assert ran.code == 0, ran.err
    assert "2 files read to the last byte" in ran.out


def test_json_goes_to_standard_output_alone(folder: Path, bartizan: Run) -> None:
    ran = bartizan("supply", "scan", honest(folder / "numbers.pkl").name, "--json")
    report = json.loads(ran.out)
    assert report["subjects"][0]["digest_kind"] == "oms-root"
    assert report["findings"][0]["outcome"] == "pass"


def test_findings_are_written_into_the_ledger_of_a_workspace(folder: Path, bartizan: Run) -> None:
    path = honest(folder / "numbers.pkl").name
    place = ("--workspace", ".bartizan")
    assert bartizan("supply", "scan", path, *place, "--quiet").code == 0
    report = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    assert report["receipts"][0]["place"]["index"] == 0
    assert bartizan("ledger", "verify", *place).code == 0


def test_equal_scans_give_equal_reports(folder: Path, bartizan: Run) -> None:
    (folder / "model.pkl").write_bytes(RUNS)
    reports = []
    for out in ("one", "two"):
        bartizan("supply", "scan", "model.pkl", "--quiet", "--out", out)
        found = json.loads((folder / out / "report.json").read_text("utf-8"))
        del found["receipts"]
        for one in found["findings"]:
            one["reproduce"] = ""
        reports.append(found)
    assert reports[0] == reports[1]


def test_ctrl_c_keeps_what_was_read_and_ends_with_130(folder: Path) -> None:
    for number in range(1500):
        honest(folder / f"{number:04}.pkl")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "bartizan.cli.main", "supply", "scan", ".", "--format", "json"],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "planted" not in line:
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    report = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    outcomes = {one["outcome"] for one in report["findings"]}
    assert "pass" in outcomes
    assert "not-run" in outcomes
