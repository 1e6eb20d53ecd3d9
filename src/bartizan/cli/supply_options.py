"""What the verbs around signed models share: whom to trust, where facts go, how far it is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Annotated, TypeAlias

import typer

from bartizan.cli import options, screen
from bartizan.cli.ledger_place import project_of
from bartizan.core.errors import InputError, UsageError
from bartizan.crypto.landing import refusals
from bartizan.supply.signing.trust import (
    Trust,
    TrustedKey,
    TrustedName,
    TrustPolicy,
    read_policy,
    trusted,
)
from bartizan.workspace.declared_ledger import ledger_settings
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.supply_signing import SigningVerbs

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
Allowed: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", help="A class of your own that pickles may make, module.name. Repeatable."
    ),
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


def allowed_of(
    names: Sequence[str] | None, *, paths: Sequence[Path], project: Path | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes that pickles may make: those of the flags, and those of the project file.

    A project file that merely lies among what is scanned has no say: what somebody sent us must
    not decide what may be in it. Whoever trusts that file names it.

    Returns:
        The names, and what the reader of the report has to know of them.
    """
    config, folder = project_of(project)
    declared = config.supply.allow if config is not None else ()
    named = tuple(names or ())
    if not declared:
        return named, ()
    if project is None and any(folder.is_relative_to(path.resolve()) for path in paths):
        told = (
            "bartizan.toml lies in what is scanned, so that its [supply] allow was not taken; if "
            "the file is yours, name it with --project, or the classes with --allow"
        )
        return named, (told,)
    return (*named, *declared), (f"allowed by the project file: {', '.join(declared)}",)


def verbs_of(place: Path | None, *, project: Path | None) -> SigningVerbs:
    """The verbs, with a ledger that remembers; without a project and a place, one that forgets.

    They are made without the rest of the workspace, which loads libraries for tables.
    """
    config, folder = project_of(project)
    root = place or (None if config is None else folder / ".bartizan")
    ledger = None if root is None else Ledger(root, settings=ledger_settings(config))
    if root is not None:
        with refusals(root):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (root / ".gitignore").exists():
                (root / ".gitignore").write_text("*\n")
    return SigningVerbs(ledger, clock=lambda: datetime.now(UTC))


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
