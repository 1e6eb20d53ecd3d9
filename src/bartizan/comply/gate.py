"""The gate: open findings, freshness of evidence, policies and audits, as findings of one run.

What a gate looks at becomes findings, so that one rule says how a run ends, whatever is asked, and
every format shows the same. Nothing is judged twice: this module decides, `core.verdict` counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase

from bartizan.comply.backers import audit_word
from bartizan.comply.baseline import holds
from bartizan.comply.open_findings import subject_of
from bartizan.core.compliance import AuditState, ComplianceReport, OpenFinding, PolicyState
from bartizan.core.finding import SEVERITIES, Finding, Severity, Waived

OPEN, OVERDUE = "comply.finding", "comply.overdue"
FRESH, POLICY, AUDIT = "comply.evidence", "comply.policy", "comply.audit"
TITLES: Mapping[str, str] = {
    OPEN: "Open findings",
    OVERDUE: "Findings are dealt with in time",
    FRESH: "Evidence about each model is there and young enough",
    POLICY: "Policies are in force",
    AUDIT: "Audits were done in time",
}


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What a gate asks for."""

    fail_on: Severity
    """The least severity of a finding that fails."""
    require: Sequence[str] = ()
    """Entries, or families such as `evasion`, that each model has findings of."""
    fresh: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By model of the project, entries of which there are young findings about it as it is now."""
    baseline: Mapping[str, Severity] = field(default_factory=dict)


def gate_findings(report: ComplianceReport, *, demands: Demands) -> tuple[Finding, ...]:
    """One finding for everything that the gate looked at, in the order of what it is.

    Args:
        report: What is so.
        demands: What is asked.
    """
    return (
        *(_open(one, demands=demands) for one in report.findings),
        *(_overdue(one, demands=demands) for one in report.findings if one.overdue),
        *(_evidence(name, report=report, demands=demands) for name in demands.fresh),
        *(_policy(one) for one in report.policies),
        *(_audit(one) for one in report.audits),
    )


def _open(one: OpenFinding, *, demands: Demands) -> Finding:
    """An open finding under its own id, held back by a waiver or by the baseline."""
    waived = one.waived
    if waived is None and holds(one, demands.baseline):
        why = "the baseline lists it, no less severe"
        waived = Waived(owner="baseline", reason=why, expires=one.due, known=True)
    due = f", to be dealt with by {one.due}" if one.due else ""
    return Finding(
        id=one.id,
        entry=one.id.partition("@")[0],
        title=one.id.partition("@")[0],
        subject=subject_of(one.id),
        attacker=one.id.partition("#")[2] or None,
        outcome=one.outcome,
        reason=f"open since {one.since[:10]}{due}",
        severity=one.severity,
        reproduce=one.command,
        waived=waived,
    )


def _overdue(one: OpenFinding, *, demands: Demands) -> Finding:
    """What was not dealt with in time fails, however small it is."""
    worst = max(one.severity, demands.fail_on, key=SEVERITIES.index)
    return Finding(
        id=f"{OVERDUE}@{one.id}",
        entry=OVERDUE,
        title=TITLES[OVERDUE],
        subject=one.id,
        outcome="fail",
        reason=f"{one.id} was to be dealt with by {one.due}, and is open since {one.since[:10]}",
        severity=worst,
        fix="Deal with it, or let somebody answer for it with a [[waiver]].",
        reproduce=one.command,
    )


def _evidence(name: str, *, report: ComplianceReport, demands: Demands) -> Finding:
    """Whether there is young evidence of all that is required about a model as it is now."""
    missing = [want for want in demands.require if not _covered(want, demands.fresh[name])]
    current = any(one.name == name for one in report.subjects)
    oldest = date.fromisoformat(report.day) - timedelta(days=report.evidence_age_days)
    if not current:
        why = "its file cannot be read, or it has none, so that no evidence can be tied to it"
    elif missing:
        why = f"no finding about it as it is now, since {oldest}, of {', '.join(missing)}"
    else:
        why = f"findings about it as it is now, since {oldest}, are there"
    good, fix = current and not missing, "Assess it: `bartizan assess`."
    return _asked(FRESH, subject=name, good=good, why=why, fix=fix)


def _covered(want: str, entries: Iterable[str]) -> bool:
    patterns = (want, f"{want}.*")
    return any(fnmatchcase(entry, pattern) for entry in entries for pattern in patterns)


def _policy(one: PolicyState) -> Finding:
    said = {
        "in force": f"signed off by {_signer(one)}; to be reviewed by {one.review}",
        "changed": "its text was changed after it was signed off",
        "not signed": "nobody has signed it off",
        "overdue": f"its review was due on {one.review}",
        "missing": f"its file {one.path} cannot be read",
    }
    fix = f"`bartizan comply sign-off {one.id} --by NAME --role ROLE`, once it is as it should be."
    return _asked(
        POLICY, subject=one.id, good=one.status == "in force", why=said[one.status], fix=fix
    )


def _signer(one: PolicyState) -> str:
    return f"{one.signed[0].by}, {one.signed[0].role}" if one.signed else "nobody"


def _audit(one: AuditState) -> Finding:
    why = f"{audit_word(one)}; due on {one.due}"
    fix = f"`bartizan comply sign-off {one.id} --by NAME --role ROLE`, once it was done."
    return _asked(AUDIT, subject=one.id, good=not one.overdue, why=why, fix=fix)


def _asked(entry: str, *, subject: str, good: bool, why: str, fix: str = "") -> Finding:
    """Something that is there in time, or is missing: what is missing has no verdict."""
    return Finding(
        id=f"{entry}@{subject}",
        entry=entry,
        title=TITLES[entry],
        subject=subject,
        outcome="pass" if good else "inconclusive",
        reason=why,
        fix="" if good else fix,
    )
