"""`bartizan supply scan` from the command line: what it says, and what it ends with."""

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from boxes import zip_of
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


def test_of_very_many_files_those_that_pass_are_counted(folder: Path, bartizan: Run) -> None:
    for number in range(60):
        honest(folder / f"{number}.pkl")
    ran = bartizan("supply", "scan", ".", "--quiet", "--out", "../elsewhere")
    assert "pass 60, all of them in the report" in ran.out
    assert "artifact.scan@" not in ran.out
    (folder / "x.pkl").write_bytes(RUNS)
    ran = bartizan("supply", "scan", ".", "--quiet", "--out", "../elsewhere")
    assert "artifact.scan@x.pkl" in ran.out
    assert "pass 60 more, all of them in the report" in ran.out


@pytest.mark.parametrize("name", ["os system", "Scaler", "a..b", "a.b; c"])
def test_what_can_be_no_class_is_not_allowed(folder: Path, bartizan: Run, name: str) -> None:
    ran = bartizan("supply", "scan", honest(folder / "a.pkl").name, "--allow", name, "--quiet")
    assert ran.code == 2
    assert "module.name" in ran.err


def test_a_path_that_is_named_twice_is_meant_once(folder: Path, bartizan: Run) -> None:
    name = honest(folder / "a.pkl").name
    assert "1 file read" in bartizan("supply", "scan", name, name, "--quiet").out


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


ODD = 'a\nb\u202e<script>\x1b[31m&"].pkl'
"""A line break, a turn of the writing, a tag, a colour, and signs that formats give a meaning."""


def test_a_name_cannot_break_out_of_any_report(folder: Path, bartizan: Run) -> None:
    (folder / ODD).write_bytes(RUNS)
    (folder / ODD.replace("pkl", "py")).write_bytes(b"import os\n")
    ran = bartizan("supply", "scan", ".", "--quiet")
    assert ran.code == 1
    written = {path.name: path.read_text("utf-8") for path in (folder / "out").iterdir()}
    assert len(written) == 5
    for name, text in {"terminal": ran.out, **written}.items():
        assert not {"\u202e", "\x1b"} & set(text), name
        assert "a%0Ab" in text, name
        if name in ("report.html", "junit.xml", "report.md"):
            assert "<script" not in text, name
    (case,) = ET.fromstring(written["junit.xml"]).iter("testcase")  # noqa: S314 - our own
    assert "\n" not in case.attrib["name"]
    jsonschema.validate(json.loads(written["report.sarif"]), SARIF)


def test_places_in_sarif_are_relative_to_the_working_folder(folder: Path, bartizan: Run) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "a b.pkl").write_bytes(RUNS)
    for path in (".", "models", str(folder), str(folder / "models" / "a b.pkl")):
        bartizan("supply", "scan", path, "--quiet", "--format", "sarif", "--out", "../out")
        (run,) = json.loads((folder / "../out/report.sarif").read_text("utf-8"))["runs"]
        (result,) = run["results"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert place["uri"] == "models/a%20b.pkl"


def test_what_bartizan_wrote_itself_does_not_annoy_and_is_not_trusted(
    folder: Path, bartizan: Run
) -> None:
    honest(folder / "numbers.pkl")
    line = ("supply", "scan", ".", "--quiet", "--workspace", ".bartizan")
    assert [bartizan(*line).code for _ in range(3)] == [0, 0, 0]
    for name in ("out/report.html", ".bartizan/ledger/tile/0/000.p/2", ".bartizan/store.sqlite"):
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(RUNS)
        ran = bartizan("supply", "scan", ".", "--quiet", "--out", "../elsewhere")
        assert ran.code == 1, name
        assert f"{name}: malicious" in ran.out
        (folder / name).write_bytes(before)


def test_source_code_and_documents_are_listed_and_what_is_empty_on_purpose_passes(
    folder: Path, bartizan: Run
) -> None:
    honest(folder / "numbers.pkl")
    (folder / "train.py").write_text("import os\n")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\n\xff")
    (folder / "__init__.py").touch()
    ran = bartizan("supply", "scan", ".", "--quiet")
    assert ran.code == 0
    assert "2 files beside them: listed, not judged" in ran.out
    assert "not covered 1 file of source code (train.py)" in ran.out
    assert "not covered 1 file of no kind that models have (paper.pdf)" in ran.out
    assert bartizan("supply", "scan", "train.py", "--quiet").code == 3


@pytest.mark.parametrize(
    ("fail_on", "code"), [("low", 1), ("medium", 1), ("high", 1), ("critical", 3)]
)
def test_a_line_above_what_was_found_does_not_hide_what_was_not_read(
    folder: Path, bartizan: Run, fail_on: str, code: int
) -> None:
    (folder / "model.zip").write_bytes(zip_of({"a.pkl": NAMES, "b": bytes(range(250))}))
    ran = bartizan("supply", "scan", "model.zip", "--quiet", "--fail-on", fail_on)
    assert ran.code == code
    assert "not read in it: 1 places" in ran.out
    (folder / "model.zip").write_bytes(zip_of({"a.pkl": NAMES}))
    ran = bartizan("supply", "scan", "model.zip", "--quiet", "--fail-on", fail_on)
    assert ran.code == (0 if fail_on == "critical" else 1)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_ends_with_3_and_nobody_waits_for_it(
    folder: Path, bartizan: Run, kind: str
) -> None:
    path = folder / kind
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            listener.bind(kind)
        else:
            path = Path("/dev/null")
        ran = bartizan("supply", "scan", path, "--quiet")
    assert ran.code == 3
    assert f"it is a {kind}" in ran.out


def test_a_full_disk_ends_with_2_and_one_message_and_the_verdict_is_shown(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(RUNS)
    line = "-m bartizan.cli.start supply scan model.pkl --quiet"
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 16; exec {sys.executable} {line}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Do not open 1 of 1 file" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: cannot write out/report.html")
    assert list((folder / "out").iterdir()) == []


def test_a_report_that_has_no_place_ends_with_2_and_the_verdict_is_shown(
    folder: Path, bartizan: Run
) -> None:
    (folder / "model.pkl").write_bytes(RUNS)
    ran = bartizan("supply", "scan", "model.pkl", "--quiet", "--out", "model.pkl/out")
    assert ran.code == 2
    assert "Do not open" in ran.out
    assert "--out" in ran.err


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


@pytest.mark.parametrize(
    ("end", "high", "critical"),
    [
        (b"K\x01.", 1, 0),  # somebody says that what is suspicious may be
        (b"\xff", 1, 3),  # and what comes after it, nobody read
    ],
)
def test_a_line_above_what_was_found_hides_nothing_that_was_not_read(
    folder: Path, bartizan: Run, end: bytes, high: int, critical: int
) -> None:
    (folder / "m.pkl").write_bytes(b"\x80\x02cshop.features\nRatio\n0" + end)
    for line, code in (("high", high), ("critical", critical)):
        assert bartizan("supply", "scan", "m.pkl", "--fail-on", line, "--quiet").code == code
