"""`bartizan data seal`: encrypt a file to recipients or under a passphrase."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import keys
from bartizan.crypto.sealing import seal

NAME = "seal"
HELP = (
    "Encrypt a file (age format) to one or more recipients, or under a passphrase. The source "
    "stays; delete it yourself when you are sure."
)
EPILOG = (
    "Example: bartizan data seal train.csv --to age1... --to file:team.txt\n\n"
    "Example: bartizan data seal train.csv --passphrase ask\n\n"
    "Exit codes: 0 done, 2 bad input, place taken or disk full, 130 interrupted; whatever the "
    "end, no part of a file is left behind"
)


def command(
    source: Annotated[Path, typer.Argument(help="The file to seal.")],
    *,
    to: keys.To = None,
    passphrase: keys.PassphraseFrom = None,
    out: Annotated[Path | None, typer.Option(help="Default: the source's name + .age.")] = None,
    force: keys.Force = False,
    as_json: keys.AsJson = False,
) -> None:
    """Seal one file."""
    lock = keys.lock_of(to, passphrase=passphrase, flag="--passphrase")
    place = out or source.with_name(f"{source.name}.age")
    keys.work(
        "sealed",
        source=source,
        as_json=as_json,
        act=lambda progress: seal(source, to=place, lock=lock, force=force, progress=progress),
    )
