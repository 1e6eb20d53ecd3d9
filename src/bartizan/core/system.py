"""The system around a model, as a person describes it: who, what, where, and what flows.

What is written is a fact; what is left out is not known. An attribute that nobody wrote is never
taken for the safe answer: whoever reads the description asks for it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from bartizan.core.record import UserInput

Trust: TypeAlias = Literal["untrusted", "partner", "internal", "restricted"]
TRUSTS: tuple[Trust, ...] = ("untrusted", "partner", "internal", "restricted")
"""From least to most that is believed of what comes from there."""
ElementKind: TypeAlias = Literal[
    "actor", "process", "store", "model", "pipeline", "api", "registry", "third-party"
]
Classification: TypeAlias = Literal["public", "internal", "confidential", "restricted"]
ControlStatus: TypeAlias = Literal["absent", "planned", "implemented", "verified"]
CONTROL_STATUSES: tuple[ControlStatus, ...] = ("absent", "planned", "implemented", "verified")
"""From least to most. `verified` is nobody's word: evidence gives it."""
Choice: TypeAlias = Literal["accept", "mitigate", "transfer", "false-positive"]

Id = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="an id of lower-case letters, digits, - and _, such as scoring-api",
    ),
]
Words = Annotated[
    str, Meta(pattern=r"^[^\x00-\x1f\x7f]+$", description="text without control characters")
]

Text = Annotated[
    str, Meta(pattern=r"^[^\x00-\x1f\x7f]*$", description="text without control characters")
]
"""The same, or nothing."""


class SystemSpec(UserInput, frozen=True, kw_only=True):
    """What the whole is for: `[system]`."""

    name: Words
    domain: Text = ""
    """Such as payments, e-mail, road traffic, medicine."""
    owner: Text = ""
    """Who answers for it."""
    purpose: Text = ""
    stakes: Literal["low", "moderate", "high", "severe"] | None = None
    """What a wrong decision costs at worst: `severe` = life, freedom, or the whole business."""
    decides_about_people: bool | None = None
    """Whether its decisions have an effect on single persons."""
    creditworthiness: bool | None = None
    """Whether its scores are used to say whether a person is worth credit."""
    health_data: bool | None = None
    """Whether it works on data about people's health."""
    financial_entity: bool | None = None
    """Whether a bank, payment firm or insurer runs it (Regulation (EU) 2022/2554)."""
    essential_entity: bool | None = None
    """Whether an essential or important entity runs it (Directive (EU) 2022/2555)."""
    high_risk: bool | None = None
    """Whether it is a high-risk AI system (Regulation (EU) 2024/1689, article 6)."""
    medical_device: bool | None = None
    """Whether it is a medical device, or a part for its safety (Regulation (EU) 2017/745)."""
    product_with_digital_elements: bool | None = None
    """Whether it is sold as a product that holds software (Regulation (EU) 2024/2847)."""


class Zone(UserInput, frozen=True, kw_only=True):
    """A part of the world in which one rule of trust holds: `[[zone]]`."""

    id: Id
    title: Text = ""
    trust: Trust


class Asset(UserInput, frozen=True, kw_only=True):
    """Data that is worth something to somebody: `[[asset]]`."""

    id: Id
    title: Text = ""
    classification: Classification | None = None
    personal: bool | None = None
    special: bool | None = None
    """Health, beliefs, biometrics and the like (GDPR, article 9)."""
    retention_days: Annotated[int, Meta(ge=0)] | None = None
    data: str = ""
    """Name of the data set under `[[data]]` that it is, if it is one."""


