"""Two or three sentences about a data set for somebody who reads nothing else."""

from collections.abc import Sequence

from bartizan.core.finding import SEVERITIES, Finding, Outcome

_NAMED = 3
"""Failures told in the headline; the others follow in the report."""


def headline(findings: Sequence[Finding], *, name: str, rows: int, outcome: Outcome) -> str:
    """Say in plain words whether the data is sound, the worst failure first."""
    deciding = [finding for finding in findings if finding.decides]
    failed = sorted(
        (finding for finding in deciding if finding.outcome == "fail"),
        key=lambda finding: -SEVERITIES.index(finding.severity),
    )
    unclear = [finding for finding in deciding if finding.outcome in ("inconclusive", "not-run")]
    still = f" {len(unclear)} of {len(deciding)} checks are open." if unclear else ""
    if failed:
        told = ". ".join(f"{one.title}: {one.reason}" for one in failed[:_NAMED])
        return f"{name} is not sound: {len(failed)} of {len(deciding)} checks fail. {told}.{still}"
    if outcome == "pass":
        return (
            f"{name} passed all {len(deciding)} checks of its {rows:,} rows. What was not looked "
            "at stands under coverage."
        )
    if not deciding:
        why = "all findings that could decide are waived" if findings else "nothing was looked at"
        return f"No verdict on {name}: {why}."
    first = unclear[0]
    return (
        f"No verdict on {name}: {len(unclear)} of {len(deciding)} checks are open. "
        f"{first.title}: {first.reason}."
    )
