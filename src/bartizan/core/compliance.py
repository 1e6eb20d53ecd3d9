"""What shows that clauses of frameworks are answered: evidence, its age, and what is missing.

The word for a clause whose evidence is there is "evidence present". Whether that is enough is for
an auditor or a court to say, and no program prints another word.
"""

from typing import Literal, TypeAlias

from bartizan.core.evidence import Subject
from bartizan.core.finding import Outcome, Severity, Waived
from bartizan.core.known import Looked, Proof
from bartizan.core.record import Record
from bartizan.core.report import Tool
from bartizan.core.system import ControlStatus

ClauseStatus: TypeAlias = Literal[
    "evidence present", "evidence failing", "no evidence", "not applicable"
]
Relationship: TypeAlias = Literal["equal", "subset", "superset", "intersects"]
"""How a control stands to a clause, in the words of OSCAL's mapping model: `subset` = the control
asks for less than the clause, `superset` = for more, `intersects` = they share a part."""
PolicyKind: TypeAlias = Literal[
    "data-handling",
    "model-access",
    "retraining",
    "incident-response",
    "retirement",
    "ai-policy",
    "risk-management",
    "roles",
    "training",
    "suppliers",
    "processing-record",
    "impact-assessment",
    "continuity",
    "other",
]
"""What a text of the organisation lays down: the first five are those that each model needs."""
AuditKind: TypeAlias = Literal[
    "access-review", "log-review", "process-review", "supplier-review", "model-review", "other"
]
Backer: TypeAlias = Literal["policy", "audit", "threat-model"]
Reader: TypeAlias = Literal["Bartizan", "the project"]
"""Who read a clause and says that a control answers it."""


class ControlState(Record, frozen=True, kw_only=True):
    """One control of the catalogue, on one day."""

    id: str
    title: str
    about: str
    stage: str
    owner: str
    status: ControlStatus
    """`verified` by evidence, else what the project says; `absent` where it says nothing."""
    by_evidence: bool
    """Whether evidence can show it at all; otherwise a person has to look."""
    proofs: tuple[Proof, ...] = ()
    """Findings about the models and data of today that are young enough."""
    looked: Looked | None = None
    """Who looked, where no program can."""
    expires: str = ""
    """Day on which the first of them is too old; empty = there is none."""
    command: str = ""
    note: str = ""
    """What the project says of it."""

    @property
    def failing(self) -> bool:
        """Whether a finding speaks against it."""
        return any(one.outcome == "fail" for one in self.proofs)


class Link(Record, frozen=True, kw_only=True):
    """One control that answers one clause, at least in part."""

    control: str
    relationship: Relationship
    why: str
    by: Reader = "Bartizan"
    """Whose reading it is."""


class Backing(Record, frozen=True, kw_only=True):
    """A text, an audit or the threat model that answers one clause, at least in part."""

    by: Backer
    kind: str = ""
    """Of policy or audit."""
    relationship: Relationship
    why: str
    holds: bool
    """Whether there is one, and it is in force, or done in time."""
    said: str
    """Which one, or what is lacking, in a few words."""


class ClauseState(Record, frozen=True, kw_only=True):
    """One clause, on one day."""

    id: str
    title: str
    parent: str = ""
    """Id of the clause it stands under."""
    about: str
    status: ClauseStatus
    reason: str
    """One sentence: why this status."""
    links: tuple[Link, ...] = ()
    backed: tuple[Backing, ...] = ()
    partial: bool = False
    """Whether what is shown answers only a part of it, or of one that stands under it."""
    expires: str = ""
    """Day on which its evidence is too old; empty = it has none, or none is set."""
    applies_from: str = ""
    """Of laws: the day from which it must be followed."""
    applies_note: str = ""

    @property
    def tied(self) -> bool:
        """Whether anything is tied to the clause itself, and not only to what stands under it."""
        return bool(self.links or self.backed)


