"""`bartizan comply report`: which clause has evidence, which is failing, which has none?"""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import exit, screen, supply_options  # noqa: A004
from bartizan.cli.comply_options import opened
from bartizan.core.compliance import ComplianceReport
from bartizan.report.comply import COMPLY_FORMATS
from bartizan.report.comply.view import STATUSES, counts, headline

NAME = "report"
HELP = (
    "Write what shows that clauses of frameworks are answered: controls, clauses, policies, "
    "audits and open findings, each with its date. `bartizan comply` alone does the same."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan comply\n\n"
    "bartizan comply --framework gdpr --framework eu-ai-act --out evidence\n\n"
    "bartizan comply --json > compliance.json\n\n"
    "Exit codes: 0 written, whatever it says (`bartizan comply gate` decides), 2 usage or bad "
    "input, 4 the ledger was altered."
)


def command(
    *,
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    frameworks: Annotated[
        list[str] | None,
        typer.Option("--framework", help="Only this one, repeatable; default: as [comply] says."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for what is written.")] = Path("compliance"),
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help=f"Only this, repeatable: {', '.join(COMPLY_FORMATS)}."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print compliance.json to standard output.")
    ] = False,
) -> int:
    """Report on clauses."""
    with opened(project, workspace=workspace) as (ws, config, folder):
        found = ws.comply.report(config, folder=folder, frameworks=frameworks or ())
    written = found.save(out, formats=formats or COMPLY_FORMATS)
    if as_json:
        screen.out().print(found.rendered("json").decode(), markup=False, end="")
    else:
        _show(found.report, written=written)
    return exit.PASS


def _show(report: ComplianceReport, *, written: list[Path]) -> None:
    console = screen.out()
    console.print(screen.plain(headline(report)))
    for one in report.frameworks:
        found = counts(one)
        told = ", ".join(f"{found[word]} {word}" for word in STATUSES)
        console.print(screen.plain(f"{one.title}: {told}"))
    for left in report.left:
        console.print(screen.plain(f"{left.title}: not applicable; {left.why}"))
    for over in report.expired:
        told = f"note: the waiver of {over.finding!r} by {over.owner} expired on {over.expired}"
        console.print(screen.plain(told))
    for warning in report.warnings:
        console.print(screen.plain(f"note: {warning}"))
    if written:
        console.print(f"report: {written[0]}", markup=False)
