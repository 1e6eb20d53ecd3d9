from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from bartizan.core.report import Report
from bartizan.report import render
from bartizan.report.junit import clean
from unit.report.samples import MODEL, findings, sample_report

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[2] / "vectors" / "junit" / "junit.xsd")


def suite(report: Report) -> ET.Element:
    raw = render(report, fmt="junit").decode()
    SCHEMA.validate(raw)
    found = ET.fromstring(raw).find("testsuite")  # noqa: S314  # written a line above
    assert found is not None
    return found


def case(name: str) -> ET.Element:
    found = suite(sample_report()).find(f"testcase[@name='{name}@{MODEL.name}#fraudster']")
    assert found is not None
    return found


def parts(element: ET.Element) -> list[str]:
    return [child.tag for child in element]


def test_one_test_case_a_finding_and_honest_counts() -> None:
    found = suite(sample_report())
    assert [c.get("name") for c in found.findall("testcase")] == [f.id for f in findings()]
    counts = {key: found.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "8", "failures": "2", "errors": "1", "skipped": "2"}


def test_a_failure_says_what_why_and_what_to_do() -> None:
    (failure,) = case("evasion.hop-skip-jump")
    assert (failure.tag, failure.get("type")) == ("failure", "high")
    assert "74.0 % of the frauds" in str(failure.get("message"))
    for words in ("Attack success: 74.0", "What to do: Train", "Repeat with: bartizan assess"):
        assert words in str(failure.text)


def test_inconclusive_is_an_error_with_its_cause() -> None:
    (error,) = case("evasion.square")
    assert (error.tag, error.get("type")) == ("error", "inconclusive")
    assert "NaN for row 17" in str(error.get("message"))


def test_not_run_and_waived_are_skipped() -> None:
    for name, words in (("evasion.transfer", "needs scores"), ("evasion.random-walk", "R. Novak")):
        (skipped,) = case(name)
        assert skipped.tag == "skipped"
        assert words in str(skipped.get("message"))


def test_a_pass_is_an_empty_test_case() -> None:
    passed = suite(sample_report()).find("testcase[@classname='integrity.utility']")
    assert passed is not None
    assert parts(passed) == []


@pytest.mark.parametrize("outcome", ["fail", "inconclusive", "not-run", "pass"])
@pytest.mark.parametrize("standing", ["weaker", "stronger"])
def test_an_assumed_extra_attacker_never_fails_a_test_case(standing: str, outcome: str) -> None:
    report = sample_report()
    severity = "critical" if outcome == "fail" else "none"
    finding = msgspec.structs.replace(
        report.findings[0], standing=standing, outcome=outcome, severity=severity
    )
    found = suite(msgspec.structs.replace(report, findings=(finding,)))
    assert parts(found.findall("testcase")[0]) == ["system-out"]
    assert found.get("failures") == found.get("errors") == found.get("skipped") == "0"


def test_an_interrupted_run_says_so() -> None:
    report = sample_report()
    coverage = msgspec.structs.replace(report.coverage, interrupted="out of time")
    found = suite(msgspec.structs.replace(report, coverage=coverage))
    assert "out of time" in str(found.findtext("system-err"))


def test_hostile_text_stays_text() -> None:
    report = sample_report()
    hostile = 'x\x00\x1b[31m\ufffe]]>"<failure/>&amp;\nline'
    finding = msgspec.structs.replace(report.findings[0], reason=hostile, id=hostile)
    found = suite(msgspec.structs.replace(report, findings=(finding,), headline=hostile))
    (failure,) = found.findall("testcase/failure")
    assert failure.get("message") == clean(hostile)
    assert '"<failure/>&amp;\nline' in clean(hostile)


@given(st.text())
def test_cleaned_text_is_always_parsed_back(text: str) -> None:
    element = ET.Element("a", b=clean(text))
    again = ET.fromstring(ET.tostring(element, encoding="utf-8"))  # noqa: S314  # written here
    assert again.get("b") == clean(text)


def test_a_report_without_findings_is_valid() -> None:
    assert suite(msgspec.structs.replace(sample_report(), findings=())).get("tests") == "0"