class FrameworkState(Record, frozen=True, kw_only=True):
    """One framework, on one day."""

    id: str
    title: str
    version: str
    as_of: str
    """The day on which the text of the framework was looked at."""
    source: str
    note: str
    clauses: tuple[ClauseState, ...]

    @property
    def counted_clauses(self) -> tuple[ClauseState, ...]:
        """What is counted: clauses under which no others stand, and those with ties of their own.

        A clause that is only what stands under it would count that twice.
        """
        above = {one.parent for one in self.clauses}
        return tuple(one for one in self.clauses if one.tied or one.id not in above)

    def counted(self, status: ClauseStatus) -> int:
        """How many of the clauses that are counted have a status."""
        return sum(one.status == status for one in self.counted_clauses)


class SignOff(Record, frozen=True, kw_only=True):
    """Somebody answers for exactly this text."""

    by: str
    role: str
    when: str
    digest: str


class PolicyState(Record, frozen=True, kw_only=True):
    """One policy of the organisation, a file."""

    id: str
    kind: PolicyKind
    title: str
    path: str
    owner: str
    digest: str = ""
    """Of the file as it is now; empty = it cannot be read."""
    signed: tuple[SignOff, ...] = ()
    """Of exactly this text, the newest first."""
    status: Literal["in force", "changed", "not signed", "overdue", "missing"]
    """`changed`: an earlier text was signed off, this one was not; `overdue`: its review is."""
    review: str = ""
    """Day by which it is to be looked at again."""


class AuditState(Record, frozen=True, kw_only=True):
    """Something that is looked at on a schedule."""

    id: str
    kind: AuditKind = "other"
    what: str
    every_days: int
    owner: str
    last: str = ""
    """When it was done; empty = never."""
    by: str = ""
    """Who did it, and in which role."""
    due: str = ""
    overdue: bool

    @property
    def word(self) -> Literal["never done", "overdue", "done in time"]:
        """How it stands."""
        if not self.last:
            return "never done"
        return "overdue" if self.overdue else "done in time"


class ThreatState(Record, frozen=True, kw_only=True):
    """A threat of the described system, with what evidence shows."""

    id: str
    title: str
    priority: str
    standing: str


class OpenFinding(Record, frozen=True, kw_only=True):
    """A finding that failed and did not pass since, or that has no verdict."""

    id: str
    outcome: Outcome
    severity: Severity
    since: str
    """When it was first seen and did not pass since, UTC."""
    age_days: int
    due: str
    """Day by which it is to be dealt with, by its severity; empty = none has been set."""
    overdue: bool
    command: str = ""
    """What asks the same again."""
    waived: Waived | None = None
    controls: tuple[str, ...] = ()
    """That it speaks against."""
    threats: tuple[str, ...] = ()
    """That it makes likelier."""


class PassedFinding(Record, frozen=True, kw_only=True):
    """A finding about a model or data set of today that passed."""

    id: str
    when: str
    expires: str
    controls: tuple[str, ...] = ()


class ExpiredWaiver(Record, frozen=True, kw_only=True):
    """Somebody accepted a finding for a time that is over."""

    finding: str
    owner: str
    expired: str


class Left(Record, frozen=True, kw_only=True):
    """A whole framework that the report leaves out."""

    framework: str
    title: str
    why: str
    who: str


class ComplianceReport(
    Record, frozen=True, kw_only=True, tag_field="schema", tag="compliancereport/1"
):
    """What shows what, on one day."""

    tool: Tool
    project: str
    day: str
    """As of which everything here holds, ISO date."""
    evidence_age_days: float
    subjects: tuple[Subject, ...]
    """Models and data of today."""
    controls: tuple[ControlState, ...]
    frameworks: tuple[FrameworkState, ...]
    policies: tuple[PolicyState, ...] = ()
    audits: tuple[AuditState, ...] = ()
    findings: tuple[OpenFinding, ...] = ()
    passed: tuple[PassedFinding, ...] = ()
    expired: tuple[ExpiredWaiver, ...] = ()
    left: tuple[Left, ...] = ()
    """Frameworks that do not apply, with the reason."""
    threats: tuple[ThreatState, ...] = ()
    """Id, residual priority and standing of each threat, if a system is described."""
    warnings: tuple[str, ...] = ()
