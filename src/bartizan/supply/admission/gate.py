"""What one of the questions of admission came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bartizan.core.entry import Entry
from bartizan.core.finding import Finding, Flagged, Measure, Outcome, Severity, Threshold


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One answer."""

    outcome: Outcome
    reason: str
    severity: Severity = "none"
    counts: Mapping[str, int] = field(default_factory=dict)
    """By name of a measure; the first one decides."""
    flagged: tuple[Flagged, ...] = ()


def finding_of(entry: Entry, gate: Gate, *, name: str, reproduce: str) -> Finding:
    """An answer as a finding.

    Args:
        entry: The question.
        gate: The answer.
        name: Of the artefact.
        reproduce: The command that asks again.
    """
    measure, op, value = entry.threshold
    return Finding(
        id=f"{entry.id}@{name}",
        entry=entry.id,
        title=entry.title,
        subject=name,
        outcome=gate.outcome,
        reason=gate.reason,
        severity=gate.severity,
        threshold=Threshold(measure=measure, op=op, value=value, source="policy"),
        measures=tuple(
            Measure(name=key, value=float(count), unit="count")
            for key, count in gate.counts.items()
        ),
        flagged=gate.flagged,
        taxonomy=entry.taxonomy,
        fix=entry.fix,
        reproduce=reproduce,
    )
