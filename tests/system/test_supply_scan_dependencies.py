"""`bartizan supply scan --advisories`: known holes of what a project depends on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bartizan import Workspace
from bartizan.core.errors import UsageError
from system.command import Ran, Run
from unit.supply.advisories.osv import events, folder_of, record, zip_of

SARIF = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sarif" / "sarif-2.1.0.json").read_text("utf-8")
)
TODAY = datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z")
HOLE = record(
    "requests",
    ranges=[events(("introduced", "0"), ("fixed", "2.0"))],
    modified=TODAY,
    database_specific={"severity": "HIGH"},
)
NAMES = b"\x80\x02cmy_package.features\nScaler\n."
"""A pickle that only looks a class up."""


@pytest.fixture
def shop(folder: Path) -> Path:
    """A project with three lists, one of which has a hole, and a copy of the database."""
    place = folder / "shop"
    (place / "requirements").mkdir(parents=True)
    (place / "requirements.txt").write_text("# needed\nnumpy==2.0\nrequests==1.9\n")
    (place / "requirements" / "dev.txt").write_text("pytest==8.0\n")
    (place / "uv.lock").write_text('version = 1\n\n[[package]]\nname = "six"\nversion = "1.0"\n')
    folder_of(folder / "osv", HOLE)
    return place


@pytest.fixture
def scan(bartizan: Run) -> Run:
    """Look the shop up."""

    def run(*arguments: object, path: str = "shop") -> Ran:
        return bartizan("supply", "scan", path, "--quiet", *arguments)

    return run


def report(folder: Path) -> Any:
    return json.loads((folder / "out" / "report.json").read_text("utf-8"))


def outcomes(found: Any) -> dict[str, str]:
    return {
        one["subject"]: one["outcome"]
        for one in found["findings"]
        if one["entry"] == "artifact.dependencies"
    }


def test_a_vulnerable_line_ends_with_1_beside_what_passes(
    folder: Path, shop: Path, scan: Run
) -> None:
    ran = scan("--advisories", "osv")
    assert ran.code == 1
    assert ran.out.strip().startswith("Known to be vulnerable: lines in 1 of 3 lists")
    assert outcomes(report(folder)) == {
        "shop/requirements.txt": "fail",
        "shop/requirements/dev.txt": "pass",
        "shop/uv.lock": "pass",
    }


def test_nothing_known_ends_with_0(folder: Path, shop: Path, scan: Run) -> None:
    (shop / "requirements.txt").write_text("requests==2.0\n")
    assert scan("--advisories", "osv").code == 0
    assert set(outcomes(report(folder)).values()) == {"pass"}
    assert report(folder)["coverage"]["gaps"] == []


def test_a_zip_file_is_a_copy_too(folder: Path, shop: Path, scan: Run) -> None:
    assert scan("--advisories", zip_of(folder / "PyPI" / "all.zip", HOLE)).code == 1


def test_sarif_is_valid_and_points_at_the_line(folder: Path, shop: Path, scan: Run) -> None:
    assert scan("--advisories", "osv", "--format", "sarif").code == 1
    found = json.loads((folder / "out" / "report.sarif").read_text("utf-8"))
    jsonschema.validate(found, SARIF)
    results = [one for one in found["runs"][0]["results"] if one["kind"] == "fail"]
    (place,) = (one["physicalLocation"] for (one,) in (one["locations"] for one in results))
    assert place["artifactLocation"]["uri"] == "shop/requirements.txt"
    assert place["region"] == {"startLine": 3}


def test_without_advisories_lists_are_a_gap_and_decide_nothing(
    folder: Path, shop: Path, scan: Run
) -> None:
    assert scan().code == 0
    (gap,) = report(folder)["coverage"]["gaps"]
    assert gap["why"] == "not looked up: no --advisories"
    names = ("shop/requirements.txt", "shop/requirements/dev.txt", "shop/uv.lock")
    assert all(name in gap["what"] for name in names)
    assert not outcomes(report(folder))


def test_a_project_without_lists_says_so(folder: Path, shop: Path, scan: Run) -> None:
    (folder / "model.json").write_text("{}")
    scan("--advisories", "osv", path="model.json")
    (gap,) = report(folder)["coverage"]["gaps"]
    assert gap["what"] == "dependencies"
    assert not outcomes(report(folder))


@pytest.mark.parametrize("copy", ["absent", "empty", "unreadable", "stale", "tomorrow"])
def test_a_copy_that_cannot_be_relied_on_ends_with_3(
    folder: Path, shop: Path, scan: Run, copy: str
) -> None:
    now = datetime.now(UTC)
    if copy == "empty":
        (folder / copy).mkdir()
    if copy == "unreadable":
        (folder / copy).write_bytes(b"PK\x03\x04 cut off")
    if copy in ("stale", "tomorrow"):
        days = {"stale": -31, "tomorrow": 3}[copy]
        (folder_of(folder / copy, HOLE) / "SNAPSHOT").write_text(
            f"{now + timedelta(days=days):%Y-%m-%d}\n"
        )
    ran = scan("--advisories", copy)
    assert ran.code == 3
    assert "No verdict on 3 of 3 lists" in ran.out
    assert set(outcomes(report(folder)).values()) == {"inconclusive"}


def test_an_older_copy_is_believed_where_somebody_says_so(shop: Path, scan: Run) -> None:
    day = datetime.now(UTC) - timedelta(days=31)
    Path("osv/SNAPSHOT").write_text(f"{day:%Y-%m-%d}\n")
    assert scan("--advisories", "osv").code == 3
    assert scan("--advisories", "osv", "--max-snapshot-age", 40).code == 1


@pytest.mark.parametrize("days", ["nan", "inf", "-1"])
def test_an_age_that_is_no_number_of_days_is_refused(shop: Path, scan: Run, days: str) -> None:
    ran = scan("--advisories", "osv", f"--max-snapshot-age={days}")
    assert ran.code == 2
    assert "0 days old or more" in ran.err


def test_what_is_not_pinned_ends_with_3(folder: Path, shop: Path, scan: Run) -> None:
    (shop / "requirements.txt").write_text("requests\n")
    assert scan("--advisories", "osv").code == 3
    assert outcomes(report(folder))["shop/requirements.txt"] == "inconclusive"


def test_a_list_alone_may_include_what_lies_beside_it(folder: Path, shop: Path, scan: Run) -> None:
    (shop / "more.txt").write_text("requests==1.0\n")
    (shop / "requirements.txt").write_text("-r more.txt\n")
    assert scan("--advisories", "osv", path="shop/requirements.txt").code == 1
    assert outcomes(report(folder)) == {"shop/more.txt": "fail", "shop/requirements.txt": "pass"}


def test_a_link_says_what_the_file_says_that_it_leads_to(
    folder: Path, shop: Path, scan: Run
) -> None:
    (shop / "requirements.txt").rename(shop / "needed.txt")
    (shop / "requirements.txt").symlink_to("needed.txt")
    assert scan("--advisories", "osv").code == 1
    assert outcomes(report(folder))["shop/needed.txt"] == "fail"
    (shop / "needed.txt").write_bytes(b"\xff\xfe\x00")
    scan("--advisories", "osv")
    assert outcomes(report(folder))["shop/needed.txt"] == "inconclusive"
    assert "shop/requirements.txt" not in outcomes(report(folder))


def test_a_link_that_leads_out_is_no_pass(folder: Path, shop: Path, scan: Run) -> None:
    (shop / "uv.lock").rename(folder / "uv.lock")
    (shop / "uv.lock").symlink_to("../uv.lock")
    scan("--advisories", "osv")
    assert outcomes(report(folder))["shop/uv.lock"] == "inconclusive"


def test_the_environment_is_one_list(
    folder: Path, shop: Path, scan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = folder / "site-packages" / "requests-1.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: Requests\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(site.parent))
    assert scan("--advisories", "osv", "--environment").code == 1
    found = report(folder)
    assert outcomes(found)["environment"] == "fail"
    assert "environment" in {one["name"] for one in found["subjects"]}
    with Workspace() as ws, pytest.raises(UsageError, match="--advisories"):
        ws.supply.scan("shop", environment=True)


def test_evidence_and_ledger_hold_what_was_looked_up_in_what(
    folder: Path, shop: Path, scan: Run, bartizan: Run
) -> None:
    place = ("--workspace", ".bartizan")
    assert scan("--advisories", "osv", *place).code == 1
    found = report(folder)
    assert len(found["receipts"]) == len(found["findings"]) == len(found["evidence"]) == 6
    assert [one["place"]["index"] for one in found["receipts"]] == list(range(6))
    assert found["coverage"]["planned"] == [one["id"] for one in found["findings"]]
    params = {one["finding"]: one["params"] for one in found["evidence"]}
    listed = params["artifact.dependencies@shop/requirements.txt"]
    assert listed["sha256"] == params["artifact.scan@shop/requirements.txt"]["sha256"]
    assert listed["snapshot"].startswith("sha256:")
    assert bartizan("ledger", "verify", *place).code == 0


def test_the_same_in_python(shop: Path) -> None:
    with Workspace() as ws:
        found = ws.supply.scan("shop", advisories=Path("osv"), max_snapshot_age_days=30)
    assert found.outcome == "fail"
    again = {one.reproduce for one in found.findings if one.entry == "artifact.dependencies"}
    assert again == {"bartizan supply scan shop --advisories osv"}


def test_a_run_that_is_stopped_before_the_look_up_says_so(shop: Path) -> None:
    with Workspace() as ws:
        run = ws.supply.scanning(["shop"], advisories="osv")
        next(iter(run))
        run.interrupt("stopped by Ctrl-C")
        found = ws.supply.scanned(run).report
    assert [one.why for one in found.coverage.gaps] == ["the run ended before they were looked up"]


def test_classes_that_the_project_file_allows_are_allowed(
    folder: Path, scan: Run, bartizan: Run
) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "model.pkl").write_bytes(NAMES)
    (folder / "bartizan.toml").write_text(
        '[project]\nname = "shop"\n\n[supply]\nallow = ["my_package.features.Scaler"]\n'
    )
    ran = scan(path="models")
    assert ran.code == 0, ran.err
    assert "allowed by the project file: my_package.features.Scaler" in ran.out
    assert scan("--allow", "my_package.Other", path="models/model.pkl").code == 0


def test_a_project_file_among_what_is_scanned_has_no_say_unless_it_is_named(
    folder: Path, scan: Run
) -> None:
    (folder / "model.pkl").write_bytes(NAMES)
    (folder / "bartizan.toml").write_text(
        '[project]\nname = "shop"\n\n[supply]\nallow = ["my_package.features.Scaler"]\n'
    )
    ran = scan(path=".")
    assert ran.code == 1
    assert "bartizan.toml lies in what is scanned" in ran.out
    assert scan("--project", "bartizan.toml", "--format", "json", path="model.pkl").code == 0


def test_admission_takes_the_same_classes(folder: Path, bartizan: Run) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "model.pkl").write_bytes(NAMES)
    (folder / ".bartizan").mkdir()
    bartizan("supply", "key", "--out", "release.pem")
    bartizan("supply", "sign", "models", "--key", "release.pem")
    said = []
    for flags in ((), ("--allow", "my_package.features.Scaler"), ()):
        trust = ("--key", "release.pem.pub", "--evidence", "any")
        bartizan("supply", "admit", "models", *trust, "--quiet", *flags)
        (one,) = (
            one["outcome"]
            for one in report(folder)["findings"]
            if one["id"] == "artifact.scan@models/model.pkl"
        )
        said.append(one)
        (folder / "bartizan.toml").write_text(
            '[project]\nname = "shop"\n\n[supply]\nallow = ["my_package.features.Scaler"]\n'
        )
    assert said == ["fail", "pass", "pass"]
