"""`bartizan supply open`: decrypt a sealed model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bartizan.cli import keys
from bartizan.core.errors import UsageError

if TYPE_CHECKING:
    from bartizan.crypto.sealing import Progress, Written

NAME = "open"
HELP = (
    "Decrypt a sealed model. It appears when all of it has been found genuine, and not at all if "
    "it was changed or cut off, or holds links or names that lead elsewhere."
)
EPILOG = (
    "Example: bartizan supply open fraud.tar.age --identity ~/keys/data.key\n\n"
    "Example: bartizan supply open fraud.onnx.age --passphrase env:WORDS --out fraud.onnx\n\n"
    "What ends in .tar.age becomes a folder, which is never overwritten; verify it before it is "
    "used: sealing hides a model, signing says whose it is.\n\n"
    "Exit codes: 0 done, 2 wrong key or passphrase, no sealed file, or place taken, 4 it was "
    "changed or cut off, or others can read the key"
)


def command(
    source: Annotated[Path, typer.Argument(help="The sealed model.")],
    *,
    identity: keys.Identity = None,
    passphrase: keys.PassphraseFrom = None,
    out: Annotated[Path | None, typer.Option(help="Default: the name without its ending.")] = None,
    force: keys.Force = False,
    as_json: keys.AsJson = False,
) -> None:
    """Open one model."""
    from bartizan.crypto.folder_sealing import SUFFIX, unseal_folder  # noqa: PLC0415 (slow to import)
    from bartizan.crypto.sealing import unseal  # noqa: PLC0415 (slow to import)

    folder = source.name.endswith(SUFFIX)
    if out is None and source.suffix != ".age":
        message = f"{source} does not end in .age: say with --out where its content goes"
        raise UsageError(message)
    if folder and force:
        message = "a folder is never overwritten; leave --force out and choose another --out"
        raise UsageError(message)
    key = keys.key_of(identity, passphrase=passphrase)
    place = out or source.with_name(source.name.removesuffix(SUFFIX if folder else ".age"))

    def act(progress: Progress) -> Written:
        if folder:
            return unseal_folder(source, to=place, key=key, progress=progress)
        return unseal(source, to=place, key=key, force=force, progress=progress)

    keys.work("opened", source=source, as_json=as_json, act=act)
