"""`bartizan supply seal`: encrypt a model, a file or a folder, to recipients or a passphrase."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import keys, supply_options

NAME = "seal"
HELP = (
    "Encrypt a model (age format) to one or more recipients, or under a passphrase. A folder "
    "becomes one file, a tar archive inside of age. The source stays."
)
EPILOG = (
    "Example: bartizan supply seal models/fraud --to age1... --to file:team.txt\n\n"
    "Example: bartizan supply seal fraud.onnx --passphrase ask\n\n"
    "Keys are made with bartizan data key; bartizan data rotate seals anew for others.\n\n"
    "Exit codes: 0 done, 2 bad input, place taken or disk full, 4 the folder contains a link, 130 "
    "interrupted; whatever the end, no part of a file is left behind"
)


def command(
    source: supply_options.ModelPath,
    *,
    to: keys.To = None,
    passphrase: keys.PassphraseFrom = None,
    out: Annotated[
        Path | None, typer.Option(help="Default: the name + .age, of a folder + .tar.age.")
    ] = None,
    force: keys.Force = False,
    as_json: keys.AsJson = False,
) -> None:
    """Seal one model."""
    from bartizan.crypto.folder_sealing import SUFFIX, seal_folder  # noqa: PLC0415 (slow to import)
    from bartizan.crypto.oms.measuring import is_folder  # noqa: PLC0415 (slow to import)
    from bartizan.crypto.sealing import seal  # noqa: PLC0415 (slow to import)

    folder = is_folder(source)
    lock = keys.lock_of(to, passphrase=passphrase, flag="--passphrase")
    place = out or source.with_name(source.resolve().name + (SUFFIX if folder else ".age"))
    act = seal_folder if folder else seal
    keys.work(
        "sealed",
        source=source,
        as_json=as_json,
        act=lambda progress: act(source, to=place, lock=lock, force=force, progress=progress),
    )
