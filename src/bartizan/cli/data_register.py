"""`bartizan data register`: this is what the data is, from now on provably."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import data_options, options, screen
from bartizan.cli.ledger_place import AsJson, tell
from bartizan.core.errors import UsageError
from bartizan.data.register.recording import Registration
from bartizan.workspace import Workspace, ledger_settings

NAME = "register"
HELP = (
    "Fix what a data set is: a hash of every row goes into a tree whose root stands in the ledger. "
    "Registered once more, only appended rows are accepted, unless --allow says otherwise."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan data register --data month.csv --target is_fraud --from 'card system, nightly'\n\n"
    "bartizan data register --name future   (a data set of bartizan.toml)\n\n"
    "bartizan data register --name future --allow relabelled\n\n"
    "Exit codes: 0 registered, 2 usage or bad input, 4 the data is not what was registered before, "
    "or the ledger does not hold."
)


class AllowName(StrEnum):
    """Changes that may be accepted."""

    RELABELLED = "relabelled"
    REWRITTEN = "rewritten"


def command(  # noqa: PLR0913 - one parameter for each flag
    *,
    data: data_options.Data = None,
    name: data_options.Name = None,
    target: data_options.Target = None,
    header: data_options.Header = True,
    origin: Annotated[
        str | None, typer.Option("--from", help="Where the data came from, in words.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who registers it; default: the user.")] = "",
    allow: Annotated[
        list[AllowName] | None,
        typer.Option(help="Accept this change of the version before; repeatable."),
    ] = None,
    unique: data_options.Unique = None,
    time: data_options.Time = None,
    source: data_options.Source = None,
    project: data_options.Project = None,
    seed: options.Seed = None,
    workspace: options.Place = None,
    as_json: AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Register one data set."""
    rules = data_options.rules_of(unique=unique, time=time, source=source)
    asked = data_options.asked(
        data,
        name=name,
        target=target,
        rules=rules,
        header=header,
        project=project,
        now=datetime.now(UTC),
    )
    words = origin if origin is not None else asked.origin
    if not words:
        message = "where does the data come from? Say it in words with --from"
        raise UsageError(message)
    place = workspace or asked.folder / ".bartizan"
    with Workspace(place, ledger=ledger_settings(asked.config)) as ws:
        if not quiet:
            screen.err().print(f"registering {screen.plain(asked.inputs.brief.name)}")
        found = ws.data.register.add(
            asked.inputs,
            source=words,
            by=by,
            allow={one.value for one in allow or ()},
            seed=seed or 0,
        )
    _tell(found, place=place, as_json=as_json)


def _tell(found: Registration, *, place: Path, as_json: bool) -> None:
    fact = found.fact
    lines = [
        f"{fact.data}, version {fact.version}: {fact.rows:,} rows, {_became(found)}",
        f"root   {fact.root}",
        f"ledger {found.place.origin}, entry {found.place.index:,} in {place / 'ledger'}",
    ]
    lines += [
        f"label  {old or '(none)'} -> {new or '(none)'}: {n:,}" for old, new, n in found.moves
    ]
    facts = {
        "data": fact.data,
        "version": fact.version,
        "rows": fact.rows,
        "root": fact.root,
        "change": fact.change,
        "changed": fact.changed,
        "changed_rows": found.changed.tolist(),
        "origin": found.place.origin,
        "index": found.place.index,
    }
    tell(lines, facts=facts, as_json=as_json)


def _became(found: Registration) -> str:
    """What became of the version before, in words."""
    return {
        "first": "registered for the first time",
        "same": "the same as before",
        "appended": f"{found.fact.changed:,} of them appended",
        "relabelled": f"{found.fact.changed:,} of them with another label",
        "rewritten": f"{found.fact.changed:,} of them rewritten",
    }[found.fact.change]
