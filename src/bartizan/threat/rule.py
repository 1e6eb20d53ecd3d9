"""A rule: a threat in general, and when a system has it."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from bartizan.core.attacker import Access
from bartizan.core.errors import ConfigError
from bartizan.core.record import UserInput
from bartizan.core.risk import STEPS
from bartizan.core.system import ElementKind
from bartizan.threat.condition import Condition

Stride: TypeAlias = Literal[
    "spoofing", "tampering", "repudiation", "disclosure", "denial", "elevation"
]
Harm: TypeAlias = Literal["confidentiality", "integrity", "availability", "fairness"]
"""What is lost; beside the usual three, equal treatment of people."""
Layer: TypeAlias = Literal["data", "model", "inference", "infrastructure", "supply-chain", "people"]
Phase: TypeAlias = Literal[
    "design", "collection", "training", "testing", "supply", "deployment", "monitoring"
]
Family: TypeAlias = Literal[
    "poisoning",
    "evasion",
    "theft",
    "privacy",
    "artifact",
    "access",
    "availability",
    "quality",
    "fairness",
    "record",
]
"""What is done when it happens: each family has one playbook."""
Step = Annotated[int, Meta(ge=1, le=STEPS)]
Shift = Annotated[int, Meta(ge=-(STEPS - 1), le=STEPS - 1)]


class Adjustment(UserInput, frozen=True, kw_only=True):
    """What makes a threat worse or milder here."""

    when: Condition
    likelihood: Shift = 0
    impact: Shift = 0
    detection: Shift = 0
    why: str


class Remedy(UserInput, frozen=True, kw_only=True):
    """A control of the catalogue, and what it lowers once evidence shows that it works.

    Impact is never lowered: what is at stake stays at stake, unless the system is built otherwise.
    """

    control: str
    lowers: Literal["likelihood", "detection"]
    by: Annotated[int, Meta(ge=1, le=STEPS - 1)] = 1


class Proposal(UserInput, frozen=True, kw_only=True):
    """The attacker that `assess` should run against a model which has this threat."""

    access: Access = "labels"
    decisions_if: Condition | None = None
    """Where this holds, decisions are all that they see; what is not known does not hold."""
    why: str


class Rule(UserInput, frozen=True, kw_only=True):
    """One threat in general. Nothing in it names an element of any system."""

    id: Annotated[str, Meta(pattern=r"^[a-z]+\.[a-z-]+$")]
    """`family.name`, never reused."""
    title: str
    about: str
    """What somebody does, in a sentence or two."""
    consequence: str
    """What comes of it."""
    applies_to: tuple[ElementKind, ...]
    when: Condition
    family: Family
    layer: Layer
    phase: Phase
    stride: tuple[Stride, ...]
    harms: tuple[Harm, ...]
    atlas: tuple[str, ...] = ()
    nist_ai_100_2: tuple[str, ...] = ()
    owasp_ml: tuple[str, ...] = ()
    likelihood: Step
    impact: Step
    detection: Step
    adjust: tuple[Adjustment, ...] = ()
    remedies: tuple[Remedy, ...]
    tested_by: tuple[str, ...] = ()
    """Ids of catalogue entries whose findings say whether it works here; a family as `poison.*`."""
    proposes: Proposal | None = None
    detect: str
    """How somebody would notice."""
    references: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a rule that nobody could check."""
        if not self.references or not self.remedies:
            message = f"rule {self.id} needs a source and a control"
            raise ConfigError(message)
