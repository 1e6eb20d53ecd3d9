"""`bartizan comply pack`: one signed archive with everything that shows what was found."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import supply_options, supply_pen
from bartizan.cli.comply_options import opened
from bartizan.cli.ledger_place import AsJson, tell
from bartizan.comply.pack.places import save_archive, save_folder
from bartizan.comply.pack.signature import KeySigner
from bartizan.workspace.evidence_pack import PackOrder, evidence_pack

NAME = "pack"
HELP = (
    "Pack reports, threats, OSCAL, policies, and every fact of the ledger with its proof and its "
    "evidence into one signed archive, which anybody can check offline."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan comply pack --out evidence.tar\n\n"
    "bartizan comply pack --key audit.pem --include bom.cdx.json --out evidence.tar\n\n"
    "Check it with: bartizan comply verify evidence.tar --key KEY\n\n"
    "Exit codes: 0 written, 2 usage or bad input, 4 the ledger or the store was altered."
)


def command(
    *,
    out: Annotated[
        Path, typer.Option(help="The archive to write; a name without .tar is a folder.")
    ] = Path("evidence.tar"),
    key: supply_pen.Key = None,
    passphrase: Annotated[
        str | None, typer.Option(help="Where the key's passphrase is: env:NAME or file:PATH.")
    ] = None,
    include: Annotated[
        list[Path] | None,
        typer.Option(help="Another file, such as a bill of materials; repeatable."),
    ] = None,
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    as_json: AsJson = False,
) -> None:
    """Make one pack."""
    pen = supply_pen.pen(key, passphrase=passphrase)
    signer = None if pen is None else KeySigner(pen.key)
    with opened(project, workspace=workspace) as (ws, config, folder):
        order = PackOrder(config=config, folder=folder, include=include or ())
        made = evidence_pack(ws, order, signer=signer)
    save = save_archive if out.suffix == ".tar" else save_folder
    save(made.files, to=out)
    flag = "PUBLIC-KEY.pem" if pen else f"'{made.signer}'"
    tell(
        [
            (
                f"wrote {out}: {len(made.files):,} files, {made.facts:,} facts of the ledger with "
                f"proofs, {made.evidence:,} records of evidence"
            ),
            *(f"not in it, the text of the policy {one}" for one in made.left),
            "signed with the key you named" if pen else "signed with the key of the ledger",
            f"check it with: bartizan comply verify {out} --key {flag}",
        ],
        facts={
            "pack": str(out),
            "files": len(made.files),
            "facts": made.facts,
            "evidence": made.evidence,
            "policies_left_out": list(made.left),
            "key": made.signer,
        },
        as_json=as_json,
    )
