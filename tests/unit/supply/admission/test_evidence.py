"""An artefact is admitted on what the ledger says of it, and on nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Severity
from bartizan.supply.admission import evidence
from bartizan.supply.admission.gate import Gate
from bartizan.supply.admission.terms import Terms

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROOT = "sha256:" + "0" * 64
TERMS = Terms()
UTILITY, EVASION = "utility.balanced-accuracy@fraud", "evasion.union@fraud#thief"
KNOWN = ("utility.balanced-accuracy", "evasion.union", "evasion.square")


def fact(
    finding: str,
    outcome: Outcome = "pass",
    *,
    severity: Severity = "none",
    age_days: float = 1.0,
    root: str = ROOT,
    decides: bool = True,
) -> Found:
    when = (NOW - timedelta(days=age_days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Found(
        finding=finding,
        outcome=outcome,
        severity=severity,
        evidence="",
        subjects=(root, "sha256:data"),
        decides=decides,
        when=when,
    )


def judged(*facts: Found, terms: Terms = TERMS, fail_on: Severity = "high") -> Gate:
    about = evidence.about(facts, root=ROOT, entries=KNOWN)
    return evidence.judged(about, terms=terms, fail_on=fail_on, now=NOW)


def test_fresh_passes_of_all_that_is_required_admit() -> None:
    assert judged(fact(UTILITY), fact(EVASION)).outcome == "pass"


def test_what_is_required_and_missing_is_named() -> None:
    found = judged(fact(UTILITY))
    assert found.outcome == "inconclusive"
    assert found.reason.endswith("of evasion")


def test_findings_about_another_artefact_count_for_nothing() -> None:
    assert judged(fact(UTILITY), fact(EVASION, root="sha256:other")).outcome == "inconclusive"


@pytest.mark.parametrize(("age", "outcome"), [(89.9, "pass"), (90.1, "inconclusive")])
def test_evidence_expires(age: float, outcome: Outcome) -> None:
    assert judged(fact(UTILITY, age_days=age), fact(EVASION)).outcome == outcome


def test_the_last_word_on_a_finding_counts() -> None:
    failed = fact(EVASION, "fail", severity="critical", age_days=10)
    assert judged(fact(UTILITY), failed, fact(EVASION)).outcome == "pass"
    assert judged(fact(UTILITY), fact(EVASION), failed).outcome == "fail"


@pytest.mark.parametrize(("fail_on", "outcome"), [("medium", "fail"), ("high", "pass")])
def test_a_failure_below_the_line_keeps_nothing_out(fail_on: Severity, outcome: Outcome) -> None:
    failed = fact(EVASION, "fail", severity="medium")
    assert judged(fact(UTILITY), failed, fail_on=fail_on).outcome == outcome


def test_a_failure_is_told_before_what_is_missing() -> None:
    found = judged(fact(EVASION, "fail", severity="critical"))
    assert found.outcome == "fail"
    assert found.severity == "critical"


@pytest.mark.parametrize("outcome", ["inconclusive", "not-run"])
def test_an_open_finding_admits_nothing(outcome: Outcome) -> None:
    assert judged(fact(UTILITY), fact(EVASION, outcome)).outcome == "inconclusive"


def test_a_failure_that_somebody_waived_keeps_nothing_out() -> None:
    waived = fact(EVASION, "fail", severity="critical", decides=False)
    assert judged(fact(UTILITY), waived).outcome == "pass"


def test_what_was_waived_expires_like_everything_else() -> None:
    waived = fact(EVASION, "fail", severity="critical", decides=False, age_days=91)
    assert judged(fact(UTILITY), waived).outcome == "inconclusive"


def test_scans_are_no_assessment() -> None:
    scan = fact("artifact.scan@fraud.skops")
    assert judged(scan).counts["known-findings"] == 0


def test_the_control_tells_all_cases_apart() -> None:
    assert evidence.control().passed


def test_the_control_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = evidence.judged

    def blind(*args: object, **kwargs: object) -> Gate:
        return replace(honest(*args, **kwargs), outcome="pass")  # type: ignore[arg-type] # any call

    monkeypatch.setattr(evidence, "judged", blind)
    assert not evidence.control().passed
