"""The sections of the project file, as a person writes them."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from bartizan.core.attacker import Access, Attacker, Direction, NormName, Reach
from bartizan.core.record import UserInput
from bartizan.core.schema import Feature, FeatureType, Label

Profile: TypeAlias = Literal["quick", "standard", "thorough"]
Role: TypeAlias = Literal["train", "test", "reference"]
FailOn: TypeAlias = Literal["low", "medium", "high", "critical"]

Text = Annotated[
    str, Meta(pattern=r"^[^\x00-\x1f\x7f]+$", description="text without control characters")
]
Name = Annotated[
    str,
    # finding ids are `entry@subject#attacker`, and `*` reads as a pattern
    Meta(pattern=r"^[^@#*\x00-\x1f\x7f]+$", description="a name without @, # and *"),
]
FindingId = Annotated[
    str,
    Meta(
        pattern=r"^[^@#*\x00-\x1f\x7f]+@[^@#*\x00-\x1f\x7f]+(#[^@#*\x00-\x1f\x7f]+)?$",
        description="the exact id of one finding, such as evasion.coordinate@fraud#anyone",
    ),
]
ClassName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$",
        description="a class with its module, such as my_package.features.MyTransformer",
    ),
]
Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Seed = Annotated[int, Meta(ge=0, le=2**53 - 1)]  # the whole numbers that JSON keeps exactly
Count = Annotated[int, Meta(ge=0, le=10**9)]  # more than any run can ask
PositiveCount = Annotated[int, Meta(ge=1, le=10**9)]


class Project(UserInput, frozen=True, kw_only=True):
    """What the whole file is about."""

    name: Name
    seed: Seed = 0
    """The same seed and the same inputs give the same report."""
    profile: Profile = "standard"
    """How much is tried."""


class EndpointSpec(UserInput, frozen=True, kw_only=True):
    """How to ask a model behind an HTTP address."""

    protocol: Literal["v2", "json"] = "v2"
    """`v2`: the Open Inference Protocol; `json`: a document made from `request`."""
    request: Text | None = None
    """The document as JSON text, with "$rows" or "$records" where the rows belong."""
    response: str = ""
    """Where the scores stand in the answer, such as predictions.*.score"""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    """Credentials by reference: env:NAME or file:PATH."""
    timeout_s: Positive = 30.0
    """For one answer."""
    retries: Count = 4
    """After a lost connection, a timeout, or an answer that means later."""
    per_second: Positive | None = None
    """Most calls a second."""
    batch_rows: PositiveCount = 256
    """Most rows of one question."""
    version: str = ""
    """The version of the model that must answer; empty = the one that answers first."""


class ModelSpec(UserInput, frozen=True, kw_only=True):
    """One model under test."""

    name: Name
    path: Text
    """A file, relative to the project file, `module:factory`, or an http(s) address."""
    task: Literal["classification"] = "classification"
    classes: tuple[Label, ...] | None = None
    """Labels of the model's outputs, in their order; none = the model knows."""
    threshold: Share | None = None
    """Probability of the second class from which on a binary model says so."""
    weights: Text | None = None
    """A file of weights for a torch module that `path` makes, relative to the project file."""
    recipe: Text | None = None
    """How to train the model anew: `module:function`; none = the model says, or nothing does."""
    cost_per_1000: Positive | None = None
    """Money for a thousand answers, where answers are sold."""
    endpoint: EndpointSpec | None = None
    """How to ask, where `path` is an address."""


class DataSpec(UserInput, frozen=True, kw_only=True):
    """One data set."""

    name: Name
    role: Role
    path: Text
    """A file, or a folder of images, relative to the project file."""
    target: str
    """The column with the classes; of images, the array or file of labels, or `folder`."""
    source: str = ""
    """Where the data came from, in words."""
    header: bool = True
    """Whether the first line of the file names the columns."""


class FeatureSpec(UserInput, frozen=True, kw_only=True):
    """Facts about one column. The attackers say who may change it."""

    type: FeatureType = "number"
    min: float | None = None
    max: float | None = None
    categories: tuple[str, ...] = ()
    missing: bool = False
    group: Annotated[str, Meta(min_length=1)] | None = None
    personal: bool = False
    identifier: bool = False

    def feature(self, name: str) -> Feature:
        """The column of that name."""
        return Feature(name=name, **msgspec.structs.asdict(self))


class RelationSpec(UserInput, frozen=True, kw_only=True):
    """A rule that holds in every row of a data set."""

    data: str
    rule: str


class ReachSpec(UserInput, frozen=True, kw_only=True):
    """What an attacker can do to one feature, or to one one-hot group."""

    mutable: bool = True
    direction: Direction = "any"
    cost: Annotated[float, Meta(ge=0)] | None = None

    def reach(self) -> Reach:
        """The same as the attacks know it."""
        return Reach(mutable=self.mutable, direction=self.direction, cost=self.cost)


class AttackerSpec(UserInput, frozen=True, kw_only=True):
    """One attacker: what they see, want, can change and can afford."""

    name: Name
    access: Access = "labels"
    goal: Label = "any"
    protected: tuple[Label, ...] = ()
    norm: NormName | None = None
    eps: Positive | None = None
    money: Positive | None = None
    categories: Count = 1
    queries: PositiveCount | None = None
    feature: dict[str, ReachSpec] = msgspec.field(default_factory=dict)

    def attacker(self, *, fixed: frozenset[str] = frozenset()) -> Attacker:
        """The declared attacker.

        Args:
            fixed: Features that no attacker moves, whatever the file says.
        """
        reaches = {name: spec.reach() for name, spec in self.feature.items() if name not in fixed}
        told = {name: reach for name, reach in reaches.items() if reach != Reach()}
        return Attacker(
            name=self.name,
            access=self.access,
            goal=str(self.goal),
            protected=tuple(str(label) for label in self.protected),
            norm=self.norm,
            eps=self.eps,
            categories=self.categories,
            money=self.money,
            queries=self.queries,
            features=told | {name: Reach(mutable=False) for name in sorted(fixed)},
        )


class Policy(UserInput, frozen=True, kw_only=True):
    """What is acceptable."""

    fail_on: FailOn = "high"
    """The least severity that makes a run fail."""
    formats: tuple[Text, ...] | None = None
    """Model formats that may be loaded; none = every safe one."""
    threshold: dict[str, Share] = msgspec.field(default_factory=dict)
    """Line between pass and fail, by entry id: what the entries measure are shares."""


class LedgerSpec(UserInput, frozen=True, kw_only=True):
    """The log that facts of this project are written to."""

    origin: (
        Annotated[
            str,
            Meta(
                pattern=r"^[^\s+\x00-\x1f\x7f]+$",
                description="a name such as bank.example/fraud, without blanks and +",
            ),
        ]
        | None
    ) = None
    """Name of the log, known to everybody who checks it; none = made from the project's name."""
    key: Text | None = None
    """Its signing key, as env:NAME or file:PATH; none = one is made in the workspace."""
    policy: Text | None = None
    """File that says which witnesses must have signed, relative to the project file."""
    max_age_h: Positive | None = None
    """Hours since witnesses last saw the log, at most."""


class WaiverSpec(UserInput, frozen=True, kw_only=True):
    """A person accepts one finding for a time."""

    finding: FindingId
    owner: Text
    reason: Text
    expires: date
    """Last day it holds."""
