"""Was this very artefact assessed, recently, and did it pass?

The answer comes from the ledger, not from a report that somebody hands in: what stands there was
written when the finding was made, and cannot be altered unnoticed.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bartizan.core.entry import ControlResult
from bartizan.core.fact import Found
from bartizan.core.finding import SEVERITIES, Outcome, Severity
from bartizan.supply.admission.gate import Gate
from bartizan.supply.admission.terms import Terms

_SKEW = timedelta(minutes=5)
"""How far clocks of one workspace may differ."""
_NAMED = 3
"""Findings told in a sentence."""


def about(facts: Iterable[Found], *, root: str, entries: Iterable[str]) -> tuple[Found, ...]:
    """The newest word on each finding about an artefact.

    Args:
        facts: In the order in which they were written.
        root: Digest of the artefact.
        entries: Ids of those whose findings matter: what is asked of models.

    Returns:
        By finding, the last fact; earlier ones were overtaken by it.
    """
    wanted, last = frozenset(entries), dict[str, Found]()
    for fact in facts:
        if root in fact.subjects and fact.finding.partition("@")[0] in wanted:
            last[fact.finding] = fact
    return tuple(last.values())


def judged(found: Sequence[Found], *, terms: Terms, fail_on: Severity, now: datetime) -> Gate:
    """Judge what the ledger says of an artefact.

    Args:
        found: From `about`.
        terms: What is demanded.
        fail_on: Least severity that keeps it out.
        now: With a time zone.

    Returns:
        Pass only where every finding that counts is there, young enough and no failure.
    """
    today = now.date().isoformat()
    counted = [one for one in found if one.decides or "" < one.waived_until < today]
    asked = {one.finding.partition("@")[0] for one in found}  # what was waived was asked, too
    asked |= {entry.partition(".")[0] for entry in asked}
    missing = [name for name in terms.require if name not in asked]
    line = SEVERITIES.index(fail_on)
    failed = [
        one for one in counted if one.outcome == "fail" and SEVERITIES.index(one.severity) >= line
    ]
    opened = [one for one in counted if one.outcome in ("inconclusive", "not-run")]
    oldest = now - timedelta(days=terms.evidence_age_days)
    expired = [one for one in found if not oldest <= _when(one) <= now + _SKEW]
    if failed:
        worst = max((one.severity for one in failed), key=SEVERITIES.index)
        said = f"the assessment failed: {_named(failed)}"
        return _gate("fail", said, severity=worst, failed=len(failed), known=len(counted))
    if missing:
        said = f"the ledger holds no finding about this artefact of {', '.join(missing)}"
    elif expired:
        said = f"older than {terms.evidence_age_days:g} days, or of the future: {_named(expired)}"
    elif not any(one.outcome == "pass" for one in counted):
        said = "nobody stands for it: every finding about this artefact was waived"
    elif opened:
        said = f"without a verdict: {_named(opened)}"
    else:
        age = f"none older than {terms.evidence_age_days:g} days"
        said = f"all {len(counted)} findings about this artefact hold, {age}"
        return _gate("pass", said, known=len(counted))
    return _gate("inconclusive", said, known=len(counted))


def control() -> ControlResult:
    """Whether nothing, an old pass, an open question and a failure are told from a fresh pass."""
    now, terms = datetime(2026, 1, 31, tzinfo=UTC), Terms(evidence_age_days=10.0, require=("a.b",))
    cases: tuple[tuple[str, tuple[Found, ...], Outcome], ...] = (
        ("a fresh pass", (_planted("pass", day=30),), "pass"),
        ("no finding", (), "inconclusive"),
        ("a pass of three weeks ago", (_planted("pass", day=10),), "inconclusive"),
        ("an open finding", (_planted("inconclusive", day=30),), "inconclusive"),
        ("a failure", (_planted("fail", day=30, severity="critical"),), "fail"),
    )
    for name, facts, expected in cases:
        said = judged(facts, terms=terms, fail_on="high", now=now).outcome
        if said != expected:
            detail = f"{name} was called {said}, and is {expected}"
            return ControlResult(passed=False, detail=detail)
    return ControlResult(passed=True, detail=f"{len(cases)} planted records judged right")


def _planted(outcome: Outcome, *, day: int, severity: Severity = "none") -> Found:
    return Found(
        finding="a.b@planted",
        outcome=outcome,
        severity=severity,
        evidence="",
        subjects=(),
        when=f"2026-01-{day:02}T00:00:00Z",
    )


def _when(one: Found) -> datetime:
    return datetime.fromisoformat(one.when)


def _named(found: Sequence[Found]) -> str:
    first = ", ".join(one.finding for one in found[:_NAMED])
    return first if len(found) <= _NAMED else f"{first} and {len(found) - _NAMED} more"


def _gate(
    outcome: Outcome, reason: str, *, severity: Severity = "none", failed: int = 0, known: int
) -> Gate:
    return Gate(
        outcome=outcome,
        reason=reason,
        severity=severity,
        counts={"failed-findings": failed, "known-findings": known},
    )