class Element(UserInput, frozen=True, kw_only=True):
    """Somebody or something that takes part: `[[element]]`."""

    id: Id
    kind: ElementKind
    zone: Id
    title: Text = ""
    owner: Text = ""
    holds: tuple[Id, ...] = ()
    """Assets that it keeps."""
    model: str = ""
    """Of a `model`: its name under `[[model]]`, which ties findings to it."""
    technology: tuple[Words, ...] = ()

    role: Literal["attacker", "anonymous", "customer", "partner", "employee", "operator"] | None = (
        None
    )
    """Of an actor: who it is to the owner."""
    gains: bool | None = None
    """Of an actor or third party: whether a wrong decision pays for it."""
    auth: Literal["none", "key", "password", "token", "mtls", "mfa"] | None = None
    """How callers prove who they are."""
    least_privilege: bool | None = None
    """Whether each account can do what its work needs, and no more."""
    rate_limit: Literal["none", "address", "client", "budget"] | None = None
    """What is counted: calls of an address, of a client, or questions of a client in all."""
    input_validation: bool | None = None
    """Whether what comes in is checked against types, ranges and sizes."""
    returns_scores: bool | None = None
    """Whether answers hold scores, and not the decision alone."""
    explanations_exposed: bool | None = None
    """Whether callers are told which features decided."""
    modality: Literal["table", "image", "text", "binary", "log", "signal"] | None = None
    """Of a model: what it looks at."""
    physical_input: bool | None = None
    """Whether a sensor looks at a world that others can arrange."""
    format: Literal["pickle", "onnx", "safetensors", "text", "native", "remote"] | None = None
    """Of a model or registry: what its files are; `pickle` covers joblib and torch archives."""
    pretrained: bool | None = None
    """Whether it began as somebody else's model."""
    details_public: bool | None = None
    """Whether features, architecture or sample data can be read by anybody."""
    affects_people: bool | None = None
    """Whether its decisions have an effect on single persons."""
    human_review: bool | None = None
    """Whether a person looks at decisions before they take effect."""
    retrained: Literal["never", "manual", "scheduled", "continuous"] | None = None
    label_source: Literal["expert", "outcome", "users", "vendor", "automatic"] | None = None
    """Who says what is right: `outcome` = what happened later, such as a disputed payment."""
    feedback_loop: bool | None = None
    """Whether decisions of the model shape the data that it learns from."""
    validation_gate: bool | None = None
    """Whether a new model or data set is tested before it is used, and can be refused."""
    provenance: bool | None = None
    """Whether it is recorded where the data or the model came from."""
    signed: bool | None = None
    """Whether files are signed, and the signature is checked before use."""
    append_only: bool | None = None
    """Whether what is written cannot be changed unnoticed."""
    encrypted: bool | None = None
    """Whether what it keeps is encrypted at rest."""
    secrets: Literal["code", "environment", "vault"] | None = None
    """Where its passwords and keys lie."""
    pinned_dependencies: bool | None = None
    """Whether each package it runs is pinned by version and digest, and checked for known holes."""
    isolated: bool | None = None
    """Whether it runs in a container or machine of its own, without rights over its host."""
    hardened: bool | None = None
    """Whether host and image are patched, and offer nothing that is not needed."""
    egress_limited: bool | None = None
    """Whether it can reach only the addresses that it needs."""
    replicated: bool | None = None
    """Whether another one takes over when it fails."""
    fallback: bool | None = None
    """Whether there is a way to decide without the model."""
    audit_log: bool | None = None
    """Whether it is recorded who did what."""
    monitored: bool | None = None
    """Whether somebody is told when inputs, answers or load are unusual."""
    rollback: bool | None = None
    """Whether the version before can be put back at once."""
    backup: bool | None = None
    """Whether copies lie where an intruder cannot delete them, and restoring was tried."""
    changes_reviewed: bool | None = None
    """Whether somebody else looks at each change of code or settings before it runs."""


_DESCRIBE = frozenset({"id", "kind", "zone", "title", "owner", "holds", "model", "technology"})
ATTRIBUTES: tuple[str, ...] = tuple(
    name for name in Element.__struct_fields__ if name not in _DESCRIBE
)
"""What may be asked of an element."""


class Flow(UserInput, frozen=True, kw_only=True):
    """Something goes from one element to another: `[[flow]]`."""

    source: Id
    target: Id
    title: Text = ""
    carries: tuple[Id, ...] = ()
    """Assets."""
    protocol: Text = ""
    auth: Literal["none", "key", "password", "token", "mtls", "mfa"] | None = None
    encrypted: bool | None = None

    @property
    def id(self) -> str:
        """What reports call it."""
        return f"{self.source}->{self.target}"


class ControlClaim(UserInput, frozen=True, kw_only=True):
    """What the owner says of one control of the catalogue: `[[control]]`."""

    id: Id
    status: Literal["absent", "planned", "implemented"]
    """`verified` cannot be written: the ledger says so."""
    elements: tuple[Id, ...] = ()
    """Where; none = wherever it belongs."""
    owner: Text = ""
    due: date | None = None
    """Of a planned one: by when."""
    audit: Text = ""
    """Id under `[[comply.audit]]`, of a control that no program can see: while that audit is signed
    off and not overdue, the control is shown."""
    note: Text = ""


def weakest(statuses: Iterable[ControlStatus]) -> ControlStatus:
    """What several places come to; none = absent."""
    return min(statuses, key=CONTROL_STATUSES.index, default="absent")


def said_of(claims: Iterable[ControlClaim]) -> ControlStatus:
    """What an owner says of a control all in all: where places differ, the weakest counts."""
    return weakest(one.status for one in claims)


class Requirement(UserInput, frozen=True, kw_only=True):
    """What the system must fulfil to be secure enough: `[[requirement]]`."""

    id: Id
    text: Words
    controls: tuple[Id, ...] = ()
    """Of the catalogue: what fulfils it."""
    owner: Text = ""


class Decision(UserInput, frozen=True, kw_only=True):
    """What somebody decided about one threat: `[[decision]]`."""

    threat: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9.-]+@[a-z0-9][a-z0-9_-]*$",
            description="a threat of the report, such as evasion.decision@scoring-model",
        ),
    ]
    choice: Choice
    who: Words
    why: Words
    expires: date
    """Last day it holds: a risk is never accepted for ever."""


class System(UserInput, frozen=True, kw_only=True):
    """The whole description."""

    system: SystemSpec
    zones: tuple[Zone, ...] = ()
    assets: tuple[Asset, ...] = ()
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()
    controls: tuple[ControlClaim, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def element(self, name: str) -> Element:
        """The element of that id."""
        return next(one for one in self.elements if one.id == name)


def trusted(system: System) -> dict[str, int]:
    """By element: the step of trust of its zone, from 0."""
    steps = {one.id: TRUSTS.index(one.trust) for one in system.zones}
    return {one.id: steps[one.zone] for one in system.elements}


def crosses(flow: Flow, trust: Mapping[str, int]) -> bool:
    """Whether a flow enters a zone of more trust.

    Args:
        flow: Between elements of the system.
        trust: See `trusted`.
    """
    return trust[flow.target] > trust[flow.source]
