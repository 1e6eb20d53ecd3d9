"""`bartizan ledger prove`: one row, or one entry, for somebody who has only the log's key."""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import data_options, options
from bartizan.cli.ledger_place import AsJson, project_of, tell
from bartizan.core.errors import UsageError
from bartizan.crypto.safe_file import replace
from bartizan.workspace import Workspace, ledger_settings, row_evidence

NAME = "prove"
HELP = (
    "Write a file that shows one row of a registered data set, or one entry of the log, and "
    "nothing else. Anybody who knows the log's key can check it, without the data and offline."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan ledger prove --name month --data month.csv --row 12 --out row-12.proof\n\n"
    "bartizan ledger prove --entry 3 --out entry-3.proof\n\n"
    "Check it with: bartizan ledger verify --proof row-12.proof --key VERIFIER-KEY\n\n"
    "Exit codes: 0 written, 2 no such row or entry, 4 the row is not what was registered."
)


def command(
    *,
    name: Annotated[str | None, typer.Option(help="Of the registered data set.")] = None,
    data: data_options.Data = None,
    row: Annotated[int | None, typer.Option(min=0, help="Row id, from 0.")] = None,
    entry: Annotated[int | None, typer.Option(min=0, help="Position in the log.")] = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("entry.proof"),
    project: data_options.Project = None,
    workspace: options.Place = None,
    as_json: AsJson = False,
) -> None:
    """Prove one thing."""
    config, folder = project_of(project)
    if (row is None) == (entry is None) or (row is not None and name is None):
        message = "what is to be shown? --name with --row, or --entry"
        raise UsageError(message)
    with Workspace(workspace or folder / ".bartizan", ledger=ledger_settings(config)) as ws:
        register, ledger = ws.data.register, ws.ledger
        if ledger is None:  # a workspace in a folder has one
            raise AssertionError
        if row is not None and name is not None:
            place: Path | str | None = data
            if place is None and config is not None:
                place = folder / config.named_data(name).path
            if place is None:
                message = "--data is missing: the rows are kept nowhere but in the data itself"
                raise UsageError(message)
            raw = register.show(name, place, row=row)
        else:
            index = entry or 0
            raw = row_evidence(None, fact=ledger.entry(index), index=index, ledger=ledger)
        key = ledger.verifier_key().text()
    replace(out, raw)
    tell(
        [f"wrote {out}", f"check it with: bartizan ledger verify --proof {out} --key '{key}'"],
        facts={"proof": str(out), "key": key},
        as_json=as_json,
    )
