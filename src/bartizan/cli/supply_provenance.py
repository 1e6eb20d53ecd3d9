"""`bartizan supply provenance`: which data, code and parameters became this model."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bartizan.cli import keys, supply_options, supply_pen
from bartizan.cli.ledger_place import AsJson, project_of, read_file, tell
from bartizan.cli.workspace_place import workspace_beside
from bartizan.core.errors import UsageError

if TYPE_CHECKING:
    from bartizan.supply.provenance import Training

NAME = "provenance"
HELP = (
    "Write down what a model was trained from: registered data, commit of the code, parameters "
    "and packages, as an in-toto statement (SLSA provenance v1). With --key it is signed."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan supply provenance --builder https://ci.bank.example/train --params params.toml "
    "--code .\n\n"
    "bartizan supply provenance model.skops --data train.csv --builder urn:bank:laptop "
    "--key signing.pem\n\n"
    "Exit codes: 0 written, 2 usage or bad input, 4 the data is not what was registered."
)
_PARAMS_BYTES = 1 << 20
"""Of a file of parameters: some thousands of them."""


def command(  # noqa: PLR0913 - one parameter for each flag
    model: Annotated[
        str | None,
        typer.Argument(help="File or folder of the model, or its name in bartizan.toml."),
    ] = None,
    *,
    builder: Annotated[str, typer.Option(help="URI of what ran the training.")],
    data: Annotated[
        list[str] | None,
        typer.Option(
            help="Data set of bartizan.toml, or a file; repeatable. Default: all that "
            "have the role train."
        ),
    ] = None,
    params: Annotated[
        Path | None, typer.Option(help="Parameters of the training, JSON or TOML.")
    ] = None,
    code: Annotated[
        Path | None, typer.Option(help="A folder of the git repository with the code.")
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(help="site-packages of the training; default: this Python's."),
    ] = None,
    python: Annotated[str, typer.Option(help="Version of Python of --environment.")] = "",
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="A path in the model's folder that is no part of it; repeatable."),
    ] = None,
    invocation: Annotated[str, typer.Option(help="What the builder calls this run.")] = "",
    started: Annotated[str | None, typer.Option(help="RFC 3339, with a time zone.")] = None,
    finished: Annotated[str | None, typer.Option(help="RFC 3339, with a time zone.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Default: provenance.json; signed, provenance.sigstore.json."),
    ] = None,
    key: supply_pen.Key = None,
    passphrase: keys.PassphraseFrom = None,
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    as_json: AsJson = False,
) -> None:
    """Write one statement."""
    from bartizan.crypto import safe_file  # noqa: PLC0415 (slow to import)

    config, folder = project_of(project)
    pen = supply_pen.pen(key, passphrase=passphrase)
    with workspace_beside(workspace, folder=folder, config=config) as ws:
        found = ws.supply.provenance(
            model,
            builder=builder,
            config=config,
            folder=folder,
            data=data or (),
            params={} if params is None else read_params(params),
            code=code,
            environment=environment,
            python=python,
            ignored=ignore or (),
            invocation=invocation,
            started=_moment(started, flag="--started"),
            finished=_moment(finished, flag="--finished"),
        )
    to = out or Path("provenance.json" if pen is None else "provenance.sigstore.json")
    safe_file.replace(to, found.raw if pen is None else pen.bundle(found.raw).encode())
    _tell(found.training, to=to, signed=pen is not None, as_json=as_json)


def _tell(training: Training, *, to: Path, signed: bool, as_json: bool) -> None:
    code = training.code
    said = "not said (--code)" if code is None else code.commit
    if code is not None and code.changed:
        said += f", {code.changed} files changed since"
    lines = [
        f"wrote {to}{', signed' if signed else ''}",
        f"model  {training.root}",
        *(f"data   {one.name}  {one.root or 'sha256:' + one.sha256}" for one in training.data),
        f"code   {said}",
    ]
    facts = {
        "path": str(to),
        "signed": signed,
        "model": training.root,
        "data": {one.name: one.root or f"sha256:{one.sha256}" for one in training.data},
        "commit": None if code is None else code.commit,
        "dirty": None if code is None else code.changed > 0,
    }
    tell(lines, facts=facts, as_json=as_json)


def read_params(path: Path) -> dict[str, Any]:
    """Parameters of a training from a file.

    Raises:
        UsageError: it cannot be read, or holds no table.
    """
    raw = read_file(path, limit=_PARAMS_BYTES, what="the parameters")
    try:
        text = raw.decode("utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{path} is neither JSON nor TOML (by its suffix): {str(error)[:200]}"
        raise UsageError(message) from error
    if not isinstance(found, dict):
        message = f"{path} holds no table of parameters; write names and values"
        raise UsageError(message)
    return found


def _moment(text: str | None, *, flag: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # the same message as for a moment without a time zone
    message = f"{flag}: expected a moment such as 2026-11-21T12:00:00Z, got {text[:40]!r}"
    raise UsageError(message)
