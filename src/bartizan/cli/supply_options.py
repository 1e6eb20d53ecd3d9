"""What the verbs around signed models share: whom to trust, where facts go, how far it is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Annotated, TypeAlias

import typer

from bartizan.cli import options, screen
from bartizan.cli.ledger_place import project_of
from bartizan.config import Config
from bartizan.core.errors import InputError, UsageError
from bartizan.supply.signing.trust import (
    Trust,
    TrustedKey,
    TrustedName,
    TrustPolicy,
    read_policy,
    trusted,
)
from bartizan.workspace import Workspace, ledger_settings

_trust = options.panel("Trust")

ModelPath: TypeAlias = Annotated[Path, typer.Argument(help="A model: a file, or a folder.")]
Keys: TypeAlias = Annotated[
    list[Path] | None, _trust("--key", help="Public key (PEM) that may sign; repeatable.")
]
Roots: TypeAlias = Annotated[
    list[Path] | None, _trust("--root", help="Certificates (PEM) of an authority; repeatable.")
]
Identities: TypeAlias = Annotated[
    list[str] | None,
    _trust("--identity", help="Name in a certificate of somebody who may sign; repeatable."),
]
PolicyFile: TypeAlias = Annotated[
    Path | None, _trust("--policy", help="Trust policy, TOML or JSON, in place of the flags.")
]
Project: TypeAlias = Annotated[
    Path | None, typer.Option(help="Project file; default: bartizan.toml here or above.")
]
Place: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="Where the ledger is; default: .bartizan beside the project file."
    ),
]


def trust_of(
    keys: Sequence[Path] | None,
    *,
    roots: Sequence[Path] | None,
    identities: Sequence[str] | None,
    policy: Path | None,
    project: Path | None,
) -> Trust:
    """Whom flags, a policy file or the project file trust: the first of them that says anything.

    Raises:
        UsageError: flags and a file are given.
        ConfigError: nobody is trusted.
    """
    flags = bool(keys or roots or identities)
    if flags and policy is not None:
        message = "--policy says whom to trust; leave --key, --root and --identity out"
        raise UsageError(message)
    if policy is not None:
        return trusted(read_policy(policy), folder=policy.resolve().parent)
    if flags:
        said = TrustPolicy(
            key=tuple(TrustedKey(path=str(one)) for one in keys or ()),
            roots=tuple(map(str, roots or ())),
            identity=tuple(TrustedName(name=one) for one in identities or ()),
        )
        return trusted(said, folder=Path.cwd())
    config, folder = project_of(project)
    if config is None:
        message = "who may sign? Name --key, or --root and --identity, or a --policy"
        raise UsageError(message)
    return trusted(config.supply.trust, folder=folder)


def workspace_of(place: Path | None, *, project: Path | None) -> Workspace:
    """The workspace whose ledger remembers; without a project and a place, one that forgets."""
    config, folder = project_of(project)
    beside = _beside(config, folder)
    return Workspace(place or beside, ledger=ledger_settings(config))


def _beside(config: Config | None, folder: Path) -> Path | None:
    return None if config is None else folder / ".bartizan"


@contextmanager
def hashing(model: Path, *, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A bar for the bytes of a model, told from several threads."""
    with screen.measured("hashed", total=_size_bytes(model), quiet=quiet) as progress:
        lock, done = Lock(), 0

        def more(count: int) -> None:
            nonlocal done
            with lock:
                done += count
                progress(done)

        yield more


def _size_bytes(model: Path) -> int:
    """About how much there is to hash; what cannot be read is refused elsewhere."""
    try:
        if model.is_file():
            return model.stat().st_size
        return sum(one.lstat().st_size for one in model.rglob("*") if one.is_file())
    except OSError:
        return 0


def pem_of(path: Path, *, what: str) -> bytes:
    """A small file of certificates.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read {what} {path}: {error.strerror or error}"
        raise InputError(message) from error
