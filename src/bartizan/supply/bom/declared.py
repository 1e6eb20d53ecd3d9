"""What only a person can say of a system, its models and its data: `[supply...]` tables."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from bartizan.core.record import UserInput

Words = Annotated[
    str, Meta(pattern=r"^[^\x00-\x1f\x7f]+$", description="text without control characters")
]
Address = Annotated[
    str,
    Meta(
        pattern=r"^(https://|mailto:)[^\s\x00-\x20\x7f\\\"<>^`{|}]+$",
        description="an address such as https://bank.example/security or mailto:ml@bank.example",
    ),
]
"""Addresses are shown as links later: no other scheme, and nothing that no address holds."""
Approach: TypeAlias = Literal[
    "supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised"
]


class DeclaredRisk(UserInput, frozen=True, kw_only=True):
    """An ethical risk of using a model."""

    name: Words
    mitigation: Words = ""


class DeclaredFairness(UserInput, frozen=True, kw_only=True):
    """What a model means for a group of people that it could put at a disadvantage."""

    group: Words
    harms: Words = ""
    benefits: Words = ""
    mitigation: Words = ""


class DeclaredModel(UserInput, frozen=True, kw_only=True):
    """What a person says of one model: `[supply.card.<model>]`."""

    version: Words = ""
    description: Words = ""
    released: Words = ""
    """When it was released, in the person's own words; an ISO date serves everybody."""
    supplier: Words = ""
    """Who delivers it."""
    producer: Words = ""
    """Who trained it."""
    license: Words = ""
    """An SPDX expression, such as Apache-2.0 or LicenseRef-Bank; anything else is a name."""
    approach: Approach | None = None
    """How it learns."""
    architecture: Words = ""
    """The family, such as gradient-boosted trees."""
    training: Words = ""
    """How it was trained, in words."""
    users: tuple[Words, ...] = ()
    use_cases: tuple[Words, ...] = ()
    limitations: tuple[Words, ...] = ()
    tradeoffs: tuple[Words, ...] = ()
    risk: tuple[DeclaredRisk, ...] = ()
    fairness: tuple[DeclaredFairness, ...] = ()


class DeclaredData(UserInput, frozen=True, kw_only=True):
    """What a person says of one data set: `[supply.data.<data>]`."""

    description: Words = ""
    license: Words = ""
    owner: Words = ""
    collected: Words = ""
    """How and when the rows came to be; none = `source` under [[data]], or of the register."""


class DeclaredSystem(UserInput, frozen=True, kw_only=True):
    """What a person says of the system around the models: `[supply.system]`."""

    name: Words = ""
    version: Words = ""
    producer: Words = ""
    description: Words = ""
    """What it does, and for whom."""
    data_flow: Words = ""
    """Which data goes in and out, and from where to where."""
    data_use: Words = ""
    """What becomes of the data that goes in: kept, for how long, trained on."""
    hardware: tuple[Words, ...] = ()
    """What it runs on."""
    controls: tuple[Words, ...] = ()
    """What protects it."""
    standards: tuple[Words, ...] = ()
    """Rules of security that it is held to, by name."""
    security_contact: Address | None = None
    security_policy: Address | None = None
    advisories: Address | None = None
    """Where weaknesses are published."""
    authors: tuple[Words, ...] = ()
    """Who answers for the bill of materials."""
