from itertools import product
from typing import Any

import pytest

from bartizan.assess.severity import evasion_severity
from bartizan.core.attacker import Access
from bartizan.core.finding import Finding, Measure, Outcome, Severity, Threshold, Waived
from bartizan.core.report import Coverage, Report, Tool
from bartizan.core.verdict import OPEN, failing, judged, overall, unsettled


def measure(value: float | None, low: float | None = None, high: float | None = None) -> Measure:
    return Measure(name="attack-success", value=value, low=low, high=high, n=10, why="no rows")


def line(value: float, op: Any = "<=") -> Threshold:
    return Threshold(measure="attack-success", op=op, value=value, source="default")


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.05, 0.15, "pass"),
        (0.05, 0.20, "pass"),  # the line itself is accepted
        (0.05, 0.2001, "inconclusive"),
        (0.20, 0.30, "inconclusive"),
        (0.2001, 0.30, "fail"),
        (0.5, 0.9, "fail"),
    ],
)
def test_at_most_the_line_for_the_whole_interval_passes(
    low: float, high: float, outcome: Outcome
) -> None:
    verdict, reason = judged(
        measure((low + high) / 2, low, high), line(0.20), unsure="inconclusive"
    )
    assert verdict == outcome
    assert "attack success is" in reason
    assert "at most 20.0% is accepted" in reason


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.51, 0.6, "pass"),
        (0.5, 0.6, "inconclusive"),  # chance itself is not above chance
        (0.4, 0.5, "inconclusive"),
        (0.4, 0.49, "fail"),
    ],
)
def test_above_the_line_for_the_whole_interval_passes(
    low: float, high: float, outcome: Outcome
) -> None:
    found = measure((low + high) / 2, low, high)
    verdict, reason = judged(found, line(0.5, ">="), unsure="inconclusive")
    assert verdict == outcome
    assert "more than 50.0% is accepted" in reason


@pytest.mark.parametrize(
    ("op", "unsure", "words"),
    [
        ("<=", "inconclusive", "at most 50.0% is accepted, and the interval does not settle it"),
        (">=", "inconclusive", "more than 50.0% is accepted, and the interval does not settle it"),
        (">=", "fail", "more than 50.0% is accepted, and it is not shown to be more than that"),
        ("<=", "fail", "at most 50.0% is accepted, and it is not shown to be less than that"),
        ("<=", "pass", "at most 50.0% is accepted, and it is not shown to be more than that"),
        (">=", "pass", "more than 50.0% is accepted, and it is not shown to be less than that"),
    ],
)
def test_words_of_what_an_interval_leaves_open_fit_the_outcome(
    op: str, unsure: Outcome, words: str
) -> None:
    verdict, reason = judged(measure(0.5, 0.4, 0.6), line(0.5, op), unsure=unsure)
    assert verdict == unsure
    assert reason.endswith(words)


def test_what_an_interval_does_not_settle_is_what_the_entry_says() -> None:
    found = measure(0.5, 0.4, 0.6)
    assert judged(found, line(0.5, ">="), unsure="fail")[0] == "fail"
    verdict, reason = judged(found, line(0.5), unsure="inconclusive")
    assert verdict == "inconclusive"
    assert "on 10 rows" in reason
    assert "does not settle it" in reason


def test_a_measure_without_an_interval_is_taken_at_its_word() -> None:
    assert judged(measure(0.2), line(0.2), unsure="inconclusive")[0] == "pass"
    assert judged(measure(0.3), line(0.2), unsure="inconclusive")[0] == "fail"


def test_what_could_not_be_measured_is_inconclusive_with_the_reason() -> None:
    verdict, reason = judged(measure(None), line(0.2), unsure="fail")
    assert verdict == "inconclusive"
    assert reason == "attack success could not be measured: no rows"


