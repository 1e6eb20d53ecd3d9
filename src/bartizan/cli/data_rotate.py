"""`bartizan data rotate`: seal a sealed file anew, for others."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import keys
from bartizan.crypto.sealing import rotate

NAME = "rotate"
HELP = (
    "Seal a sealed file anew, in its own place, without its content ever meeting the disk. Old "
    "copies still open with the old key. An age file does not tell who its recipients are, so "
    "name all of the new ones."
)
EPILOG = (
    "Example: bartizan data rotate train.csv.age --identity old.key --to age1...\n\n"
    "Example: bartizan data rotate train.csv.age --passphrase env:OLD --new-passphrase env:NEW\n\n"
    "Exit codes: 0 done, 2 wrong key or passphrase, or no sealed file, 4 the sealed file was "
    "changed or cut off, or others can read the key; it stays as it was whenever the code is "
    "not 0"
)


def command(
    path: Annotated[Path, typer.Argument(help="The sealed file; it is replaced.")],
    *,
    identity: keys.Identity = None,
    passphrase: keys.PassphraseFrom = None,
    to: keys.To = None,
    new_passphrase: keys.NewPassphrase = None,
    as_json: keys.AsJson = False,
) -> None:
    """Seal one file anew."""
    key = keys.key_of(identity, passphrase=passphrase)
    lock = keys.lock_of(to, passphrase=new_passphrase, flag="--new-passphrase")
    keys.work(
        "sealed anew",
        source=path,
        as_json=as_json,
        act=lambda progress: rotate(path, key=key, lock=lock, progress=progress),
    )
