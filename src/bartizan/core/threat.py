"""What could go wrong with a described system, how bad it is, and what is to be done."""

from typing import Literal, TypeAlias

from bartizan.core.attacker import Access
from bartizan.core.finding import Taxonomy
from bartizan.core.known import Looked, Proof
from bartizan.core.record import Record
from bartizan.core.report import Tool
from bartizan.core.risk import Factors
from bartizan.core.system import Choice, ControlStatus, System

Standing: TypeAlias = Literal["open", "mitigated", "accepted", "transferred", "dismissed"]
"""`mitigated`: all controls that it asks for are shown and the attack was tried in vain, or those
that are shown bring it down to low; the next three are somebody's decision, as long as it holds."""


class Countermeasure(Record, frozen=True, kw_only=True):
    """A control, at one element, against one threat."""

    control: str
    title: str
    status: ControlStatus
    owner: str
    """Who sees to it: what the project says, else the role that usually does."""
    stage: str
    """Of the life cycle: the stage of Bartizan that it belongs to."""
    command: str
    """What verifies it; empty = no command does, somebody has to look."""
    lowers: Literal["likelihood", "detection"]
    by: int
    proofs: tuple[Proof, ...] = ()
    looked: Looked | None = None
    """Who looked, where no program can."""
    due: str = ""


class Ruling(Record, frozen=True, kw_only=True):
    """What somebody decided about a threat."""

    choice: Choice
    who: str
    why: str
    expires: str
    holds: bool
    """False = its last day is over, and the threat counts again."""


class Threat(Record, frozen=True, kw_only=True):
    """One rule at one element."""

    id: str
    """`rule@element`: it stays when the description around it changes, and so do decisions."""
    rule: str
    element: str
    title: str
    about: str
    consequence: str
    family: str
    layer: str
    phase: str
    stride: tuple[str, ...]
    harms: tuple[str, ...]
    taxonomy: Taxonomy
    inherent: Factors
    """Without any control."""
    residual: Factors
    """With the controls that evidence shows, and with what findings say of the attack itself."""
    because: tuple[str, ...] = ()
    """What moved the factors here, in words."""
    countermeasures: tuple[Countermeasure, ...] = ()
    tested_by: tuple[str, ...] = ()
    """Catalogue entries that say whether it works here."""
    access: Access | None = None
    """What whoever does it sees of the model; none = that plays no part. A test that was passed
    against somebody who sees less shows nothing."""
    proofs: tuple[Proof, ...] = ()
    """Findings of those entries."""
    standing: Standing = "open"
    ruling: Ruling | None = None
    detect: str
    references: tuple[str, ...]

    @property
    def rests_on(self) -> tuple[Proof, ...]:
        """All findings that say something of it or of its controls; each once, by id."""
        all_ = (*self.proofs, *(two for one in self.countermeasures for two in one.proofs))
        return tuple(one for _, one in sorted({one.finding: one for one in all_}.items()))


class Question(Record, frozen=True, kw_only=True):
    """Something that the description leaves out, and that threats hang on."""

    owner: str
    """`element scoring-api`, `flow a->b`, `asset purchases` or `system`."""
    attribute: str
    text: str
    threats: tuple[str, ...]
    """Threats that there may be, as `rule@element`."""


class Orphan(Record, frozen=True, kw_only=True):
    """Something that was written about a threat or a control which does not occur."""

    what: str
    why: str


class Need(Record, frozen=True, kw_only=True):
    """A security requirement, and whether its controls stand."""

    id: str
    text: str
    owner: str
    status: ControlStatus
    """That of its weakest control."""
    controls: tuple[str, ...]


class ProposedAttacker(Record, frozen=True, kw_only=True):
    """Somebody whom `assess` should run against models."""

    models: tuple[str, ...]
    """Their names under `[[model]]`."""
    name: str
    access: Access
    threats: tuple[str, ...]
    """Those it stands for."""
    why: tuple[str, ...]


class PlanStep(Record, frozen=True, kw_only=True):
    """One thing to do in an incident."""

    phase: Literal["confirm", "contain", "eradicate", "recover", "learn"]
    role: str
    text: str
    command: str = ""


class Playbook(Record, frozen=True, kw_only=True):
    """What is done when a family of threats becomes real."""

    family: str
    title: str
    threats: tuple[str, ...]
    """Of this system, the worst first."""
    triggers: tuple[str, ...]
    """How it is noticed."""
    severity: Literal["low", "medium", "high", "critical"]
    """At which it begins."""
    steps: tuple[PlanStep, ...]
    keep: tuple[str, ...]
    """Evidence to keep before anything is changed."""


class Clock(Record, frozen=True, kw_only=True):
    """A duty to tell somebody, and how long there is."""

    clause: str
    """With its law, such as `GDPR 33(1)`."""
    about: str
    within: str
    """In words, such as `72 hours`; `without delay` where the law names no number."""
    begins: str
    """What starts it: awareness, classification ..."""
    tell: str
    """Whom."""
    applies: str
    """Why it applies to this system, or what must be known to say so."""


class IncidentPlan(Record, frozen=True, kw_only=True):
    """Who does what when something happens."""

    roles: tuple[tuple[str, str], ...]
    """Role, and what it does."""
    severities: tuple[tuple[str, str, str], ...]
    """Severity, what it means, how fast somebody begins."""
    playbooks: tuple[Playbook, ...]
    clocks: tuple[Clock, ...]
    exercises: tuple[tuple[str, str], ...]
    """How often, and what is practised."""


class ThreatModel(Record, frozen=True, kw_only=True, tag_field="schema", tag="threatmodel/1"):
    """Everything that follows from one description; equal descriptions give equal bytes."""

    tool: Tool
    rules: str
    """Digest of the rules."""
    catalogues: tuple[tuple[str, str], ...]
    """Name and version of each catalogue of the field that ids are taken from."""
    system: System
    threats: tuple[Threat, ...]
    """The first to deal with first."""
    questions: tuple[Question, ...] = ()
    needs: tuple[Need, ...] = ()
    attackers: tuple[ProposedAttacker, ...] = ()
    plan: IncidentPlan
    orphans: tuple[Orphan, ...] = ()
    notes: tuple[str, ...] = ()
    """On what laws say of such a system, and what the model does not cover."""

    def threat(self, name: str) -> Threat | None:
        """The threat of that id, if the system has it."""
        return next((one for one in self.threats if one.id == name), None)
