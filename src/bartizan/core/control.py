"""A control: one thing that must be so for a system to be safe, in plain words."""

from typing import Literal, TypeAlias

from bartizan.core.record import UserInput
from bartizan.core.system import Element, Id

Stage: TypeAlias = Literal[
    "threat", "data", "assess", "harden", "supply", "gateway", "monitor", "respond", "comply"
]
Role: TypeAlias = Literal[
    "data scientist", "data engineer", "security engineer", "operations", "compliance", "owner"
]


class Denial(UserInput, frozen=True, kw_only=True):
    """What is said of an element that cannot have a control."""

    attribute: str
    value: bool | str

    def holds(self, element: Element) -> bool:
        """Whether it is said of this one."""
        return getattr(element, self.attribute) == self.value


class Control(UserInput, frozen=True, kw_only=True):
    """One entry of the catalogue of controls."""

    id: Id
    title: str
    """What is so, as a statement: "Each client's questions are counted and limited"."""
    about: str
    """What that takes, in a sentence or two."""
    stage: Stage
    role: Role
    """Who usually sees to it."""
    verified_by: tuple[str, ...] = ()
    """Catalogue entries whose findings show it, each an id or a family such as `evasion.*`: of
    each there must be a finding that passed, and none that failed. None = a person has to look."""
    facts: tuple[Literal["registered", "signed", "admitted"], ...] = ()
    """Entries of the ledger that show it."""
    denied_by: Denial | None = None
    """Said of an element, it contradicts that the control stands there."""
    command: str = ""
    """What verifies it, as one would type it; empty = no command does."""

    @property
    def seen_by_programs(self) -> bool:
        """Whether evidence of a program can show it; otherwise a person has to look."""
        return bool(self.verified_by or self.facts)
