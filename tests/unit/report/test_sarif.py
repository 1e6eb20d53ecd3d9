import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.core.errors import Error
from bartizan.core.evidence import Subject
from bartizan.core.finding import Flagged
from bartizan.core.report import Report
from bartizan.report import render
from bartizan.report.sarif import relative_uri
from unit.report.samples import sample_report

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "vectors" / "sarif" / "sarif-2.1.0.json").read_text("utf-8")
)


def run(report: Report) -> dict[str, Any]:
    log = json.loads(render(report, fmt="sarif"))
    jsonschema.validate(log, SCHEMA)
    (only,) = log["runs"]
    assert isinstance(only, dict)
    return only


def result(entry: str, standing: str = "declared") -> dict[str, Any]:
    (found,) = (
        one
        for one in run(sample_report())["results"]
        if one["ruleId"] == entry and one["properties"]["standing"] == standing
    )
    assert isinstance(found, dict)
    return found


def test_the_schema_refuses_a_log_without_a_version() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"runs": []}, SCHEMA)


@pytest.mark.parametrize(
    ("entry", "standing", "kind", "level"),
    [
        ("evasion.hop-skip-jump", "declared", "fail", "error"),
        ("evasion.coordinate", "declared", "fail", "warning"),
        ("evasion.coordinate", "weaker", "informational", "none"),
        ("evasion.coordinate", "stronger", "informational", "none"),
        ("evasion.square", "declared", "review", "none"),
        ("evasion.transfer", "declared", "notApplicable", "none"),
        ("integrity.utility", "declared", "pass", "none"),
    ],
)
def test_outcome_and_standing_decide_kind_and_level(
    entry: str, standing: str, kind: str, level: str
) -> None:
    found = result(entry, standing)
    assert (found["kind"], found["level"]) == (kind, level)


@pytest.mark.parametrize(
    ("severity", "level"),
    [("low", "note"), ("medium", "warning"), ("high", "error"), ("critical", "error")],
)
def test_severity_decides_the_level_of_a_failure(severity: str, level: str) -> None:
    report = sample_report()
    finding = msgspec.structs.replace(report.findings[0], severity=severity)
    (found,) = run(msgspec.structs.replace(report, findings=(finding,)))["results"]
    assert (found["kind"], found["level"]) == ("fail", level)


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    (suppression,) = result("evasion.random-walk")["suppressions"]
    assert suppression["kind"] == "external"
    assert "R. Novak until 2026-05-31: Accepted until" in suppression["justification"]


def test_only_waived_findings_are_suppressed() -> None:
    suppressed = [one["ruleId"] for one in run(sample_report())["results"] if "suppressions" in one]
    assert suppressed == ["evasion.random-walk"]


def test_every_result_points_to_its_rule_and_every_rule_is_used_once() -> None:
    log = run(sample_report())
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({one["ruleId"] for one in log["results"]})
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in log["results"])
    assert all("helpUri" not in rule and rule["help"]["text"] for rule in rules)


def test_taxa_point_into_the_taxonomies() -> None:
    log = run(sample_report())
    assert [t["name"] for t in log["taxonomies"]] == [
        "MITRE ATLAS",
        "OWASP ML Top 10",
        "NIST AI 100-2",
    ]
    seen = {
        (reference["toolComponent"]["name"], reference["id"])
        for one in log["results"]
        for reference in one["taxa"]
    }
    for one in log["results"]:
        for reference in one["taxa"]:
            taxonomy = log["taxonomies"][reference["toolComponent"]["index"]]
            assert taxonomy["name"] == reference["toolComponent"]["name"]
            assert taxonomy["taxa"][reference["index"]]["id"] == reference["id"]
    assert ("MITRE ATLAS", "AML.T0015") in seen
    assert ("OWASP ML Top 10", "ML01:2023") in seen


