"""The report of a cleaning."""

from collections.abc import Sequence

from bartizan.core.evidence import Subject
from bartizan.core.finding import Finding
from bartizan.core.report import Coverage, Gap, Report, Tool
from bartizan.core.verdict import overall
from bartizan.data.cleaning.cleaning import Cleaning


def cleaning_report(
    cleaning: Cleaning,
    findings: Sequence[Finding],
    *,
    tool: Tool,
    seed: int,
    gaps: Sequence[Gap] = (),
) -> Report:
    """All findings about one cleaning.

    Args:
        cleaning: What happened.
        findings: The first says which rows left.
        tool: What made it.
        seed: Of everything random.
        gaps: What was not measured.
    """
    data, outcome = cleaning.data, overall(findings)
    reasons = ". ".join(f"{one.title}: {one.reason}" for one in findings[1:])
    headline = f"{data.name}: {findings[0].reason}. {reasons}".strip()
    return Report(
        tool=tool,
        subjects=(
            Subject(
                kind="data",
                name=data.name,
                digest=cleaning.digest,
                digest_kind="sha256",
                detail=f"{cleaning.source.rows:,} rows",
            ),
        ),
        attackers=(),
        outcome=outcome,
        headline=headline if reasons else f"{headline} {gaps[0].why}." if gaps else headline,
        findings=tuple(findings),
        evidence=(),
        coverage=Coverage(
            profile="clean",
            seed=seed,
            rows=0,
            rows_total=cleaning.source.rows,
            rows_protected=0,
            planned=tuple(finding.id for finding in findings),
            gaps=tuple(gaps),
        ),
    )
