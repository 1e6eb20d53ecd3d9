"""What a report on clauses shows, before it is put into a format."""

from dataclasses import dataclass
from typing import Final

from bartizan.core.compliance import (
    AuditState,
    ClauseState,
    ClauseStatus,
    ComplianceReport,
    ControlState,
    FrameworkState,
    Link,
    OpenFinding,
)

STATUSES: Final[tuple[ClauseStatus, ...]] = (
    "evidence failing",
    "no evidence",
    "evidence present",
    "not applicable",
)
"""In the order of worry."""
TONES: Final = {
    "evidence failing": "fail",
    "no evidence": "not-run",
    "evidence present": "pass",
    "not applicable": "waived",
    "verified": "pass",
    "implemented": "inconclusive",
    "planned": "not-run",
    "absent": "not-run",
    "in force": "pass",
    "changed": "inconclusive",
    "not signed": "not-run",
    "overdue": "fail",
    "missing": "fail",
}
"""Icon and colour of each word; the word always stands beside them."""
CONTROL_WORDS: Final = {
    "verified": "verified by evidence",
    "implemented": "said to be implemented",
    "planned": "planned",
    "absent": "nothing shows it",
}
READING: Final = {
    "Evidence present": "All that is tied to the clause and that evidence can show is shown, by "
    "findings about the models and data as they are now, none too old. Where all of it answers "
    "only a part of the clause, the reason says so. Whether that is enough is for an auditor or a "
    "court to say.",
    "Evidence failing": "At least one finding speaks against a control that answers the clause.",
    "No evidence": "Nothing shows it: it was not tested, the evidence grew old, the model was "
    "changed, or no program can see it. Never read it as a pass, nor as proof of a fault.",
    "Not applicable": "Somebody says so, or the description of the system does, with a reason.",
    "Expires": "The day on which the first piece of evidence is too old, or a text is due.",
    "Control": "One thing that must be so, in plain words, in a catalogue of our own. Clauses of "
    "many frameworks ask for the same controls.",
    "Relationship": "subset: the control asks for less than the clause; superset: for more; "
    "intersects: they share a part; equal: the same. It is a reading: that of Bartizan, or of the "
    "project where it says so.",
}


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One control, and the open findings that speak against it."""

    control: ControlState | None
    """None = no control of the catalogue names these findings."""
    findings: tuple[OpenFinding, ...]

    @property
    def worst(self) -> str:
        """The worst outcome among them, as a tone."""
        return "fail" if any(one.outcome == "fail" for one in self.findings) else "inconclusive"


def causes(report: ComplianceReport) -> tuple[Cause, ...]:
    """Open findings by root cause: each stands under the first control that it speaks against."""
    states = {one.id: one for one in report.controls}
    grouped: dict[str, list[OpenFinding]] = {}
    for one in report.findings:
        grouped.setdefault(one.controls[0] if one.controls else "", []).append(one)
    return tuple(
        Cause(control=states.get(name), findings=tuple(found)) for name, found in grouped.items()
    )


def counts(*frameworks: FrameworkState) -> dict[ClauseStatus, int]:
    """How many clauses have each status, in the order of worry; each is counted once."""
    return {word: sum(one.counted(word) for one in frameworks) for word in STATUSES}


def control_word(one: ControlState) -> str:
    """How a control stands: what speaks against it goes before what is said of it."""
    return "failing" if one.failing else CONTROL_WORDS[one.status]


def control_tone(one: ControlState) -> str:
    """Icon and colour of that word."""
    return "fail" if one.failing else TONES[one.status]


def audit_word(one: AuditState) -> str:
    """How an audit stands: one that nobody ever did has its own word."""
    return one.word


def audit_tone(one: AuditState) -> str:
    """Icon and colour of that word."""
    return "fail" if one.overdue else TONES["in force"]


def headline(report: ComplianceReport) -> str:
    """What somebody reads who reads nothing else."""
    found = counts(*report.frameworks)
    apply = sum(found.values()) - found["not applicable"]
    failed = [one for one in report.findings if one.outcome == "fail" and one.waived is None]
    late = sum(one.overdue for one in report.findings)
    were = "finding failed and is" if len(failed) == 1 else "findings failed and are"
    return (
        f"On {report.day}, evidence is present for {found['evidence present']} of {apply} clauses "
        f"that apply, and failing for {found['evidence failing']}; for {found['no evidence']} "
        f"there is none. {len(failed)} {were} open, {late} of them overdue."
    )


def answers(clause: ClauseState) -> tuple[str, ...]:
    """Who or what answers a clause, each with its relationship and the reason."""
    return (
        *(f"{one.control} ({_read(one)}): {one.why}" for one in clause.links),
        *(
            f"{one.by} {one.kind}".strip() + f" ({one.relationship}): {one.why}"
            for one in clause.backed
        ),
    )


def _read(link: Link) -> str:
    """How a control stands to a clause; who says so, where it is not Bartizan."""
    return f"{link.relationship}{'' if link.by == 'Bartizan' else f', as {link.by} reads it'}"
