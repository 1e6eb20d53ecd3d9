"""`bartizan supply verify`: is this the model that was signed, by somebody who may?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bartizan.cli import options, supply_options
from bartizan.cli.ledger_place import AsJson, project_of, tell

if TYPE_CHECKING:
    from bartizan.core.artifact import Artifact, Vouched

NAME = "verify"
HELP = (
    "Check a model against its signature: who signed it, whether they may, and whether every "
    "file is what they signed, with none added, missing, renamed or linked."
)
EPILOG = (
    "Example: bartizan supply verify fraud.onnx --key release.pem.pub\n\n"
    "Example: bartizan supply verify models/fraud --root ca.pem --identity team@bank.example\n\n"
    "Example: bartizan supply verify models/fraud   (trust as in [supply.trust] of bartizan.toml)"
    "\n\nExit codes: 0 it is, 2 usage or what cannot be read, 4 it is not: unsigned, by somebody "
    "else, changed, revoked, or older than one that was seen"
)


def command(  # noqa: PLR0913 - one parameter for each flag
    model: supply_options.ModelPath,
    *,
    key: supply_options.Keys = None,
    root: supply_options.Roots = None,
    identity: supply_options.Identities = None,
    policy: supply_options.PolicyFile = None,
    signature: Annotated[
        Path | None, typer.Option(help="The bundle; default: model.sig in it, or FILE.sig.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What its signer must call it; default: anything.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who asks, for the ledger; default: the user.")] = "",
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    as_json: AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Verify one model."""
    trust = supply_options.trust_of(
        key, roots=root, identities=identity, policy=policy, project=project, model=model
    )
    config, folder = project_of(project)
    if config is not None and workspace is None:
        supply_options.require_outside(model, folder=folder, project=project)
    verbs = supply_options.verbs_of(workspace, project=project)
    with supply_options.hashing(model, quiet=quiet or as_json) as progress:
        found = verbs.verify(
            model, trust=trust, signature=signature, name=name, by=by, progress=progress
        )
    _tell(found, remembered=verbs.remembers, as_json=as_json)


def _tell(found: Vouched[Artifact], *, remembered: bool, as_json: bool) -> None:
    artifact, voucher = found.artifact, found.voucher
    lines = [
        f"{artifact.name}: verified, {len(artifact.digests):,} files are what was signed",
        f"root    {artifact.root}",
        f"signer  {voucher.signer}",
        f"version {voucher.version or '(none)'}, signed {voucher.signed or 'on a day not said'}",
    ]
    lines += [f"NOT SIGNED, could be anything: {name}" for name in voucher.unsigned]
    if not remembered:
        lines.append("no ledger here: whether a newer version was seen before was not asked")
    facts = {
        "name": artifact.name,
        "root": artifact.root,
        "files": len(artifact.digests),
        "signer": voucher.signer,
        "version": voucher.version or None,
        "signed": voucher.signed or None,
        "bundle_digest": voucher.bundle,
        "unsigned": list(voucher.unsigned),
        "versions_compared": remembered,
    }
    tell(lines, facts=facts, as_json=as_json)
