"""`bartizan init`: look at the data, write the project file."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from bartizan.adapt import load_dataset
from bartizan.cli import options, screen
from bartizan.cli.audited import audit_columns
from bartizan.cli.subject import target_of
from bartizan.config import FILE_NAME, DataSpec, ModelSpec, propose_attacker, write_template
from bartizan.config.read import config_of
from bartizan.config.source import Source
from bartizan.config.spelling import text as quoted
from bartizan.config.write_system import system_template
from bartizan.core.errors import OutputError, UsageError
from bartizan.core.schema import Schema

NAME = "init"
HELP = (
    "Look at labelled rows and write a commented bartizan.toml: what each column holds, who "
    "attacks, and what they can change. Then edit it: the data cannot say who controls what."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan init --data holdout.csv --target is_fraud --model fraud.onnx   (then: assess)\n\n"
    "bartizan init --system   (adds a description of the system; then: bartizan threat)"
)
_AUDIT = "COLUMN[:EDGE,...]"


def command(  # noqa: PLR0913 - one parameter for each flag
    *,
    data: Annotated[
        str | None, typer.Option(help="Labelled rows: CSV, Parquet, NDJSON, or images.")
    ] = None,
    target: Annotated[str | None, typer.Option(help=options.TARGET)] = None,
    model: Annotated[str | None, typer.Option(help="Model file, or module:factory.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="Weights of the torch module that module:factory makes.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the project.")] = None,
    header: Annotated[bool, typer.Option(help="Whether the first line names the columns.")] = True,
    audit: Annotated[
        list[str] | None, typer.Option(metavar=_AUDIT, help="Column whose groups are compared.")
    ] = None,
    audit_apart: Annotated[
        list[str] | None,
        typer.Option(metavar=_AUDIT, help="The same of a column that the model never sees."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write.")] = Path(FILE_NAME),
    system: Annotated[
        bool,
        typer.Option("--system", help="Add a description of the system, for `bartizan threat`."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write the project file, or add a description of the system to it."""
    if data is None:
        if not system:
            message = "name labelled rows with --data, or add a description with --system"
            raise UsageError(message)
        _describe(out, name=name)
        return
    if out.exists() and not force:
        message = f"{out} exists already and may have been edited; --force overwrites it"
        raise UsageError(message)
    target = target_of(data, target=target)
    audits = audit_columns(audit or (), audit_apart or ())
    table = load_dataset(data, target=target, has_header=header, audit=audits)
    found = table.dataset
    counts = tuple(int(count) for count in np.bincount(found.y, minlength=len(found.classes)))
    attacker = msgspec.structs.replace(
        propose_attacker(found.schema, found.classes, counts), standing="declared"
    )
    project = name or Path.cwd().name
    text = write_template(
        project=project,
        models=_models(model, weights=weights, out=out, project=project),
        data=DataSpec(
            name=found.name,
            role="test",
            path=_relative(data, out=out),
            target=target,
            header=header,
        ),
        schema=found.schema,
        warnings=found.notes,
        attackers=(attacker,),
        audits=audits,
    )
    _write(out, text)
    _tell(found.notes, out=out, schema=found.schema)
    if system:
        _describe(out, name=name)


def _describe(out: Path, *, name: str | None) -> None:
    """Add the tables of a system to a project file, which is begun if there is none."""
    said = out.read_text(encoding="utf-8") if out.exists() else ""
    said = said or f"[project]\nname = {quoted(name or Path.cwd().name)}\n"
    config = config_of(Source(file=str(out), text=said))
    if config.system is not None:
        message = f"{out} describes a system already; edit it there"
        raise UsageError(message)
    _write(out, said.rstrip("\n") + "\n" + system_template(config))
    console = screen.err()
    console.print(f"wrote a description of the system into {out}", markup=False)
    console.print("Make it yours, then run: bartizan threat", markup=False)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot write {out}: {error.strerror}; choose another --out"
        raise OutputError(message) from error


def _models(
    model: str | None, *, weights: str | None, out: Path, project: str
) -> tuple[ModelSpec, ...]:
    factory = model is not None and ":" in model and "://" not in model
    if weights is not None and not factory:
        message = "--weights belong to a torch module: name what makes it, --model module:factory"
        raise UsageError(message)
    if model is None:
        return ()
    if ":" in model:
        tensors = None if weights is None else _relative(weights, out=out)
        return (ModelSpec(name=project, path=model, weights=tensors),)
    return (ModelSpec(name=Path(model).stem, path=_relative(model, out=out)),)


def _relative(path: str, *, out: Path) -> str:
    """A path as seen from the project file."""
    return Path(os.path.relpath(path, out.resolve().parent)).as_posix()


def _tell(notes: tuple[str, ...], *, out: Path, schema: Schema) -> None:
    console = screen.err()
    image = schema.image
    what = f"{len(schema.features)} columns"
    if image is not None:
        what = f"images of {image.height} x {image.width} x {image.channels}"
    console.print(f"wrote {out}: {what} and one attacker", markup=False)
    for note in notes:
        console.print(f"note: {note}", markup=False)
    first = "Edit what each attacker can change" if image is None else "Look at the attacker"
    console.print(f"{first}, then run: bartizan assess", markup=False)
