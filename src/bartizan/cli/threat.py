"""`bartizan threat`: what could go wrong with the system that the project file describes?"""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import exit, screen, supply_options  # noqa: A004
from bartizan.config import FILE_NAME, find_config, read_described
from bartizan.core.errors import UsageError
from bartizan.core.risk import PRIORITIES, STEPS, Priority
from bartizan.core.system import TRUSTS
from bartizan.core.threat import ThreatModel
from bartizan.examples.described import described_system, described_systems
from bartizan.report.threat import THREAT_FORMATS
from bartizan.report.threat.terms import counted
from bartizan.workspace import Workspace, ledger_settings

NAME = "threat"
HELP = (
    "Derive the threats of the system that bartizan.toml describes: a diagram, a risk matrix, "
    "controls with what verifies them, and an incident plan. Findings in the ledger move the risk."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan init --system   (writes a commented description)\n\n"
    "bartizan threat --out threats\n\n"
    "bartizan threat --fail-on high   (in CI)\n\n"
    "bartizan threat --example card-fraud\n\n"
    "Exit codes: 0 written, 1 an open threat at or above --fail-on, 2 usage or bad input, 3 with "
    "--fail-on: threats hang on open questions, 4 the ledger was altered."
)


class PriorityName(StrEnum):
    """Priorities of threats."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def command(
    context: typer.Context,
    *,
    project: supply_options.Project = None,
    example: Annotated[
        str | None,
        typer.Option(help=f"A system that ships instead: {', '.join(described_systems())}."),
    ] = None,
    workspace: supply_options.Place = None,
    out: Annotated[Path, typer.Option(help="Folder for what is written.")] = Path("threats"),
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help=f"Only this, repeatable: {', '.join(THREAT_FORMATS)}."),
    ] = None,
    fail_on: Annotated[
        PriorityName | None, typer.Option(help="End with 1 if a threat of this priority is open.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print threats.json to standard output.")
    ] = False,
) -> int:
    """Derive the threats of one system."""
    if context.invoked_subcommand:
        return exit.PASS
    place = described_system(example) if example else project or find_config(Path.cwd())
    if place is None:
        message = f"there is no {FILE_NAME} here; `bartizan init --system` writes one"
        raise UsageError(message)
    described, folder = read_described(place), place.resolve().parent
    at = workspace or folder / ".bartizan"
    settings = ledger_settings(described.config)
    with Workspace(at if at.is_dir() else None, ledger=settings) as ws:
        found = ws.threat.model(
            described.config, folder=folder, lines=described.lines, file=place.name
        )
    written = found.save(out, formats=formats or THREAT_FORMATS)
    if as_json:
        screen.out().print(found.rendered("json").decode(), markup=False, end="")
    else:
        _show(found.model, written=written)
    return code_of(found.model, fail_on=None if fail_on is None else fail_on.value)


def code_of(model: ThreatModel, *, fail_on: Priority | None) -> int:
    """What the command ends with: an open threat goes before an open question.

    Where nothing is described, nothing was asked, so that nothing has passed.
    """
    if fail_on is None:
        return exit.PASS
    line = PRIORITIES.index(fail_on)
    if any(
        one.standing == "open" and PRIORITIES.index(one.residual.priority) >= line
        for one in model.threats
    ):
        return exit.FINDING
    return exit.OPEN if model.questions or not model.system.elements else exit.PASS


def matrix(model: ThreatModel) -> list[str]:
    """How many threats there are of each likelihood and impact, as far as they are left."""
    cells = Counter((one.residual.likelihood, one.residual.impact) for one in model.threats)
    steps = range(1, STEPS + 1)
    rows = [
        f"  {likelihood}  " + "".join(f"{cells.get((likelihood, one)) or '.':>4}" for one in steps)
        for likelihood in reversed(steps)
    ]
    axis = "     " + "".join(f"{one:>4}" for one in steps)
    return ["residual risk, threats by likelihood (up) and impact (right)", *rows, axis]


def landscape(model: ThreatModel) -> list[str]:
    """The elements of each zone, with the number of threats that each has."""
    counts = Counter(one.element for one in model.threats)
    lines = []
    for zone in sorted(model.system.zones, key=lambda one: TRUSTS.index(one.trust)):
        inside = [
            f"{one.title or one.id}{f' [{counts[one.id]}]' if counts[one.id] else ''}"
            for one in model.system.elements
            if one.zone == zone.id
        ]
        lines.append(f"{zone.title or zone.id} ({zone.trust}): {', '.join(inside)}")
    return lines


def _show(model: ThreatModel, *, written: list[Path]) -> None:
    opened = [one for one in model.threats if one.standing == "open"]
    counts = ", ".join(
        f"{sum(one.residual.priority == name for one in opened)} {name}"
        for name in reversed(PRIORITIES)
    )
    lines = [
        f"{model.system.system.name}: {counted(len(model.threats), 'threat')}, open: {counts}",
        *(f"  {one.residual.priority:<6} {one.title} [{one.id}]" for one in opened[:_SHOWN]),
        *([f"  and {len(opened) - _SHOWN} more"] if len(opened) > _SHOWN else []),
        *(
            f"question: {one.text} ({counted(len(one.threats), 'threat')})"
            for one in model.questions[:_SHOWN]
        ),
        *matrix(model),
        *(f"orphan: {one.what}: {one.why}" for one in model.orphans),
        *(f"wrote {path}" for path in written[:1]),
    ]
    for line in lines:
        screen.out().print(screen.plain(line))


_SHOWN = 10
"""Threats and questions on the terminal: what is read there; the page has all."""
