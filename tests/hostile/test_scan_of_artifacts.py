"""The scan on the whole corpus: which hostile files are called milder than they are."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bartizan import Workspace
from bartizan.core.finding import Finding
from bartizan.supply.scanners.notice import VERDICTS, Verdict
from hostile_artifacts.case import write_all
from hostile_artifacts.corpus import CASES

_SEVERITIES: Mapping[str, Verdict] = {"critical": "malicious", "high": "suspicious"}
MILDER: Mapping[str, Verdict] = {}
"""What the scan says of files that it misjudges so far. What it learns must leave this list."""


def verdict(finding: Finding) -> Verdict:
    if finding.outcome == "fail":
        return _SEVERITIES[finding.severity]
    return "clean" if finding.outcome == "pass" else "inconclusive"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    folder = tmp_path_factory.mktemp("corpus") / "files"
    paths = write_all(CASES, folder)
    with Workspace() as ws:
        report = ws.supply.scan(folder).report
    by_name = {one.subject: verdict(one) for one in report.findings}
    assert len(by_name) == len(CASES)
    return {
        name: next(v for subject, v in by_name.items() if subject.endswith(_inner(path, folder)))
        for name, path in paths.items()
    }


def _inner(path: Path, folder: Path) -> str:
    return f"/{path.relative_to(folder).as_posix()}"


def test_nothing_hostile_is_called_milder_than_it_is(said: dict[str, Verdict]) -> None:
    milder = {
        case.name: said[case.name]
        for case in CASES
        if VERDICTS.index(said[case.name]) < VERDICTS.index(case.least)
    }
    assert milder == MILDER


def test_most_hostile_files_are_called_malicious(said: dict[str, Verdict]) -> None:
    malicious = sum(one == "malicious" for one in said.values())
    assert malicious >= 0.95 * len(CASES)
