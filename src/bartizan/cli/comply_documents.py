"""`bartizan comply documents`: OSCAL for programs, and drafts that a person goes on with."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import supply_options
from bartizan.cli.comply_options import opened
from bartizan.cli.ledger_place import AsJson, tell
from bartizan.report.comply.documents import put_draft, remove_outdated
from bartizan.workspace.evidence_documents import drawn_up

NAME = "documents"
HELP = (
    "Write OSCAL 1.2.1 (catalog, component definition, assessment results, plan of action, "
    "mapping), and drafts of a data protection impact assessment, of technical documentation "
    "(annex IV) and of model cards, filled from evidence as far as it goes."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan comply documents\n\n"
    "bartizan comply documents --out for-the-auditor\n\n"
    "What a person has to write is marked as a gap. A draft that somebody has gone on with is "
    "never overwritten: the later one stands beside it, as NAME.new.md. What an earlier day wrote, "
    "and today does not, is removed.\n\n"
    "Exit codes: 0 written, 2 usage or bad input, 4 the ledger or the store was altered."
)


def command(
    *,
    out: Annotated[Path, typer.Option(help="Folder for what is written.")] = Path("compliance"),
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    as_json: AsJson = False,
) -> None:
    """Write all documents."""
    with opened(project, workspace=workspace) as (ws, config, folder):
        found = ws.comply.report(config, folder=folder)
        files = drawn_up(ws, config, found=found)
    written = {out / name: put_draft(out / name, raw) for name, raw in files.items()}
    removed = remove_outdated(out, written=written.values())
    lines = [_told(path, asked=asked) for asked, path in written.items()]
    lines += [f"removed {path}, which is of an earlier day" for path in removed]
    if found.threats is None:
        lines.append(
            "no system is described, so that there is neither an impact assessment nor technical "
            "documentation, and no risks: bartizan init --system"
        )
    facts = {
        "files": [str(path) for path in written.values()],
        "removed": [str(path) for path in removed],
    }
    tell(lines, facts=facts, as_json=as_json)


def _told(path: Path, *, asked: Path) -> str:
    stays = "" if path == asked else f": {asked.name} was changed by hand, and stays as it is"
    return f"wrote {path}{stays}"
