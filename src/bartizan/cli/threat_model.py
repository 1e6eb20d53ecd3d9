"""`bartizan threat`: what could go wrong with the system that the project file describes?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bartizan.cli import exit, screen, supply_options  # noqa: A004
from bartizan.cli.workspace_place import there
from bartizan.config import FILE_NAME, called, find_config
from bartizan.core.errors import UsageError
from bartizan.core.risk import PRIORITIES, STEPS, Priority
from bartizan.core.system import TRUSTS
from bartizan.core.threat import ThreatModel
from bartizan.examples.described import described_system, described_systems
from bartizan.report.threat import THREAT_FORMATS
from bartizan.report.threat.terms import counted

if TYPE_CHECKING:
    from bartizan.config import Config
    from bartizan.workspace.threat_verbs import ThreatVerbs

NAME = "model"
HELP = (
    "Derive the threats of the system that bartizan.toml describes: a diagram, a risk matrix, "
    "controls with what verifies them, and an incident plan. Findings in the ledger move the risk. "
    "`bartizan threat` alone does the same."
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


def command(
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
        Priority | None,
        typer.Option(
            help="End with 1 if a threat of this priority or above is open, else with 3 if a "
            "question is."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print threats.json to standard output.")
    ] = False,
) -> int:
    """Derive the threats of one system."""
    from bartizan.config import read_described  # noqa: PLC0415 (slow to import)

    place = _described_in(project, example=example)
    described, folder = read_described(place), place.resolve().parent
    name = place.name if example is not None else called(place, start=Path.cwd())
    verbs = _threats_of(described.config, folder=folder, workspace=workspace)
    found = verbs.model(described.config, folder=folder, lines=described.lines, file=name)
    written = found.save(out, formats=formats or THREAT_FORMATS)
    if as_json:
        screen.out().print(found.rendered("json").decode(), markup=False, end="")
    else:
        _show(found.model, out=out, written=len(written))
    return code_of(found.model, fail_on=fail_on)


def _described_in(project: Path | None, *, example: str | None) -> Path:
    """The project file.

    Raises:
        UsageError: there is none, or an example is named as well.
    """
    if example is not None:
        if project is not None:
            message = "--example is a system that ships; leave --project out"
            raise UsageError(message)
        return described_system(example)
    place = project or find_config(Path.cwd())
    if place is None:
        message = f"there is no {FILE_NAME} here; `bartizan init --system` writes one"
        raise UsageError(message)
    return place


def _threats_of(config: Config, *, folder: Path, workspace: Path | None) -> ThreatVerbs:
    """The verbs, with the ledger of the workspace if there is one.

    They are made without the rest of it, which loads libraries for models and tables.
    """
    from bartizan.workspace.threat_verbs import ThreatVerbs  # noqa: PLC0415 (slow to import)

    place, ledger = there(workspace, folder=folder), None
    if place is not None:
        from bartizan.workspace.declared_ledger import (  # noqa: PLC0415 (slow to import)
            ledger_settings,
        )
        from bartizan.workspace.ledger import Ledger  # noqa: PLC0415 (slow to import)

        ledger = Ledger(place, settings=ledger_settings(config))
    return ThreatVerbs(ledger=ledger, clock=lambda: datetime.now(UTC))


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


def _show(model: ThreatModel, *, out: Path, written: int) -> None:
    opened = [one for one in model.threats if one.standing == "open"]
    counts = ", ".join(
        f"{sum(one.residual.priority == name for one in opened)} {name}"
        for name in reversed(PRIORITIES)
    )
    lines = [
        f"{model.system.system.name}: {counted(len(model.threats), 'threat')}, open: {counts}",
        *_first([f"  {one.residual.priority:<6} {one.title} [{one.id}]" for one in opened]),
        *_first(
            [
                f"question: {one.text} ({counted(len(one.threats), 'threat')})"
                for one in model.questions
            ]
        ),
        *matrix(model),
        *(f"orphan: {one.what}: {one.why}" for one in model.orphans),
        f"wrote {counted(written, 'file')} into {out}",
    ]
    for line in lines:
        screen.out().print(screen.plain(line))


def _first(lines: Sequence[str]) -> list[str]:
    """The first of many lines, and how many more there are."""
    left = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"  and {left} more"] if left > 0 else [])]


_SHOWN = 10
"""Threats and questions on the terminal: what is read there; the page has all."""
