"""A scan from its planted files to its report, whatever happens to the files meanwhile."""

import dataclasses
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from bartizan.core.entry import ControlResult
from bartizan.core.errors import OutputError, UsageError
from bartizan.core.finding import Outcome, Severity
from bartizan.core.report import Report, Tool
from bartizan.core.verdict import failing, unsettled
from bartizan.crypto.oms.measuring import measured
from bartizan.store import Forgetful
from bartizan.supply.scan import scanning
from bartizan.supply.scan.confined import Confined
from bartizan.supply.scan.entry import ENTRY
from bartizan.supply.scan.paths import find
from bartizan.supply.scan.request import Request
from bartizan.supply.scan.scanning import Scan
from boxes import zip_of

RUNS = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
NAMES = b"\x80\x02cmy_package.features\nScaler\n."
"""A pickle that only looks an unknown class up: suspicious."""
HONEST = pickle.dumps([1.0, 2.0])
NOISE = bytes(range(250)) * 10


def scan_of(*roots: Path, listed: bool = False, fail_on: Severity = "high") -> Scan:
    request = Request(found=find(roots), listed=listed, fail_on=fail_on)
    return Scan(request, store=Forgetful(), tool=Tool(name="t", version="1", catalog=""))


def run(scan: Scan, *, before: Callable[[int], object] = lambda _: None) -> Report:
    """Run it; `before` is told how many files were read before each step."""
    for step in scan:
        if step.what.startswith("scanning") and "planted" not in step.what:
            before(step.done)
    return scan.report()


def written(folder: Path, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, raw in files.items():
        (folder / f"{name}.bin").write_bytes(raw)
    return folder


def outcomes(report: Report) -> dict[str, Outcome]:
    return {one.subject.rpartition("/")[2]: one.outcome for one in report.findings}


def test_every_file_is_one_finding_with_evidence_of_its_bytes(tmp_path: Path) -> None:
    root = written(tmp_path / "m", a=HONEST, b=RUNS, c=NOISE)
    report = run(scan_of(root))
    assert outcomes(report) == {"a.bin": "pass", "b.bin": "fail", "c.bin": "inconclusive"}
    assert report.outcome == "fail"
    assert [one.finding for one in report.evidence] == [one.id for one in report.findings]
    assert all(one.evidence for one in report.findings)
    (subject,) = report.subjects
    assert subject.digest == measured(root).root
    assert "3 files" in subject.detail


def test_where_the_scanners_miss_a_planted_file_nothing_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = ControlResult(passed=False, detail="a command in a pickle was called clean")
    blind = dataclasses.replace(ENTRY, control=lambda **_: missed)
    monkeypatch.setattr(scanning, "ENTRY", blind)
    root = written(tmp_path / "m", a=HONEST, b=RUNS, c=NOISE)
    (root / "d.py").write_bytes(b"import os\n")
    report = run(scan_of(root, listed=True))
    assert outcomes(report) == {
        "a.bin": "inconclusive",
        "b.bin": "fail",  # what was found is there, whatever else was missed
        "c.bin": "inconclusive",
        "d.py": "inconclusive",
    }
    assert "no scanner is believed" in report.findings[0].reason
    assert all(one.control == missed.detail for one in report.evidence)


def test_where_nothing_can_be_planted_the_scan_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> ControlResult:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scanning, "ENTRY", dataclasses.replace(ENTRY, control=full))
    with pytest.raises(OutputError, match=r"No space left.*TMPDIR"):
        run(scan_of(written(tmp_path / "m", a=HONEST)))


def test_what_was_read_before_an_interruption_is_reported(tmp_path: Path) -> None:
    scan = scan_of(written(tmp_path / "m", a=HONEST, b=RUNS, c=HONEST))
    steps = iter(scan)
    while next(steps).done < 2:
        pass
    scan.interrupt("stopped by Ctrl-C")
    report = scan.report()
    assert outcomes(report) == {"a.bin": "pass", "b.bin": "fail", "c.bin": "not-run"}
    assert report.coverage.interrupted == "stopped by Ctrl-C"
    assert report.subjects[0].digest_kind == "declared"  # not all of it is known