def test_fingerprints_stay_when_everything_but_the_id_changes() -> None:
    report = sample_report()
    first = report.findings[0]
    changed = msgspec.structs.replace(
        first, outcome="pass", severity="none", reason="other", measures=(), evidence="other"
    )
    before = run(report)["results"][0]["partialFingerprints"]
    after = run(msgspec.structs.replace(report, findings=(changed,)))["results"][0]
    assert after["partialFingerprints"] == before
    assert len(before["bartizanFinding/v1"]) == 64


def test_fingerprints_differ_between_findings() -> None:
    prints = [
        one["partialFingerprints"]["bartizanFinding/v1"] for one in run(sample_report())["results"]
    ]
    assert len(set(prints)) == len(prints)


def test_a_finished_run_is_successful_and_an_interrupted_one_says_why() -> None:
    report = sample_report()
    (invocation,) = run(report)["invocations"]
    assert invocation["executionSuccessful"] is True
    coverage = msgspec.structs.replace(report.coverage, interrupted="stopped by the user")
    (invocation,) = run(msgspec.structs.replace(report, coverage=coverage))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "exitCode" not in invocation
    note = invocation["toolExecutionNotifications"][0]
    assert note["level"] == "error"
    assert "stopped by the user" in note["message"]["text"]


def test_a_digest_that_is_not_of_the_file_is_not_given_as_its_hash() -> None:
    report = sample_report()
    probe = Subject(kind="model", name="model", digest="probe:1", digest_kind="probe")
    artifacts = run(msgspec.structs.replace(report, subjects=(probe, report.subjects[1])))[
        "artifacts"
    ]
    assert "hashes" not in artifacts[0]
    assert artifacts[1]["hashes"] == {"sha-256": "a7" * 32}


def test_a_report_without_findings_is_valid() -> None:
    log = run(msgspec.structs.replace(sample_report(), findings=(), evidence=(), receipts=()))
    assert log["results"] == []


def pointed(*flagged: Flagged) -> dict[str, Any]:
    report = sample_report()
    finding = msgspec.structs.replace(report.findings[0], flagged=flagged)
    (found,) = run(msgspec.structs.replace(report, findings=(finding,)))["results"]
    assert isinstance(found, dict)
    return found


def test_a_result_about_lines_points_at_each_of_them_once() -> None:
    lines = (Flagged(line=7, why="b"), Flagged(line=3, why="a"), Flagged(line=7, why="c"))
    places = [one["physicalLocation"] for one in pointed(*lines)["locations"]]
    assert [one["region"] for one in places] == [{"startLine": 3}, {"startLine": 7}]
    assert places[0]["artifactLocation"] == places[1]["artifactLocation"]


def test_a_result_about_rows_points_at_the_file() -> None:
    (place,) = pointed(Flagged(row=7, why="a"))["locations"]
    assert "region" not in place["physicalLocation"]


@pytest.mark.parametrize("fmt", ["markdown", "junit", "html"])
def test_every_report_for_people_names_the_line(fmt: str) -> None:
    report = sample_report()
    flagged = (Flagged(line=1234, why="is known to leak"),)
    finding = msgspec.structs.replace(report.findings[0], flagged=flagged)
    raw = render(msgspec.structs.replace(report, findings=(finding,)), fmt=fmt)
    assert b"line 1,234" in raw


def test_there_is_no_line_before_the_first() -> None:
    with pytest.raises(Error, match="counted from 1"):
        Flagged(line=0, why="a")


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("models/fraud.onnx", "models/fraud.onnx"),
        ("/srv/models/fraud.onnx", "srv/models/fraud.onnx"),
        ("..\\..\\fraud.onnx", "fraud.onnx"),
        ("https://host/fraud", "https%3A/host/fraud"),
        ("a b#c?d", "a%20b%23c%3Fd"),
        ("", "unnamed"),
    ],
)
def test_names_become_relative_uris(name: str, uri: str) -> None:
    assert relative_uri(name) == uri


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_name_makes_an_absolute_uri(name: str) -> None:
    uri = relative_uri(name)
    assert uri
    assert not uri.startswith("/")
    assert ":" not in uri
    assert ".." not in uri.split("/")
