"""What a finished run amounts to: the same for the exit code and for `assert_robust`."""

from bartizan.core.finding import SEVERITIES, Finding
from bartizan.core.report import Report


def deciding(report: Report) -> tuple[Finding, ...]:
    """Findings that count: not waived, and not of an assumed weaker or stronger attacker."""
    return tuple(finding for finding in report.findings if finding.decides)


def failing(report: Report) -> tuple[Finding, ...]:
    """Deciding findings that failed at or above the report's `fail_on`."""
    line = SEVERITIES.index(report.fail_on)
    return tuple(
        finding
        for finding in deciding(report)
        if finding.outcome == "fail" and SEVERITIES.index(finding.severity) >= line
    )


def unsettled(report: Report) -> tuple[Finding, ...]:
    """Deciding findings without a verdict. A missing verdict is never a pass."""
    return tuple(f for f in deciding(report) if f.outcome in ("inconclusive", "not-run"))
