"""`bartizan supply bom`: what a model is made of, for machines and auditors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from bartizan.cli import exit, keys, screen, supply_options, supply_pen  # noqa: A004
from bartizan.cli.ledger_place import AsJson, project_of, tell
from bartizan.cli.workspace_place import workspace_beside
from bartizan.core.errors import UsageError

if TYPE_CHECKING:
    from bartizan.supply.bom.completeness import Completeness
    from bartizan.supply.bom.facts import Link, SpecVersion
    from bartizan.workspace.supply_bom import Bom

NAME = "bom"
HELP = (
    "Write a bill of materials with a model card (CycloneDX): files, data, packages, numbers of "
    "assessments, what you declared. Says what is missing, and never makes it up."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan supply bom --report out/report.json   (the model of bartizan.toml)\n\n"
    "bartizan supply bom model.skops --format 1.7 --out model.cdx.json\n\n"
    "bartizan supply bom --key signing.pem --link threat-model=threats.html "
    "--require-complete 0.8\n\n"
    "Exit codes: 0 written, 1 written, and less complete than --require-complete, 2 usage or bad "
    "input, 4 a report or data is not about what lies there."
)


class SpecName(StrEnum):
    """Versions of CycloneDX."""

    V1_6 = "1.6"
    V1_7 = "1.7"


def command(  # noqa: PLR0913 - one parameter for each flag
    model: Annotated[
        str | None,
        typer.Argument(help="File or folder of the model, or its name in bartizan.toml."),
    ] = None,
    *,
    report: Annotated[
        list[Path] | None,
        typer.Option(help="A report.json about this model or its data; repeatable."),
    ] = None,
    link: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=PATH", help="Another document, as threat-model=threats.html."),
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(help="site-packages of what runs the model; default: this Python's."),
    ] = None,
    python: Annotated[str, typer.Option(help="Version of Python of --environment.")] = "",
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="A path in the model's folder that is no part of it; repeatable."),
    ] = None,
    spec: Annotated[
        SpecName, typer.Option("--format", help="Version of CycloneDX.")
    ] = SpecName.V1_6,
    out: Annotated[Path, typer.Option(help="Where to write it.")] = Path("bom.cdx.json"),
    require_complete: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="End with exit code 1 below this completeness."),
    ] = None,
    key: supply_pen.Key = None,
    passphrase: keys.PassphraseFrom = None,
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    as_json: AsJson = False,
) -> int:
    """Write one bill of materials."""
    config, folder = project_of(project)
    pen = supply_pen.pen(key, passphrase=passphrase)
    with workspace_beside(workspace, folder=folder, config=config) as ws:
        bom = ws.supply.bom(
            model,
            config=config,
            folder=folder,
            to=out,
            reports=report or (),
            links=[_link(one) for one in link or ()],
            environment=environment,
            python=python,
            ignored=ignore or (),
            spec=_spec(spec),
            when=source_date(os.environ),
        )
    bom.save(out, pen=pen, now=datetime.now(UTC))
    score = bom.completeness(signed=pen is not None)
    _tell(bom, score, out=out, signed=pen is not None, as_json=as_json)
    short = require_complete is not None and score.share < require_complete
    return exit.FINDING if short else exit.PASS


def source_date(environment: Mapping[str, str]) -> datetime | None:
    """The time that the document bears: SOURCE_DATE_EPOCH, or none.

    Raises:
        UsageError: the variable is no moment.

    Source:
        reproducible-builds.org, SOURCE_DATE_EPOCH 1.1: whole seconds since 1970, UTC.
    """
    text = environment.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        message = f"SOURCE_DATE_EPOCH is {text[:40]!r}; expected whole seconds since 1970"
        raise UsageError(message) from error


def _spec(name: SpecName) -> SpecVersion:
    return "1.6" if name is SpecName.V1_6 else "1.7"


def _link(text: str) -> tuple[Link, Path]:
    from bartizan.supply.bom.facts import Link  # noqa: PLC0415 (slow to import)

    name, _, path = text.partition("=")
    for kind in get_args(Link):
        if name == kind and path:
            return kind, Path(path)
    message = f"expected --link KIND=PATH with one of {', '.join(get_args(Link))}, got {text!r}"
    raise UsageError(message)


def _tell(bom: Bom, score: Completeness, *, out: Path, signed: bool, as_json: bool) -> None:
    clusters = ", ".join(f"{name} {n}/{of}" for name, (n, of) in score.clusters.items())
    what = f"CycloneDX {bom.document['specVersion']}, {len(bom.document['components'])} components"
    lines = [
        f"wrote {out}{' and its signature' if signed else ''}: {what}",
        f"model  {bom.root}",
        f"says {score.there} of {score.of} things that a complete one says ({score.share:.0%})",
        f"       {clusters}",
        *(f"missing {one.cluster}: {one.name} ({one.fix})" for one in score.missing),
    ]
    tell(lines, facts=_facts(bom, score, out=out, signed=signed), as_json=as_json)
    if not as_json and score.missing:
        screen.err().print("a readiness score: it says nothing about conformity", style="dim")


def _facts(bom: Bom, score: Completeness, *, out: Path, signed: bool) -> dict[str, Any]:
    missing = [
        {"cluster": one.cluster, "name": one.name, "place": one.place, "fix": one.fix}
        for one in score.missing
    ]
    clusters = {name: {"there": n, "of": of} for name, (n, of) in score.clusters.items()}
    return {
        "path": str(out),
        "signature": f"{out}.sig" if signed else None,
        "format": bom.document["specVersion"],
        "serial_number": bom.document["serialNumber"],
        "model": bom.root,
        "completeness": {
            "share": round(score.share, 4),
            "there": score.there,
            "of": score.of,
            "clusters": clusters,
            "missing": missing,
        },
    }
