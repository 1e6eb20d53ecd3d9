"""What `bartizan assess` is about, from flags and the project file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bartizan.adapt import FOLDER_TARGET, Model, load_dataset, load_model
from bartizan.cli.audited import audit_columns
from bartizan.cli.declaration import instead
from bartizan.cli.options import AccessName, NormChoice
from bartizan.config import Config, assumed_eps, find_config, read_config
from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.dataset import Dataset
from bartizan.core.errors import UsageError
from bartizan.workspace import (
    Inputs,
    from_project,
    gathered,
    other_data,
    proposed,
    require_allowed,
)


@dataclass(frozen=True, kw_only=True)
class Flags:
    """The flags that say what is assessed."""

    model: str | None
    data: str | None
    target: str | None
    reference: str | None
    train: str | None
    source: str | None
    time: str | None
    recipe: str | None
    weights: str | None
    header: bool
    audit: tuple[str, ...] = ()
    audit_apart: tuple[str, ...] = ()
    threshold: float | None
    project: Path | None
    unsafe_load_pickle: bool
    access: AccessName | None
    norm: NormChoice | None
    eps: float | None
    protect: tuple[str, ...]
    fixed: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What to assess, and where its evidence belongs."""

    inputs: Inputs
    config: Config | None
    folder: Path


def asked(flags: Flags) -> Asked:
    """Load everything the flags and the project file name.

    Raises:
        UsageError: flags are missing or contradict each other.
        InputError: something cannot be loaded.
    """
    path = flags.project
    if path is None and flags.data is None:
        path = find_config(Path.cwd())
    if path is None:
        return Asked(_from_flags(flags), None, Path.cwd())
    config = read_config(path)
    folder = path.resolve().parent
    return Asked(_from_config(flags, config, path), config, folder)


def _from_flags(flags: Flags) -> Inputs:
    for name, value in (("--model", flags.model), ("--data", flags.data)):
        if value is None:
            message = (
                f"{name} is missing, and there is no bartizan.toml here; see "
                "`bartizan assess --help`, or write a project file with `bartizan init`"
            )
            raise UsageError(message)
    target = target_of(flags.data or "", target=flags.target)
    table = load_dataset(
        flags.data,
        target=target,
        has_header=flags.header,
        audit=audit_columns(flags.audit, flags.audit_apart),
    )
    return gathered(
        _file(flags, flags.model or ""),
        table,
        target=target,
        reference=flags.reference,
        train=flags.train,
        source=flags.source,
        time=flags.time,
        recipe=flags.recipe,
        attackers=_attackers(flags, table.dataset),
    )


def target_of(data: str, *, target: str | None) -> str:
    """The target that was given; a folder of images needs none.

    Raises:
        UsageError: it is missing.
    """
    if target is not None:
        return target
    if Path(data).is_dir():
        return FOLDER_TARGET
    message = (
        "--target is missing: which column of the data holds the classes? Of images: which array "
        "of the archive, or which file"
    )
    raise UsageError(message)


_DECLARED = (
    *("access", "norm", "eps", "protect", "fixed"),
    *("reference", "train", "source", "time", "recipe", "weights", "target"),
    *("audit", "audit_apart"),
)
"""Flags that say what a project file says."""


def _from_config(flags: Flags, config: Config, path: Path) -> Inputs:
    for name in _DECLARED:
        if getattr(flags, name) not in (None, ()) and not (name == "target" and flags.data):
            raise UsageError(instead(name, getattr(flags, name), config=config, path=path))
    named = flags.model in [model.name for model in config.model]
    if flags.threshold is not None and (named or flags.model is None):
        message = (
            "--threshold and a project file contradict each other; write `threshold` under the "
            "model's [[model]] in bartizan.toml"
        )
        raise UsageError(message)
    table = None
    if flags.data is not None:
        table = other_data(config, flags.data, target=flags.target, header=flags.header)
    if flags.model is not None and not named:
        require_allowed(config, flags.model)
    return from_project(
        config,
        path.resolve().parent,
        today=datetime.now(UTC).date(),
        model=None
        if named or flags.model is None
        else _file(flags, flags.model, allow=config.supply.allow),
        data=table,
        model_name=flags.model if named else None,
        unsafe_load_pickle=flags.unsafe_load_pickle,
    )


def _file(flags: Flags, place: str, *, allow: tuple[str, ...] = ()) -> Model:
    return load_model(
        place,
        unsafe_load_pickle=flags.unsafe_load_pickle,
        allow=allow,
        threshold=flags.threshold,
        weights=flags.weights,
    )


def _attackers(flags: Flags, data: Dataset) -> tuple[Attacker, ...]:
    """The attacker that the flags describe; none if there are no such flags."""
    described = (flags.access, flags.norm, flags.eps, *flags.protect, *flags.fixed)
    if all(value is None for value in described):
        return ()
    base = proposed(data)
    norm: NormName = flags.norm.value if flags.norm else "Linf"
    eps = flags.eps
    if eps is None:
        eps = assumed_eps(norm, schema=data.schema)
    return (
        msgspec.structs.replace(
            base,
            standing="assumed" if flags.eps is None else "declared",
            norm=norm,
            eps=eps,
            access=flags.access.value if flags.access else base.access,
            protected=flags.protect or base.protected,
            features={**base.features, **{name: Reach(mutable=False) for name in flags.fixed}},
        ),
    )
