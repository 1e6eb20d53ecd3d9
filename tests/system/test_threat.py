"""`bartizan threat` and `threat diff`: every exit code, and what is written where."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bartizan.config import read_config
from bartizan.core.fact import Audited
from bartizan.core.record import decode, encode
from bartizan.core.risk import PRIORITIES
from bartizan.core.threat import ThreatModel
from bartizan.report.threat import THREAT_FORMATS
from bartizan.workspace import Workspace, ledger_settings
from system.command import Run

SMALL = """\
[project]
name = "small"
[system]
name = "small"
[[zone]]
id = "outside"
trust = "untrusted"
[[zone]]
id = "inside"
trust = "restricted"
[[element]]
id = "caller"
kind = "actor"
zone = "outside"
gains = true
[[element]]
id = "api"
kind = "api"
zone = "inside"
auth = "AUTH"
[[flow]]
source = "caller"
target = "api"
"""


def described(folder: Path, *, auth: str = "none") -> Path:
    """A small system."""
    folder.mkdir(exist_ok=True)
    place = folder / "bartizan.toml"
    place.write_text(SMALL.replace("AUTH", auth))
    return place


def model(folder: Path) -> ThreatModel:
    return decode((folder / "threats.json").read_bytes(), kind=ThreatModel)


def test_all_formats_are_written_and_told(folder: Path, bartizan: Run) -> None:
    described(folder)
    ran = bartizan("threat")
    assert ran.code == 0, ran.err
    names = sorted(one.name for one in (folder / "threats").iterdir())
    assert names == sorted(THREAT_FORMATS.values())
    assert ran.out.endswith("wrote 9 files into threats\n")


def test_only_the_formats_that_are_asked_for(folder: Path, bartizan: Run) -> None:
    described(folder)
    ran = bartizan("threat", "--format", "csv", "--format", "sarif", "--out", "there")
    assert ran.code == 0
    assert sorted(one.name for one in (folder / "there").iterdir()) == [
        "risks.csv",
        "threats.sarif",
    ]


def test_json_is_the_file_and_nothing_else(folder: Path, bartizan: Run) -> None:
    described(folder)
    ran = bartizan("threat", "--json")
    assert json.loads(ran.out) == json.loads((folder / "threats" / "threats.json").read_bytes())


@pytest.mark.parametrize("priority", PRIORITIES)
def test_an_open_threat_of_that_priority_or_above_ends_with_1(
    priority: str, folder: Path, bartizan: Run
) -> None:
    described(folder)
    assert bartizan("threat", "--fail-on", priority).code == 1


def test_questions_alone_end_with_3(folder: Path, bartizan: Run) -> None:
    described(folder, auth="mtls")
    ran = bartizan("threat", "--fail-on", "high", "--format", "json")
    assert "question: " in ran.out
    assert not any(
        one.residual.priority == "high" and one.standing == "open"
        for one in model(folder / "threats").threats
    )
    assert ran.code == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "there is no bartizan.toml here"),
        (("--example", ""), "there is no example ''"),
        (("--example", "card-fraud", "--project", "x.toml"), "leave --project out"),
        (("--example", "card-fraud", "--workspace", "nosuch"), "no workspace in nosuch"),
        (("--example", "card-fraud", "--format", "pdf"), "no format 'pdf'"),
        (("--fail-on", "worst"), "worst"),
        (("--fail-on", "high", "diff", "a", "b"), "unexpected extra argument"),
        (("diff", "a.json", "b.json"), "cannot read the threat model a.json"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: tuple[str, ...], told: str, folder: Path, bartizan: Run
) -> None:
    ran = bartizan("threat", *arguments)
    assert ran.code == 2
    assert told in ran.err
    assert not list(folder.iterdir())


@pytest.mark.parametrize("verb", [("comply",), ("supply", "bom")])
def test_a_workspace_that_is_named_and_not_there_is_refused_everywhere(
    verb: tuple[str, ...], folder: Path, bartizan: Run
) -> None:
    described(folder)
    ran = bartizan(*verb, "--workspace", "nosuch")
    assert (ran.code, "no workspace in nosuch" in ran.err) == (2, True)
    assert not (folder / "nosuch").exists()


def test_an_altered_ledger_ends_with_4(folder: Path, bartizan: Run) -> None:
    place = described(folder)
    with Workspace(folder / ".bartizan", ledger=ledger_settings(read_config(place))) as ws:
        assert ws.ledger is not None
        ws.ledger.record(
            [Audited(audit="a", what="", by="Ann", role="auditor", when="2026-01-01T00:00:00Z")]
        )
    assert bartizan("threat").code == 0
    (entries,) = (folder / ".bartizan" / "ledger").glob("tile/entries/**/*.p/*")
    raw = entries.read_bytes()
    entries.chmod(0o600)
    entries.write_bytes(raw.replace(b"Ann", b"Bob"))
    ran = bartizan("threat")
    assert ran.code == 4
    assert ran.out == ""


def test_reports_name_the_project_file_by_its_way_from_here(folder: Path, bartizan: Run) -> None:
    described(folder / "sub")
    ran = bartizan("threat", "--project", "sub/bartizan.toml", "--out", "o")
    assert ran.code == 0, ran.err
    sarif = json.loads((folder / "o" / "threats.sarif").read_bytes())["runs"][0]
    found = [one["locations"][0]["physicalLocation"] for one in sarif["results"]]
    assert {one["artifactLocation"]["uri"] for one in found} == {"sub/bartizan.toml"}
    assert sarif["artifacts"][0]["location"]["uri"] == "sub/bartizan.toml"
    otm: dict[str, Any] = json.loads((folder / "o" / "threats.otm.json").read_bytes())
    assert {one["attributes"]["file"] for one in otm["components"]} == {"sub/bartizan.toml"}


@pytest.fixture
def compared(folder: Path, bartizan: Run) -> Run:
    """Two models of the small system: with an open door, and with one that is shut."""
    for auth in ("none", "mtls"):
        described(folder, auth=auth)
        assert bartizan("threat", "--format", "json", "--out", auth).code == 0
    return bartizan


def test_what_went_and_why_ends_with_0(compared: Run) -> None:
    ran = compared("threat", "diff", "none/threats.json", "mtls/threats.json")
    assert ran.code == 0
    assert "gone   access.open-door@api: " in ran.out
    assert "said   element api: auth none -> mtls\n" in ran.out


def test_what_came_ends_with_1(compared: Run) -> None:
    ran = compared("threat", "diff", "mtls/threats.json", "none/threats.json", "--json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert [one["id"] for one in found["new"]] == ["access.open-door@api"]
    assert found["edits"][0] == {
        "owner": "element api",
        "attribute": "auth",
        "before": "mtls",
        "after": "none",
    }


def test_two_systems_are_refused(compared: Run, folder: Path) -> None:
    other = model(folder / "none")
    spec = msgspec.structs.replace(other.system.system, name="other")
    system = msgspec.structs.replace(other.system, system=spec)
    (folder / "other.json").write_bytes(encode(msgspec.structs.replace(other, system=system)))
    ran = compared("threat", "diff", "none/threats.json", "other.json")
    assert (ran.code, "one system, got 'small' and 'other'" in ran.err) == (2, True)
