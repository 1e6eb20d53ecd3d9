"""`bartizan data key`: make an identity that opens sealed files."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from bartizan.cli import keys, screen
from bartizan.crypto.identity import new_identity
from bartizan.crypto.landing import landing

NAME = "key"
HELP = (
    "Make an identity (private key) for sealed files. Only the recipient (public key) is printed; "
    "the identity is written to a file that its owner alone can read."
)
EPILOG = (
    "Example: bartizan data key --out ~/keys/data.key\n\n"
    "Keep the file out of the repository and keep a copy in a safe place: without it, what was "
    "sealed stays shut.\n\n"
    "Exit codes: 0 done, 2 the file exists or cannot be written"
)


def command(
    *,
    out: Annotated[Path, typer.Option(help="Where to write the identity; never overwritten.")],
    as_json: keys.AsJson = False,
) -> None:
    """Write a new identity and print its recipient."""
    text, public = new_identity()
    with landing(out) as file:
        file.write(text.encode())
    if as_json:
        facts = {"path": str(out), "recipient": public}
        screen.out().print(msgspec.json.encode(facts).decode(), markup=False)
        return
    screen.err().print(f"wrote the identity to {screen.plain(str(out))}; its recipient is:")
    screen.out().print(public, markup=False)
