"""`bartizan supply sign`: say of a model that it is ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bartizan.cli import keys, options, supply_options, supply_pen
from bartizan.cli.ledger_place import AsJson, tell

if TYPE_CHECKING:
    from bartizan.supply.signing.signing import Signature

NAME = "sign"
HELP = (
    "Sign a model (OpenSSF Model Signing): every file of it is hashed, and a bundle with the "
    "hashes and the signature is written into its folder (model.sig), or beside its file "
    "(FILE.sig). A model with links is refused."
)
EPILOG = (
    "Example: bartizan supply sign fraud.onnx --key ~/keys/release.pem --version 3\n\n"
    "Example: bartizan supply sign models/fraud --key env:KEY --certificate chain.pem\n\n"
    "Exit codes: 0 signed, 2 bad input or usage, 4 the model contains a link, the certificate "
    "is not valid, or others can read the key"
)


def command(  # noqa: PLR0913 - one parameter for each flag
    model: supply_options.ModelPath,
    *,
    key: Annotated[
        str, typer.Option(help="Where the private key (PEM) is: a path, file:PATH or env:NAME.")
    ],
    passphrase: keys.PassphraseFrom = None,
    certificate: Annotated[
        Path | None,
        typer.Option(help="Certificates (PEM): the key's own, then its issuer's, and so on."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What to call it; default: the file's or folder's name.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="A whole number that grows from one model to the next.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="Path in the folder about which nothing is said; repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the bundle goes.")] = None,
    force: keys.Force = False,
    by: Annotated[str, typer.Option(help="Who signs, for the ledger; default: the user.")] = "",
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    as_json: AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Sign one model."""
    pen = supply_pen.pen_of_key(key, passphrase=passphrase, certificate=certificate)
    verbs = supply_options.verbs_of(workspace, project=project)
    with supply_options.hashing(model, quiet=quiet or as_json) as progress:
        made = verbs.sign(
            model,
            pen=pen,
            name=name,
            version=version,
            ignored=ignore or (),
            to=out,
            force=force,
            by=by,
            progress=progress,
        )
    _tell(made, as_json=as_json)


def _tell(made: Signature, *, as_json: bool) -> None:
    said = made.statement
    lines = [
        f"{said.name}: signed {len(said.manifest.files):,} files",
        f"root    {said.manifest.root}",
        f"signer  {made.signer}",
        f"bundle  {made.path}",
    ]
    facts = {
        "name": said.name,
        "root": said.manifest.root,
        "version": said.version,
        "files": len(said.manifest.files),
        "signer": made.signer,
        "bundle": str(made.path),
        "bundle_digest": made.bundle,
    }
    tell(lines, facts=facts, as_json=as_json)
