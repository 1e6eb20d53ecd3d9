"""What a workspace does to say where a model comes from."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bartizan.config import Config
from bartizan.core.errors import UsageError
from bartizan.core.report import Tool
from bartizan.supply.bom.facts import DataFact, ToolFact
from bartizan.supply.bom.packages import installed
from bartizan.supply.bom.papers import file_sha256
from bartizan.supply.code_state import code_state
from bartizan.supply.provenance import Training, statement
from bartizan.workspace.bom_facts import known_data, model_fact, model_place
from bartizan.workspace.register_verbs import RegisterVerbs


@dataclass(frozen=True, kw_only=True)
class ProvenanceOrder:
    """What is to be said of a training."""

    builder: str
    """URI of what ran it."""
    model: str | None = None
    """A path, or a name in the project file; none = the only model there."""
    config: Config | None = None
    folder: Path = Path()
    """What paths of the project file are relative to."""
    data: Sequence[str] = ()
    """Names in the project file, or paths; none = the data whose role is `train`."""
    params: Mapping[str, Any] = field(default_factory=dict)
    code: Path | None = None
    """A folder of the git repository; none = nothing is said of the code."""
    environment: Path | None = None
    """``site-packages`` of the training; none = of this process."""
    python: str = ""
    """Version of Python of that environment, where it is not this process."""
    ignored: Sequence[str] = ()
    """Paths in the model's folder that are no part of it."""
    invocation: str = ""
    started: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """A statement, ready to be written or signed."""

    raw: bytes
    training: Training


def training_provenance(
    order: ProvenanceOrder, *, tool: Tool, register: RegisterVerbs | None = None
) -> Provenance:
    """Take the digests of model, data and code, and put them into one statement.

    Args:
        order: What is to be said.
        tool: What writes it.
        register: Of the workspace; none = nothing was registered.

    Raises:
        UsageError: it is not clear which model or which data.
        InputError: something cannot be read.
        TrustError: data is not what was registered, or there is a link in the model.
    """
    path, spec = model_place(order.config, order.model, folder=order.folder)
    model = model_fact(path, spec=spec, ignored=order.ignored)
    training = Training(
        name=model.name,
        root=model.root,
        data=_data(order, register=register),
        builder=order.builder,
        tool=ToolFact(name=tool.name, version=tool.version),
        params=order.params,
        code=None if order.code is None else code_state(order.code),
        packages=installed(order.environment),
        python=order.python or ("" if order.environment else platform.python_version()),
        invocation=order.invocation,
        started=order.started,
        finished=order.finished,
    )
    return Provenance(raw=statement(training), training=training)


def _data(order: ProvenanceOrder, *, register: RegisterVerbs | None) -> tuple[DataFact, ...]:
    """What the model was trained on."""
    config = order.config
    facts = (
        {}
        if config is None
        else {
            one.name: one for one, _ in known_data(config, folder=order.folder, register=register)
        }
    )
    if order.data:
        return tuple(facts.get(name) or _file(name) for name in dict.fromkeys(order.data))
    found = tuple(one for one in facts.values() if one.role == "train")
    if not found:
        message = (
            'which data was the model trained on? Declare it with role = "train" in the project '
            "file, or name it with --data"
        )
        raise UsageError(message)
    return found


def _file(place: str) -> DataFact:
    """Data that the project file does not name."""
    path = Path(place)
    return DataFact(name=path.name, role="train", sha256=file_sha256(path))
