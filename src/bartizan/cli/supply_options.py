"""What the verbs around signed models share: whom to trust, where facts go, how far it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from bartizan.cli import options, screen
from bartizan.cli.ledger_place import project_of
from bartizan.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from bartizan.supply.signing.trust import Trust
    from bartizan.workspace.ledger import Ledger
    from bartizan.workspace.scan_verbs import ScanVerbs
    from bartizan.workspace.supply_signing import SigningVerbs

_trust = options.panel("Trust")

_CLASS = re.compile(r"\w+(\.\w+)+")
"""A module and a name in it."""

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
    model: Path,
) -> Trust:
    """Whom flags, a policy file or the project file trust: the first of them that says anything.

    Raises:
        UsageError: flags and a file are given; or the project file lies in the model itself.
        ConfigError: nobody is trusted.
    """
    from bartizan.supply.signing.trust import (  # noqa: PLC0415 (slow to import)
        TrustedKey,
        TrustedName,
        TrustPolicy,
        read_policy,
        trusted,
    )

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
    require_outside(model, folder=folder, project=project)
    if config is None:
        message = "who may sign? Name --key, or --root and --identity, or a --policy"
        raise UsageError(message)
    return trusted(config.supply.trust, folder=folder)


def require_outside(model: Path, *, folder: Path, project: Path | None) -> None:
    """Refuse to let a model say what is demanded of it, by a project file that came with it.

    Args:
        model: What is looked at.
        folder: Where the project file lies that was found.
        project: The one that somebody named, and so answers for.

    Raises:
        UsageError: it was found in the model, and nobody named it.
    """
    if project is None and folder.resolve().is_relative_to(model.resolve()):
        message = (
            f"the project in {folder} lies in the model itself, which must not say what is "
            "demanded of it; if the project is yours, name it with --project, or go elsewhere"
        )
        raise UsageError(message)


def allowed_of(
    names: Sequence[str] | None, *, paths: Sequence[Path], project: Path | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes that pickles may make: those of the flags, and those of the project file.

    A project file that merely lies among what is scanned has no say: what somebody sent us must
    not decide what may be in it. Whoever trusts that file names it.

    Returns:
        The names, and what the reader of the report has to know of them.

    Raises:
        UsageError: what is named can be no class.
    """
    for name in names or ():
        if not _CLASS.fullmatch(name):
            message = f"--allow takes a class as pickles name it, module.name, got {name[:100]!r}"
            raise UsageError(message)
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
    from bartizan.workspace.supply_signing import SigningVerbs  # noqa: PLC0415 (slow to import)

    return SigningVerbs(_ledger_of(place, project=project), clock=lambda: datetime.now(UTC))


@contextmanager
def scanning_of(place: Path | None, *, project: Path | None) -> Iterator[ScanVerbs]:
    """The verb `scan`, with a workspace if one is named: what is scanned by the way keeps nothing.

    It is made without the rest of the workspace, which loads libraries for models and tables.
    """
    from bartizan.workspace.scan_verbs import ScanVerbs  # noqa: PLC0415 (slow to import)

    if place is None:
        from bartizan.store import Forgetful  # noqa: PLC0415 (slow to import)

        yield ScanVerbs(Forgetful(), ledger=None, clock=lambda: datetime.now(UTC))
        return
    from bartizan.store import Store  # noqa: PLC0415 (slow to import)

    store = Store.open(place)
    try:
        ledger = _ledger_of(place, project=project)
        yield ScanVerbs(store, ledger=ledger, clock=lambda: datetime.now(UTC))
    finally:
        store.close()


def _ledger_of(place: Path | None, *, project: Path | None) -> Ledger | None:
    """The ledger in a workspace, which is made if need be; none without a project and a place."""
    config, folder = project_of(project)
    if place is None and config is None:
        return None
    from bartizan.crypto.landing import refusals  # noqa: PLC0415 (slow to import)
    from bartizan.workspace.declared_ledger import ledger_settings  # noqa: PLC0415 (slow to import)
    from bartizan.workspace.ledger import Ledger  # noqa: PLC0415 (slow to import)

    root = place or folder / ".bartizan"
    with refusals(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (root / ".gitignore").exists():
            (root / ".gitignore").write_text("*\n")
    return Ledger(root, settings=ledger_settings(config))


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
