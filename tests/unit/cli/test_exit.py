import itertools

import msgspec
import pytest

from bartizan.cli import exit as codes
from bartizan.core.attacker import Standing
from bartizan.core.errors import Error, InputError, LimitError, TrustError, UsageError
from bartizan.core.finding import Finding, Outcome, Severity, Waived
from bartizan.core.report import Coverage, Report, Tool

WAIVED = Waived(owner="Ada", reason="rebuilt in spring", expires="2999-01-01")


def finding(
    outcome: Outcome, severity: Severity = "none", *, standing: Standing = "declared"
) -> Finding:
    return Finding(
        id="evasion.x@shop#thief",
        entry="evasion.x",
        title="X",
        subject="shop",
        attacker="thief",
        standing=standing,
        outcome=outcome,
        reason="so it was",
        severity=severity,
    )


def report(*findings: Finding, interrupted: str = "", fail_on: Severity = "high") -> Report:
    return Report(
        tool=Tool(name="bartizan", version="0", catalog="sha256:0"),
        subjects=(),
        attackers=(),
        outcome="pass",
        headline="",
        fail_on=fail_on,
        findings=findings,
        evidence=(),
        coverage=Coverage(
            profile="quick",
            seed=0,
            rows=1,
            rows_total=1,
            rows_protected=1,
            planned=(),
            interrupted=interrupted,
        ),
    )


PASS, FAIL = finding("pass"), finding("fail", "high")
OPEN, NOT_RUN = finding("inconclusive"), finding("not-run")
STOPPED = "stopped by Ctrl-C"


@pytest.mark.parametrize(
    ("findings", "interrupted", "code"),
    [
        ((PASS,), "", codes.PASS),
        ((PASS, FAIL), "", codes.FINDING),
        ((PASS, OPEN), "", codes.OPEN),
        ((PASS, NOT_RUN), "", codes.OPEN),
        ((), "", codes.OPEN),
        ((OPEN, FAIL, NOT_RUN, PASS), "", codes.FINDING),
        ((OPEN, FAIL), STOPPED, codes.INTERRUPTED),
        ((PASS,), STOPPED, codes.INTERRUPTED),
        ((PASS, NOT_RUN), "the time budget of 1 s was used up", codes.OPEN),
        ((FAIL, NOT_RUN), "the time budget of 1 s was used up", codes.FINDING),
    ],
)
def test_the_first_that_applies_of_130_1_3_0_wins(
    findings: tuple[Finding, ...], interrupted: str, code: int
) -> None:
    for order in itertools.permutations(findings):
        assert codes.of_report(report(*order, interrupted=interrupted)) == code


@pytest.mark.parametrize("standing", ["weaker", "stronger"])
@pytest.mark.parametrize("outcome", ["fail", "inconclusive", "not-run"])
def test_assumed_extra_attackers_decide_nothing(outcome: Outcome, standing: Standing) -> None:
    extra = finding(outcome, "critical" if outcome == "fail" else "none", standing=standing)
    assert codes.of_report(report(PASS, extra)) == codes.PASS


def test_a_pass_of_an_extra_attacker_alone_is_no_pass() -> None:
    assert codes.of_report(report(finding("pass", standing="weaker"))) == codes.OPEN


def test_a_waived_failure_decides_nothing() -> None:
    accepted = msgspec.structs.replace(FAIL, waived=WAIVED)
    assert codes.of_report(report(PASS, accepted)) == codes.PASS


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical"])
@pytest.mark.parametrize("fail_on", ["low", "medium", "high", "critical"])
def test_a_failure_counts_at_or_above_the_line(severity: Severity, fail_on: Severity) -> None:
    order = ["low", "medium", "high", "critical"]
    counts = order.index(severity) >= order.index(fail_on)
    code = codes.of_report(report(finding("fail", severity), fail_on=fail_on))
    assert code == (codes.FINDING if counts else codes.PASS)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), codes.USAGE),
        (UsageError("x"), codes.USAGE),
        (LimitError("x"), codes.USAGE),
        (TrustError("x"), codes.TRUST),
        (Error("x"), codes.USAGE),
    ],
)
def test_a_refusal_is_2_and_of_what_may_be_hostile_4(error: Error, code: int) -> None:
    assert codes.of_error(error) == code
