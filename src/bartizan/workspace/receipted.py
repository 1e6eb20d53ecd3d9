"""Puts findings and their evidence into the ledger, and the place there into the receipts."""

import msgspec

from bartizan.core.fact import Found
from bartizan.core.report import Report
from bartizan.workspace.ledger import Ledger


def receipted(report: Report, ledger: Ledger | None) -> Report:
    """The same report; its receipts say where in the log each finding stands.

    Args:
        report: With one receipt for each finding, in the same order.
        ledger: None = there is none, and the receipts stay as they are.

    Raises:
        LedgerError: the log was altered.
        OutputError: it cannot be written.
    """
    if ledger is None or not report.findings:
        return report
    subjects = tuple(subject.digest for subject in report.subjects)
    seen = {one.finding: one.access for one in report.evidence}
    facts = [
        Found(
            finding=finding.id,
            outcome=finding.outcome,
            severity=finding.severity,
            evidence=finding.evidence or "",
            subjects=subjects,
            decides=finding.decides,
            waived_until=finding.waived.expires if finding.waived else "",
            access=seen.get(finding.id),
            when=receipt.finished,
        )
        for finding, receipt in zip(report.findings, report.receipts, strict=True)
    ]
    places = ledger.record(facts)
    receipts = tuple(
        msgspec.structs.replace(receipt, place=place)
        for receipt, place in zip(report.receipts, places, strict=True)
    )
    return msgspec.structs.replace(report, receipts=receipts)
