"""`bartizan supply bom` and `supply provenance` as somebody types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.safe_file import PRIVATE, create
from bartizan.supply.provenance import checked
from system.command import Run
from unit.supply.bom.samples import SPECS, problems

PROJECT = """\
[project]
name = "fraud"
[[model]]
name = "scorer"
path = "model.bin"
[[data]]
name = "past"
role = "train"
path = "past.csv"
target = "y"
source = "card system"
"""


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "past.csv").write_text("amount,y\n1,ok\n2,fraud\n")
    (folder / "bartizan.toml").write_text(PROJECT)
    return folder


@pytest.fixture
def key(folder: Path) -> SigningKey:
    made = SigningKey.new()
    create(folder / "key.pem", made.pem(), mode=PRIVATE)
    return made


@pytest.mark.parametrize("spec", SPECS)
def test_a_document_of_either_version_is_written_and_valid(
    project: Path, bartizan: Run, spec: Any
) -> None:
    ran = bartizan("supply", "bom", "--format", spec)
    assert ran.code == 0
    assert ran.out.startswith(f"wrote bom.cdx.json: CycloneDX {spec}, ")
    document = json.loads((project / "bom.cdx.json").read_bytes())
    assert document["specVersion"] == spec
    assert problems(document, spec=spec) == []


def test_two_runs_write_the_same_bytes_and_no_time(project: Path, bartizan: Run) -> None:
    bartizan("supply", "bom", "--out", "a.json")
    bartizan("supply", "bom", "--out", "b.json")
    first = (project / "a.json").read_bytes()
    assert first == (project / "b.json").read_bytes()
    assert "timestamp" not in json.loads(first)["metadata"]


def test_the_time_is_that_of_the_build(
    project: Path, bartizan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")
    bartizan("supply", "bom")
    document = json.loads((project / "bom.cdx.json").read_bytes())
    assert document["metadata"]["timestamp"] == "2026-11-21T12:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    ran = bartizan("supply", "bom")
    assert (ran.code, "SOURCE_DATE_EPOCH" in ran.err) == (2, True)


@pytest.mark.parametrize(("wanted", "code"), [("0", 0), ("0.2", 0), ("0.95", 1)])
def test_completeness_below_the_demand_fails_and_the_document_is_there(
    project: Path, bartizan: Run, wanted: str, code: int
) -> None:
    assert bartizan("supply", "bom", "--require-complete", wanted).code == code
    assert (project / "bom.cdx.json").exists()


def test_json_says_what_is_missing_and_what_to_do(project: Path, bartizan: Run) -> None:
    facts = json.loads(bartizan("supply", "bom", "--json").out)
    score = facts["completeness"]
    assert score["there"] + len(score["missing"]) == score["of"]
    fixes = {one["name"]: one["fix"] for one in score["missing"]}
    assert fixes["signature"] == "sign the document with --key"
    assert facts["signature"] is None


def test_a_key_signs_it_and_counts(project: Path, bartizan: Run, key: SigningKey) -> None:
    facts = json.loads(bartizan("supply", "bom", "--key", "file:key.pem", "--json").out)
    assert "signature" not in {one["name"] for one in facts["completeness"]["missing"]}
    assert (project / "bom.cdx.json.sig").exists()


def test_what_is_pointed_at_is_there_with_its_digest(project: Path, bartizan: Run) -> None:
    (project / "threats.html").write_text("<p>")
    ran = bartizan("supply", "bom", "--link", "threat-model=threats.html")
    assert "missing security: threat model" not in ran.out
    ran = bartizan("supply", "bom", "--link", "threats.html")
    assert (ran.code, "--link KIND=PATH" in ran.err) == (2, True)
    assert bartizan("supply", "bom", "--link", "threat-model=none.html").code == 2


def test_a_name_cannot_drive_the_terminal(project: Path, bartizan: Run) -> None:
    name = "m\x1b[31m[red]\u202e.bin"
    (project / name).write_bytes(b"x")
    ran = bartizan("supply", "bom", name, "--out", "x\x1b[2J.json")
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize("place", ["no/such/folder/b.json", "taken"])
def test_a_place_that_cannot_be_written_is_refused(
    project: Path, bartizan: Run, place: str
) -> None:
    (project / "taken").mkdir()
    ran = bartizan("supply", "bom", "--out", place)
    assert (ran.code, "cannot write" in ran.err) == (2, True)


def test_data_that_is_not_what_was_registered_ends_with_trust(project: Path, bartizan: Run) -> None:
    assert bartizan("data", "register", "--name", "past", "--quiet").code == 0
    assert bartizan("supply", "bom").code == 0
    (project / "past.csv").write_text("amount,y\n1,ok\n2,ok\n")
    assert bartizan("supply", "bom").code == 4
    assert bartizan("supply", "provenance", "--builder", "urn:ci").code == 4


def test_a_provenance_is_written_and_signed(project: Path, bartizan: Run, key: SigningKey) -> None:
    (project / "params.toml").write_text("depth = 4\n")
    arguments = ("supply", "provenance", "--builder", "urn:ci", "--params", "params.toml")
    facts = json.loads(bartizan(*arguments, "--json").out)
    plain = json.loads((project / "provenance.json").read_bytes())
    assert plain["predicate"]["buildDefinition"]["externalParameters"] == {"depth": 4}
    assert bartizan(*arguments, "--key", "file:key.pem").code == 0
    raw = (project / "provenance.sigstore.json").read_bytes()
    assert checked(raw, keys=[key.public], root=facts["model"]) == plain["predicate"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--builder", "me"), "as a URI"),
        (("--builder", "urn:ci", "--params", "list.json"), "no table"),
        (("--builder", "urn:ci", "--params", "past.csv"), "neither JSON nor TOML"),
        (("--builder", "urn:ci", "--params", "when.toml"), "as JSON"),
        (("--builder", "urn:ci", "--started", "2026-11-21T12:00:00"), "--started"),
        (("--builder", "urn:ci", "--started", "noon"), "--started"),
        (("--builder", "urn:ci", "--code", "nowhere"), "git"),
        (("--builder", "urn:ci", "--key", "key.pem"), "reference to a secret"),
        (("--builder", "urn:ci", "--data", "none.csv"), "none.csv"),
    ],
)
def test_what_cannot_be_said_is_refused(
    project: Path, bartizan: Run, arguments: tuple[str, ...], message: str
) -> None:
    (project / "list.json").write_text("[1]")
    (project / "when.toml").write_text("day = 2026-01-01\n")
    ran = bartizan("supply", "provenance", *arguments)
    assert ran.code == 2
    assert message in ran.err.replace("\n", " ")
    assert not (project / "provenance.json").exists()