DESIGN: dict[tuple[float, Access], Severity] = {
    (0.81, "labels"): "critical",
    (0.81, "scores"): "high",
    (0.81, "gradients"): "high",
    (0.81, "structure"): "high",
    (0.80, "labels"): "high",
    (0.80, "scores"): "high",
    (0.80, "gradients"): "medium",
    (0.80, "structure"): "medium",
    (0.51, "labels"): "high",
    (0.51, "scores"): "high",
    (0.51, "gradients"): "medium",
    (0.51, "structure"): "medium",
    (0.50, "labels"): "medium",
    (0.50, "scores"): "medium",
    (0.50, "gradients"): "low",
    (0.50, "structure"): "low",
    (0.21, "labels"): "medium",
    (0.21, "scores"): "medium",
    (0.21, "gradients"): "low",
    (0.21, "structure"): "low",
}
"""The severity table of the design, line by line, at the edges of its lines."""


@pytest.mark.parametrize(("success", "access"), DESIGN)
def test_severity_is_that_of_the_table(success: float, access: Access) -> None:
    assert evasion_severity(success, access) == DESIGN[success, access]


def finding(outcome: Outcome, **more: Any) -> Finding:
    severity: Severity = "high" if outcome == "fail" else "none"
    parts: dict[str, Any] = {
        "id": "e@m",
        "entry": "e",
        "title": "E",
        "subject": "m",
        "reason": "r",
        **more,
    }
    return Finding(outcome=outcome, severity=severity, **parts)


WAIVED = Waived(owner="o", reason="r", expires="2030-01-01")


def test_the_worst_outcome_wins() -> None:
    order: list[Outcome] = ["fail", "inconclusive", "not-run", "pass"]
    for one, other in product(order, order):
        worst = order[min(order.index(one), order.index(other))]
        wanted = "inconclusive" if worst == "not-run" else worst
        assert overall([finding(one), finding(other)]) == wanted


def test_waived_findings_and_assumed_extra_attackers_decide_nothing() -> None:
    good = finding("pass")
    assert overall([good, finding("fail", waived=WAIVED)]) == "pass"
    assert overall([good, finding("fail", standing="weaker")]) == "pass"
    assert overall([good, finding("inconclusive", standing="stronger")]) == "pass"
    assert overall([good, finding("fail", standing="assumed")]) == "fail"


def test_a_run_that_judged_nothing_never_passes() -> None:
    assert overall([]) == "inconclusive"
    assert overall([finding("fail", waived=WAIVED)]) == "inconclusive"
    assert overall([finding("pass", standing="weaker")]) == "inconclusive"


@pytest.mark.parametrize(
    ("outcome", "severity", "unread", "fail_on", "code"),
    [
        ("fail", "high", 0, "high", "failing"),
        ("fail", "high", 3, "high", "failing"),
        ("fail", "high", 0, "critical", "settled"),  # somebody said that this may be
        ("fail", "high", 3, "critical", "unsettled"),  # and nobody knows what else there is
        ("inconclusive", "none", 3, "critical", "unsettled"),
        ("pass", "none", 0, "critical", "settled"),
    ],
)
def test_a_failure_below_the_line_hides_nothing_that_was_not_read(
    *, outcome: Outcome, severity: Severity, unread: int, fail_on: Severity, code: str
) -> None:
    found = Finding(
        id="artifact.scan@m",
        entry="artifact.scan",
        title="t",
        subject="m",
        outcome=outcome,
        reason="r",
        severity=severity,
        measures=(Measure(name=OPEN, value=float(unread), unit="places"),),
    )
    report = blank(found, fail_on=fail_on)
    said = "failing" if failing(report) else "unsettled" if unsettled(report) else "settled"
    assert said == code


def blank(*findings: Finding, fail_on: Severity) -> Report:
    return Report(
        tool=Tool(name="t", version="1", catalog=""),
        subjects=(),
        attackers=(),
        outcome=overall(findings),
        headline="",
        fail_on=fail_on,
        findings=findings,
        evidence=(),
        coverage=Coverage(
            profile="scan", seed=0, rows=0, rows_total=0, rows_protected=0, planned=()
        ),
    )
