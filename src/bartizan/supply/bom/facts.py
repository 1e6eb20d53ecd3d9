"""What a bill of materials is made of: facts, each from one input, before they are written down.

Nothing here is derived from a name or guessed: what nobody said and nothing showed stays empty, and
the completeness score says so.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bartizan.core.report import Report
from bartizan.core.schema import Label, Schema
from bartizan.supply.bom.declared import DeclaredData, DeclaredModel, DeclaredSystem

SpecVersion: TypeAlias = Literal["1.6", "1.7"]
Link: TypeAlias = Literal[
    "adversary-model",
    "attestation",
    "certification-report",
    "digital-signature",
    "documentation",
    "dynamic-analysis-report",
    "evidence",
    "formulation",
    "model-card",
    "pentest-report",
    "quality-metrics",
    "risk-assessment",
    "static-analysis-report",
    "threat-model",
    "vulnerability-assertion",
]
"""Kinds of documents that can be pointed at, in the words of CycloneDX: those that say something of
a model's security or quality."""


@dataclass(frozen=True, kw_only=True)
class FileFact:
    """One file of the model."""

    path: str
    """Relative to the model's folder, with slashes; the name where the model is one file."""
    sha256: str
    """64 hexadecimal digits."""
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class ModelFact:
    """The model, as it lies there."""

    name: str
    root: str
    """``sha256:<hex>``: the OMS root digest, the model's one identity."""
    files: tuple[FileFact, ...]
    sha256: str = ""
    """Of a model that is one file, 64 hexadecimal digits; empty = it is a folder."""
    format: str = ""
    """What its content is; empty = not known."""
    task: str = ""
    classes: tuple[Label, ...] = ()
    threshold: float | None = None
    schema: Schema | None = None
    """Of the rows that go in; none = nobody says."""


@dataclass(frozen=True, kw_only=True)
class DataFact:
    """One data set that the model was trained or judged on."""

    name: str
    role: str
    """`train`, `test` or `reference`."""
    sha256: str = ""
    """Of the file, 64 hexadecimal digits; empty = not one file."""
    rows: int | None = None
    columns: int | None = None
    root: str = ""
    """Root of the tree over the salted rows, as the ledger says; empty = not registered."""
    version: int | None = None
    """Of the registered data set."""
    registered: str = ""
    """When, UTC, RFC 3339."""
    source: str = ""
    """Where it came from, in words."""
    target: str = ""
    personal: tuple[str, ...] | None = None
    """Names of columns with personal data; none = nobody says."""
    declared: DeclaredData = field(default_factory=DeclaredData)


@dataclass(frozen=True, kw_only=True)
class PackageFact:
    """One installed Python package."""

    name: str
    """Normalised: lower case, words joined by one dash."""
    version: str
    license: str = ""
    """An SPDX expression, as the package declares it."""
    license_name: str = ""
    """What an older package says in words."""
    record_sha256: str = ""
    """Of the list of its files with their digests (RECORD)."""
    archive_sha256: str = ""
    """Of the archive it was installed from, where the installer wrote that down."""
    needs: tuple[str, ...] = ()
    """Normalised names of packages that it asks for without a condition on extras."""


@dataclass(frozen=True, kw_only=True)
class LinkFact:
    """A document beside the bill of materials."""

    kind: Link
    path: str
    """Relative to the folder of the bill of materials, with slashes."""
    sha256: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class ToolFact:
    """What wrote the bill of materials."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that goes in."""

    tool: ToolFact
    model: ModelFact
    data: tuple[DataFact, ...] = ()
    packages: tuple[PackageFact, ...] = ()
    python: str = ""
    """Version of Python that the packages are installed for; empty = not known."""
    links: tuple[LinkFact, ...] = ()
    reports: tuple[Report, ...] = ()
    """Assessments of exactly this model."""
    system: DeclaredSystem = field(default_factory=DeclaredSystem)
    declared: DeclaredModel = field(default_factory=DeclaredModel)
    project: str = ""
    when: datetime | None = None
    """With a time zone; none = no time is written down."""
