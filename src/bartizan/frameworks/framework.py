"""A published catalogue: what it is, and what stands in it."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from bartizan.core.errors import UsageError
from bartizan.core.record import UserInput

Kind: TypeAlias = Literal[
    "tactic",
    "technique",
    "mitigation",
    "article",
    "annex",
    "recital",
    "function",
    "category",
    "subcategory",
    "control",
    "requirement",
    "section",
    "standard",
    "class",
]
"""What a publisher calls the parts of its catalogue. A sub-technique is a technique below another;
`class` is a kind of attack or weakness."""
Maturity: TypeAlias = Literal["feasible", "demonstrated", "realized"]
"""How far a technique has come, in the words of MITRE ATLAS: thought out, shown, met in the
wild."""
Name = Annotated[str, Meta(pattern=r"^\S(.*\S)?$")]
"""One line, not empty, without blanks at its ends."""
Duration = Annotated[str, Meta(pattern=r"^P([1-9]\d*[DM]|T[1-9]\d*H)$")]
"""A number of hours, days or months, as ISO 8601 writes it: PT72H, P60D, P1M."""
Event: TypeAlias = Literal[
    "awareness",
    "discovery",
    "classification",
    "initial notification",
    "incident notification",
    "intermediate report",
    "end of the year",
    "corrective measure",
]
"""From what a time limit is counted: that somebody noticed an incident or a breach, that it was
called major, that an earlier message was sent, or that something mends it."""


class Start(UserInput, frozen=True, kw_only=True):
    """The day from which a law must be followed by those whom one of its clauses describes."""

    to: Name
    """Id of that clause, in the same catalogue."""
    since: date = field(name="from")


class Clause(UserInput, frozen=True, kw_only=True):
    """One part of a catalogue."""

    id: Name
    """As the publisher spells it; where it gives no id, its name."""
    title: Name
    """The publisher's name of it; our own words where names may not be copied."""
    kind: Kind
    parent: str = ""
    """Id of the clause that it stands under; empty = none."""
    about: str = ""
    """What it is, in our own words; empty = nothing that concerns predictive systems."""
    codes: tuple[Name, ...] = ()
    """The publisher's numbers, where `id` is a name."""
    informs: bool = False
    """Whether it asks nothing of anybody, as dates, fines and scope: it is never counted."""
    high_risk: bool = False
    """Of laws: whether it asks something of high-risk systems only; what stands under it goes with
    it."""
    maturity: Maturity | None = None
    """Of techniques."""
    tactics: tuple[str, ...] = ()
    """Of techniques: ids of the goals that they serve."""
    mitigates: tuple[str, ...] = ()
    """Of mitigations: ids of the techniques that they are published against."""
    generative: bool = False
    """Whether it concerns nothing but language models, agents and other generative systems: it is
    not applicable to a system that predicts."""
    level: Literal[1, 2, 3] | None = None
    """Of requirements: how much assurance they belong to, 3 being the most."""
    applies_from: date | None = None
    """Of laws: the day from which it must be followed; the earliest, where there are several."""
    applies: tuple[Start, ...] = ()
    """Of laws: the days, where they depend on another clause; empty = the same day for all."""
    applies_note: str = ""
    """Of laws: whom it binds, and which exceptions there are."""
    within: Duration | None = None
    """Of duties to tell of an incident: how long it may take at most; none = no number is named."""
    counted_from: Event | None = None
    """Of duties to tell: from what the time runs."""
    told: str = ""
    """Of duties to tell: who is told."""


class Framework(UserInput, frozen=True, kw_only=True):
    """One published catalogue, as it was on one day."""

    schema: Literal["framework/1"]
    id: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    """Stable, whatever its version."""
    title: Name
    version: Name
    as_of: date
    """The day on which this was true."""
    source: Annotated[str, Meta(pattern=r"^https://\S+$")]
    licence: Name
    """What it may be used under; where it forbids to copy, there are only ids, and our words."""
    note: Name
    """What it is, and what was left out and why."""
    clauses: tuple[Clause, ...] = field(name="clause")

    def clause(self, identity: str) -> Clause:
        """One clause.

        Raises:
            UsageError: this version has no clause of that id.
        """
        found = next((clause for clause in self.clauses if clause.id == identity), None)
        if found is None:
            message = (
                f"{self.title} {self.version} has no clause {identity!r}; it may be of another "
                "version: look it up where it was published"
            )
            raise UsageError(message)
        return found

    def of_kind(self, kind: Kind) -> tuple[Clause, ...]:
        """All clauses of one kind, in the order of the catalogue."""
        return tuple(clause for clause in self.clauses if clause.kind == kind)

    def mitigations_of(self, technique: str) -> tuple[Clause, ...]:
        """The mitigations that are published against a technique.

        Those of the technique above it are not among them: a catalogue names what it means.

        Raises:
            UsageError: this version has no clause of that id.
        """
        identity = self.clause(technique).id
        return tuple(clause for clause in self.clauses if identity in clause.mitigates)
