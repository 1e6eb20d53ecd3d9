"""One gate: findings, waivers, baseline, freshness, policies and audits, each alone."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from bartizan.cli import exit as codes
from bartizan.comply.baseline import Baseline, Known, baseline_of, read_baseline, written
from bartizan.comply.gate import Demands, gate_findings
from bartizan.core.compliance import ComplianceReport
from bartizan.core.errors import ConfigError
from bartizan.core.evidence import Subject
from bartizan.core.finding import Severity
from bartizan.core.report import Coverage, Report, Tool
from bartizan.report import render
from bartizan.report.comply import gate_summary
from unit.comply.worlds import WAIVED, audit, opened, policy

SHOP = Subject(kind="model", name="shop", digest="sha256:1", digest_kind="oms-root")
EMPTY = ComplianceReport(
    tool=Tool(name="bartizan", version="0", catalog="sha256:0"),
    project="shop",
    day="2026-06-01",
    evidence_age_days=90.0,
    subjects=(SHOP,),
    controls=(),
    frameworks=(),
)
FRESH = {"shop": frozenset({"utility.balanced-accuracy", "evasion.union"})}
REQUIRED = ("utility.balanced-accuracy", "evasion")


def code(
    *,
    baseline: Mapping[str, Severity] | None = None,
    fresh: Mapping[str, frozenset[str]] = FRESH,
    fail_on: Severity = "high",
    **changes: Any,
) -> int:
    """What a gate over a report with these changes ends with."""
    report = replace(EMPTY, **changes)
    demands = Demands(fail_on=fail_on, require=REQUIRED, fresh=fresh, baseline=baseline or {})
    run = Report(
        tool=EMPTY.tool,
        subjects=(),
        attackers=(),
        outcome="pass",
        headline="",
        fail_on=fail_on,
        findings=gate_findings(report, demands=demands),
        evidence=(),
        coverage=Coverage(
            profile="gate", seed=0, rows=0, rows_total=0, rows_protected=0, planned=()
        ),
    )
    return codes.of_report(run)


def test_fresh_evidence_without_open_findings_passes() -> None:
    assert code(policies=(policy(),), audits=(audit(),)) == codes.PASS


def test_where_there_is_nothing_to_look_at_nothing_passes() -> None:
    assert code(fresh={}) == codes.OPEN


def test_a_failure_at_or_above_the_line_fails_and_one_below_it_does_not() -> None:
    assert code(findings=(opened(),)) == codes.FINDING
    assert code(findings=(opened(severity="medium"),)) == codes.PASS
    assert code(findings=(opened(severity="medium"),), fail_on="medium") == codes.FINDING


def test_a_waiver_holds_a_failure_back() -> None:
    assert code(findings=(opened(waived=WAIVED),)) == codes.PASS


def test_a_finding_without_a_verdict_leaves_the_gate_open_and_a_failure_goes_before_it() -> None:
    unsure = opened("inconclusive", name="evasion.y@shop#thief")
    assert code(findings=(unsure,)) == codes.OPEN
    assert code(findings=(unsure, opened())) == codes.FINDING
    assert code(findings=(unsure,), baseline={unsure.id: "none"}) == codes.OPEN


def test_a_known_failure_is_held_back_until_it_is_due_or_worse() -> None:
    one = opened()
    assert code(findings=(one,), baseline={one.id: "high"}) == codes.PASS
    assert code(findings=(one,), baseline={"evasion.z@shop": "high"}) == codes.FINDING
    assert code(findings=(one,), baseline={one.id: "medium"}) == codes.FINDING
    late = opened(overdue=True)
    assert code(findings=(late,), baseline={one.id: "high"}) == codes.FINDING


def test_what_is_overdue_fails_however_small_it_is() -> None:
    late = opened(severity="low", overdue=True)
    assert code(findings=(late,), fail_on="critical") == codes.FINDING


@pytest.mark.parametrize("status", ["changed", "not signed", "overdue", "missing"])
def test_a_policy_that_is_not_in_force_leaves_the_gate_open(status: str) -> None:
    assert code(policies=(policy(status),)) == codes.OPEN


def test_an_audit_that_is_late_leaves_the_gate_open() -> None:
    assert code(audits=(audit(overdue=True),)) == codes.OPEN


def test_a_model_without_young_evidence_of_what_is_required_leaves_the_gate_open() -> None:
    assert code(fresh={"shop": frozenset()}) == codes.OPEN
    assert code(fresh={"shop": frozenset({"utility.balanced-accuracy"})}) == codes.OPEN
    assert (
        code(fresh={"shop": frozenset({"utility.balanced-accuracy", "evasions.x"})}) == codes.OPEN
    )
    assert code(subjects=()) == codes.OPEN


def test_each_thing_that_is_asked_becomes_one_finding_with_what_to_do() -> None:
    report = replace(EMPTY, policies=(policy("changed"),), audits=(audit(overdue=True),))
    demands = Demands(fail_on="high", require=REQUIRED, fresh={"shop": frozenset()})
    found = gate_findings(report, demands=demands)
    assert [one.id for one in found] == [
        "comply.evidence@shop",
        "comply.policy@rules",
        "comply.audit@look",
    ]
    assert all(one.fix for one in found)


def test_a_baseline_is_read_as_it_was_written_and_holds_failures_that_nobody_waived() -> None:
    open_ones = (
        opened(name='b.b@shop "x"'),
        opened(name="a.a@shop"),
        opened("inconclusive", name="c.c@shop"),
        opened(name="d.d@shop", waived=WAIVED),
    )
    made = baseline_of(open_ones, day="2026-06-01")
    assert [one.id for one in made.findings] == ["a.a@shop", 'b.b@shop "x"']
    assert read_baseline(written(made), file="known.json") == made
    assert written(made).count(b"\n") == 8
    empty = Baseline(day="2026-06-01", findings=())
    assert read_baseline(written(empty), file="known.json") == empty


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"schema": "baseline/2"}', b"\xff"])
def test_what_is_no_baseline_is_refused_with_its_name(raw: bytes) -> None:
    with pytest.raises(ConfigError, match=r"known\.json: expected a baseline"):
        read_baseline(raw, file="known.json")


def test_an_unknown_key_of_a_baseline_is_refused() -> None:
    raw = written(Baseline(day="2026-06-01", findings=(Known(id="a@b", severity="low"),)))
    with pytest.raises(ConfigError, match="expected a baseline"):
        read_baseline(raw.replace(b'"severity"', b'"sevrity"'), file="known.json")


def test_what_the_baseline_lists_is_called_known_in_every_format() -> None:
    one = opened()
    demands = Demands(fail_on="high", baseline={one.id: "high"})
    (found,) = gate_findings(replace(EMPTY, findings=(one,)), demands=demands)
    assert found.waived is not None
    assert found.waived.known
    run = Report(
        tool=EMPTY.tool,
        subjects=(),
        attackers=(),
        outcome="pass",
        headline="",
        findings=(found,),
        evidence=(),
        coverage=Coverage(
            profile="gate", seed=0, rows=0, rows_total=0, rows_protected=0, planned=()
        ),
    )
    for fmt in ("sarif", "junit", "markdown"):
        said = render(run, fmt=fmt).decode()
        assert "Known until 2026-07-01" in said, fmt
        assert "aived" not in said, fmt
    assert '"known": true' in render(run, fmt="json").decode()
    assert "Known until 2026-07-01" in gate_summary(run, rests_on=EMPTY).decode()


def test_sentences_need_no_plural_and_say_from_when() -> None:
    late = replace(opened(overdue=True), age_days=1)
    report = replace(EMPTY, findings=(late,), evidence_age_days=1)
    demands = Demands(fail_on="high", require=REQUIRED, fresh=FRESH)
    said = [one.reason for one in gate_findings(report, demands=demands)]
    assert said == [
        "open since 2026-05-01, to be dealt with by 2026-07-01",
        f"{late.id} was to be dealt with by 2026-07-01, and is open since 2026-05-01",
        "findings about it as it is now, since 2026-05-31, are there",
    ]
