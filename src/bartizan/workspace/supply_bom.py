"""What a workspace does to write a bill of materials."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bartizan.config import Config
from bartizan.core.errors import UsageError
from bartizan.core.report import Report, Tool
from bartizan.core.schema import Schema
from bartizan.crypto import safe_file
from bartizan.supply.bom.completeness import Completeness, completeness
from bartizan.supply.bom.declared import DeclaredModel, DeclaredSystem
from bartizan.supply.bom.document import document, written
from bartizan.supply.bom.facts import (
    DataFact,
    Facts,
    Link,
    LinkFact,
    ModelFact,
    SpecVersion,
    ToolFact,
)
from bartizan.supply.bom.packages import installed
from bartizan.supply.bom.papers import Identity, link, paper
from bartizan.supply.bom.parts import Part
from bartizan.supply.signing.place import signature_of
from bartizan.supply.signing.signing import Pen, Signature, sign
from bartizan.workspace.bom_facts import assessed_data, known_data, model_fact, model_place
from bartizan.workspace.register_verbs import RegisterVerbs

_ROLES = ("test", "train", "reference")
"""Whose columns are the model's inputs, if several say what they are."""


@dataclass(frozen=True, kw_only=True)
class BomOrder:
    """What a bill of materials is asked to be of."""

    model: str | None = None
    """A path, or a name in the project file; none = the only model there."""
    config: Config | None = None
    folder: Path = Path()
    """What paths of the project file are relative to."""
    to: Path = Path("bom.cdx.json")
    """Where it will lie: what it points at is relative to its folder."""
    reports: Sequence[Path] = ()
    """Files report.json, of `assess`, `supply scan` and `data check`."""
    links: Sequence[tuple[Link, Path]] = ()
    environment: Path | None = None
    """``site-packages`` of what runs the model; none = of this process."""
    python: str = ""
    """Version of Python of that environment, where it is not this process."""
    ignored: Sequence[str] = ()
    """Paths in the model's folder that are no part of it."""
    spec: SpecVersion = "1.6"
    when: datetime | None = None
    """Written into the document; none = no time is."""


@dataclass(frozen=True, kw_only=True)
class Bom:
    """A bill of materials."""

    document: Part
    raw: bytes
    root: str
    """Of the model, ``sha256:<hex>``."""

    def completeness(self, *, signed: bool) -> Completeness:
        """How much of what a complete one says it says."""
        return completeness(self.document, signed=signed)

    def save(self, path: Path, *, pen: Pen | None, now: datetime) -> Signature | None:
        """Write it, and its signature beside it, under its name and ``.sig``.

        The signature is that of `supply sign` over the file, so `supply verify` checks it.

        Args:
            path: In a folder that exists.
            pen: What signs; none = it is not signed.
            now: With a time zone; goes into the signature, and not into the document.

        Raises:
            UsageError: a signature of another content lies there, and nothing signs this one.
            OutputError: it cannot be written.
        """
        beside = path.with_name(f"{path.name}.sig")
        if pen is None and beside.exists() and not _holds(path, self.raw):
            message = (
                f"{beside} signs what {path} was until now; name a key with --key to sign it "
                "anew, or remove the signature"
            )
            raise UsageError(message)
        safe_file.replace(path, self.raw)
        return None if pen is None else sign(path, pen=pen, now=now, to=beside, force=True)


def _holds(path: Path, raw: bytes) -> bool:
    return path.is_file() and path.read_bytes() == raw


def bill_of_materials(order: BomOrder, *, tool: Tool, register: RegisterVerbs | None = None) -> Bom:
    """Gather what is known, and write it down.

    Args:
        order: What is asked.
        tool: What writes it.
        register: Of the workspace; none = nothing was registered.

    Raises:
        UsageError: it is not clear which model, or the document would lie inside of it.
        InputError: something cannot be read.
        TrustError: a report is about another model, data is not what was registered, or there is
            a link in the model.

    Cost: SHA-256 of the model and of the data, and 1 ms for each installed package.
    """
    path, spec = model_place(order.config, order.model, folder=order.folder)
    _require_outside(order.to, model=path)
    model = model_fact(path, spec=spec, ignored=order.ignored)
    data, schema = _data(order, register=register)
    read = _read(order, model=model, place=path, data=data)
    facts = Facts(
        tool=ToolFact(name=tool.name, version=tool.version),
        model=replace(model, schema=schema),
        data=read.data,
        packages=installed(order.environment),
        python=order.python or ("" if order.environment else platform.python_version()),
        links=read.links,
        reports=read.reports,
        system=DeclaredSystem() if order.config is None else order.config.supply.system,
        declared=_card(order.config, name=model.name),
        project="" if order.config is None else order.config.project.name,
        when=order.when,
    )
    found = document(facts, spec=order.spec)
    return Bom(document=found, raw=written(found), root=model.root)


def _card(config: Config | None, *, name: str) -> DeclaredModel:
    """What was declared of the model."""
    cards = {} if config is None else config.supply.card
    return cards.get(name, DeclaredModel())


def _data(
    order: BomOrder, *, register: RegisterVerbs | None
) -> tuple[tuple[DataFact, ...], Schema | None]:
    """The declared data, and the columns that go into the model.

    They are those of the data it was judged on, else of the data it was trained on.
    """
    if order.config is None:
        return (), None
    found = known_data(order.config, folder=order.folder, register=register)
    ranked = sorted(found, key=lambda one: _ROLES.index(one[0].role))
    schemas = [schema for _, schema in ranked if schema is not None]
    return tuple(fact for fact, _ in found), schemas[0] if schemas else None


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What reports and links came to."""

    data: tuple[DataFact, ...]
    links: tuple[LinkFact, ...]
    reports: tuple[Report, ...]


def _read(order: BomOrder, *, model: ModelFact, place: Path, data: tuple[DataFact, ...]) -> _Read:
    """Read the reports, and take the digests of everything that is pointed at."""
    folder = order.to.parent
    identity = Identity(
        root=model.root,
        files={f"sha256:{one.sha256}" for one in model.files},
        data={f"sha256:{one.sha256}" for one in data} | {one.root for one in data if one.root},
    )
    paths = sorted({path.resolve() for path in order.reports})
    papers = [paper(path, identity=identity, folder=folder) for path in paths]
    reports = tuple(one.report for one in papers if one.about == "model")
    for report in reports:
        data = assessed_data(data, report)
    links = [found for one in papers for found in one.links]
    links += [link(path, kind=kind, folder=folder) for kind, path in order.links]
    signature = signature_of(place)
    if signature.is_file():
        links.append(link(signature, kind="digital-signature", folder=folder))
    return _Read(data=data, links=tuple(dict.fromkeys(links)), reports=reports)


def _require_outside(to: Path, *, model: Path) -> None:
    """A file in the model's folder is part of the model, and would change what it describes."""
    if model.is_dir() and to.parent.resolve().is_relative_to(model.resolve()):
        message = (
            f"{to} lies in the model's folder and would become part of the model; write it "
            "elsewhere with --out"
        )
        raise UsageError(message)
