"""`bartizan data open`: decrypt a sealed file."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import keys
from bartizan.core.errors import UsageError
from bartizan.crypto.sealing import unseal

NAME = "open"
HELP = (
    "Decrypt a sealed file. The result appears when all of it has been found genuine, and not "
    "at all if it was changed or cut off."
)
EPILOG = (
    "Example: bartizan data open train.csv.age --identity ~/keys/data.key\n\n"
    "Example: bartizan data open train.csv.age --passphrase env:WORDS --out train.csv\n\n"
    "Exit codes: 0 done, 2 wrong key or passphrase, no sealed file, or place taken, 4 the sealed "
    "file was changed or cut off, or others can read the key"
)


def command(
    source: Annotated[Path, typer.Argument(help="The sealed file.")],
    *,
    identity: keys.Identity = None,
    passphrase: keys.PassphraseFrom = None,
    out: Annotated[Path | None, typer.Option(help="Default: the name without .age.")] = None,
    force: keys.Force = False,
    as_json: keys.AsJson = False,
) -> None:
    """Open one file."""
    if out is None and source.suffix != ".age":
        message = f"{source} does not end in .age: say with --out where its content goes"
        raise UsageError(message)
    key = keys.key_of(identity, passphrase=passphrase)
    place = out or source.with_suffix("")
    keys.work(
        "opened",
        source=source,
        as_json=as_json,
        act=lambda progress: unseal(source, to=place, key=key, force=force, progress=progress),
    )
