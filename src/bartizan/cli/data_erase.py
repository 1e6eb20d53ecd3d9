"""`bartizan data erase`: nobody can show any more what these rows were."""

from typing import Annotated

import typer

from bartizan.cli import data_options, options
from bartizan.cli.ledger_place import AsJson, project_of, tell
from bartizan.workspace import Workspace, ledger_settings

NAME = "erase"
HELP = (
    "Delete the salts of rows of a registered data set. Their hashes stay, so that everything else "
    "can still be proven, but nobody can guess from them what the rows were. Delete the rows from "
    "the data itself too."
)
EPILOG = (
    "Example: bartizan data erase --name month --row 17 --row 2040 --reason 'request 4711'\n\n"
    "Exit codes: 0 erased, 2 no such data set or row, 4 the register or the ledger was altered."
)


def command(
    *,
    name: Annotated[str, typer.Option(help="Of the registered data set.")],
    row: Annotated[list[int], typer.Option(min=0, help="Row id, from 0; repeatable.")],
    reason: Annotated[str, typer.Option(help="Why, without saying what the row was.")],
    by: Annotated[str, typer.Option(help="Who asks for it; default: the user.")] = "",
    project: data_options.Project = None,
    workspace: options.Place = None,
    as_json: AsJson = False,
) -> None:
    """Erase rows."""
    config, folder = project_of(project)
    with Workspace(workspace or folder / ".bartizan", ledger=ledger_settings(config)) as ws:
        facts = ws.data.register.erase(name, row, reason=reason, by=by)
    lines = [
        f"{fact.data}, version {fact.version}: {len(fact.rows):,} rows erased" for fact in facts
    ]
    told = [{"version": fact.version, "rows": list(fact.rows)} for fact in facts]
    tell(lines, facts={"data": name, "erased": told}, as_json=as_json)
