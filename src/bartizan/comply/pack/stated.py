"""Holds what the report of a pack says against the facts of its log.

The facts are all there, so that what was left out of the report is seen as well: a failure that is
the last word on a model of the day is open, and shows no control. What is not looked at here is the
sender's word.
"""

from collections.abc import Iterator
from datetime import date

from bartizan.comply.pack.proven import Facts
from bartizan.core.compliance import ComplianceReport
from bartizan.core.errors import TrustError


def grounded(report: ComplianceReport, facts: Facts | None) -> int:
    """How many findings the report rests on: each stands in the log as the report says it.

    Args:
        report: Of the pack.
        facts: All of its log; none = there is no log.

    Raises:
        TrustError: one does not, or the log says something that the report keeps quiet about.
    """
    signed = _signed(report, facts)
    proofs = {proof for one in report.controls for proof in one.proofs}
    known = {} if facts is None else facts.found
    for one in sorted(proofs, key=lambda proof: (proof.finding, proof.when)):
        if (one.finding, one.outcome, one.evidence, one.when) not in known:
            message = f"the report rests on {one.finding[:100]!a} ({one.outcome}, {one.when})"
            raise _unsaid(message)
    passed = {(finding, when) for finding, outcome, _, when in known if outcome == "pass"}
    for two in report.passed:
        if (two.id, two.when) not in passed:
            message = f"the report says that {two.id[:100]!a} passed on {two.when[:20]}"
            raise _unsaid(message)
    for said, holds in signed:
        if not holds:
            raise _unsaid(said)
    if facts is not None:
        _nothing_kept_quiet(report, facts)
    return len(proofs)


def _signed(report: ComplianceReport, facts: Facts | None) -> Iterator[tuple[str, bool]]:
    """What somebody is said to have signed for, and whether the log says so."""
    audits = set() if facts is None else facts.audits
    texts = set() if facts is None else facts.signed
    for control in report.controls:
        if (seen := control.looked) is not None:
            said = f"the report says that {seen.by[:100]!a} looked at {control.id!a} on {seen.when}"
            yield said, (seen.audit, seen.by, seen.when) in audits
    for audit in report.audits:
        if audit.last:
            said = f"the report says that {audit.by[:100]!a} did {audit.id!a} on {audit.last}"
            yield said, (audit.id, audit.by, audit.last) in audits
    for policy in report.policies:
        for one in policy.signed:
            said = f"the report says that {one.by[:100]!a} signed {policy.id!a} off on {one.when}"
            yield said, one.digest in texts


def _nothing_kept_quiet(report: ComplianceReport, facts: Facts) -> None:
    """Make sure that failures of the day are open, and show no control.

    Raises:
        TrustError: one is left out.
    """
    today = {one.digest for one in report.subjects}
    failed = {
        name: when
        for (_, about), (name, when) in facts.failed.items()
        if about in today and _believed(when, report=report)
    }
    missing = failed.keys() - {one.id for one in report.findings}
    shown = {
        proof.finding: one.id
        for one in report.controls
        if one.status == "verified"
        for proof in one.proofs
        if proof.finding in failed
    }
    for name in sorted(missing | shown.keys()):
        message = f"the log says that {name[:100]!a} failed on {failed[name][:20]}, and the report "
        if name in shown:
            message += f"calls the control {shown[name]!a} verified by it"
        else:
            message += "does not say that it is open"
        raise TrustError(message)


def _believed(when: str, *, report: ComplianceReport) -> bool:
    """Whether a failure counts on the day of the report: none grows old, and none is of later."""
    try:
        return date.fromisoformat(when[:10]) <= date.fromisoformat(report.day)
    except ValueError as error:
        message = f"the report or the log has a day that is none: {error}"
        raise TrustError(message) from error


def _unsaid(message: str) -> TrustError:
    return TrustError(f"{message}, and no fact of the log in this pack says so")