def test_before_the_planted_files_are_read_nothing_is_believed(tmp_path: Path) -> None:
    scan = scan_of(written(tmp_path / "m", a=HONEST))
    next(iter(scan))
    assert outcomes(scan.report()) == {"a.bin": "not-run"}


def _linked(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def _piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("swap", "told"),
    [
        (_linked, "cannot be opened"),
        (_piped, "a pipe"),
        (Path.unlink, "cannot be opened"),
        (lambda path: path.write_bytes(b""), "empty"),
    ],
    ids=["link", "pipe", "gone", "cut off"],
)
def test_a_file_that_is_swapped_before_it_is_read_costs_nobody_else(
    tmp_path: Path, swap: Callable[[Path], object], told: str
) -> None:
    root = written(tmp_path / "m", a=HONEST, b=HONEST, c=HONEST)
    report = run(scan_of(root), before=lambda done: swap(root / "b.bin") if done == 1 else None)
    assert outcomes(report) == {"a.bin": "pass", "b.bin": "inconclusive", "c.bin": "pass"}
    assert told in report.findings[1].reason


def test_verdict_and_digest_are_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    root = written(tmp_path / "m", a=HONEST, b=HONEST)
    hostile = root / "b.bin"
    report = run(scan_of(root), before=lambda done: done == 1 and hostile.write_bytes(RUNS))
    assert outcomes(report)["b.bin"] == "fail"
    assert report.subjects[0].digest == measured(root).root


class _Gone:
    """A process that cannot be started once more."""

    def read(self, _: int, **__: object) -> object:
        message = "the process that reads files does not start"
        raise UsageError(message)


def test_a_reader_that_cannot_be_started_once_more_costs_one_file(tmp_path: Path) -> None:
    scan = scan_of(written(tmp_path / "m", a=HONEST))
    (slot,) = scan._slots
    scan._read(slot, cast("Confined", _Gone()))
    assert slot.trouble == "the process that reads files does not start"


def test_source_code_is_listed_where_that_is_wanted_and_inconclusive_elsewhere(
    tmp_path: Path,
) -> None:
    root = written(tmp_path / "m", a=HONEST)
    (root / "train.py").write_bytes(b"import os\n")
    listed, judged = run(scan_of(root, listed=True)), run(scan_of(root))
    assert outcomes(listed) == {"a.bin": "pass"}
    assert "1 file of source code" in listed.coverage.gaps[0].what
    assert "1 file beside them: listed, not judged." in listed.headline
    assert listed.subjects == judged.subjects  # its digest is of all files
    assert outcomes(judged) == {"a.bin": "pass", "train.py": "inconclusive"}
    assert not judged.coverage.gaps


def test_where_all_is_listed_nothing_passes(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_bytes(b"import os\n")
    report = run(scan_of(tmp_path, listed=True))
    assert report.findings == ()
    assert report.outcome == "inconclusive"
    assert report.headline.startswith("Nothing was judged")


SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


@pytest.mark.parametrize(
    ("raw", "fails", "open_below"),
    [
        (RUNS, SEVERITIES, False),
        (NAMES, SEVERITIES[:3], False),
        (zip_of({"a.pkl": NAMES, "noise": NOISE}), SEVERITIES[:3], True),
        (zip_of({"a.pkl": RUNS, "noise": NOISE}), SEVERITIES, True),
        (NOISE, (), True),
        (HONEST, (), False),
    ],
    ids=["malicious", "suspicious", "suspicious-unread", "malicious-unread", "unread", "clean"],
)
def test_no_line_hides_what_was_not_read(
    tmp_path: Path, raw: bytes, fails: tuple[Severity, ...], *, open_below: bool
) -> None:
    root = written(tmp_path / "m", a=raw)
    scan = scan_of(root)
    report = run(scan)
    for fail_on in SEVERITIES:
        scan._request = dataclasses.replace(scan._request, fail_on=fail_on)
        report = scan.report()
        assert bool(failing(report)) == (fail_on in fails)
        assert bool(unsettled(report)) == (open_below and fail_on not in fails)


def test_a_file_named_like_a_flag_is_scanned_again_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "--json").write_text("nothing\n")
    monkeypatch.chdir(tmp_path)
    report = run(scan_of(Path()))
    assert [one.reproduce for one in report.findings] == ["bartizan supply scan ./--json"]
