"""Flags that say who a file is sealed for and what opens it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from bartizan.cli import screen
from bartizan.core.errors import UsageError

if TYPE_CHECKING:
    from bartizan.crypto.identity import Key, Lock, Passphrase
    from bartizan.crypto.sealing import Written

_ASK = "ask"

To: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        help="A recipient: age1..., 'ssh-ed25519 ...', or file:PATH or env:NAME with one a line. "
        "Repeat it for several.",
    ),
]
Identity: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--identity",
        help="Where a private key is: a path, file:PATH or env:NAME. Never the key itself.",
    ),
]
PassphraseFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--passphrase",
        help="Where the passphrase is: ask (on the terminal), file:PATH or env:NAME. "
        "Never the passphrase itself.",
    ),
]
NewPassphrase: TypeAlias = Annotated[
    str | None,
    typer.Option("--new-passphrase", help="Where the new passphrase is: as for --passphrase."),
]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


def lock_of(to: Sequence[str] | None, *, passphrase: str | None, flag: str) -> Lock:
    """Who will be able to open a file.

    Raises:
        UsageError: both or neither of recipients and passphrase are named.
    """
    if bool(to) == (passphrase is not None):
        message = f"name who can open the file: either --to (once or more) or {flag}"
        raise UsageError(message)
    if passphrase is not None:
        return passphrase_from(passphrase, twice=True)
    from bartizan.crypto.identity import recipients_of  # noqa: PLC0415 (slow to import)

    return recipients_of(to or ())


def key_of(identity: Sequence[str] | None, *, passphrase: str | None) -> Key:
    """What opens a file.

    Raises:
        UsageError: both or neither of identities and passphrase are named.
    """
    if bool(identity) == (passphrase is not None):
        message = "name what opens the file: either --identity (once or more) or --passphrase"
        raise UsageError(message)
    if passphrase is not None:
        return passphrase_from(passphrase, twice=False)
    from bartizan.crypto.identity import identities_of  # noqa: PLC0415 (slow to import)

    return identities_of(identity or ())


def work(
    what: str, *, source: Path, as_json: bool, act: Callable[[Callable[[int], object]], Written]
) -> None:
    """Do it under a bar, and say what was written."""
    total = source.stat().st_size if source.is_file() else 0
    with screen.measured(what, total=total, quiet=as_json) as progress:
        written = act(progress)
    if as_json:
        facts = {
            "path": str(written.path),
            "size_bytes": written.size_bytes,
            "source_bytes": written.source_bytes,
        }
        import msgspec  # noqa: PLC0415 (slow to import)

        screen.out().print(msgspec.json.encode(facts).decode(), markup=False)
        return
    screen.err().print(
        f"{what} {screen.plain(str(source))}: wrote {screen.plain(str(written.path))} "
        f"({written.size_bytes:,} bytes)"
    )


def passphrase_from(reference: str, *, twice: bool) -> Passphrase:
    """The passphrase that is asked for, or lies where a reference says.

    Args:
        reference: ``ask``, ``env:NAME`` or ``file:PATH``.
        twice: Whether to ask twice: a slip would lock everybody out.

    Raises:
        UsageError: there is no terminal, or the reference leads nowhere.
    """
    from bartizan.crypto.identity import Passphrase, passphrase_of  # noqa: PLC0415 (slow to import)

    if reference != _ASK:
        return passphrase_of(reference)
    if not sys.stdin.isatty():
        message = "there is no terminal to ask on; name env:NAME or file:PATH instead"
        raise UsageError(message)
    given = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != given:
        message = "the two passphrases differ; start again"
        raise UsageError(message)
    return Passphrase(given)
