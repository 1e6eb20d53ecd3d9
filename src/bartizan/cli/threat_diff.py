"""`bartizan threat diff`: what changed between two threat models?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bartizan.cli import exit, screen  # noqa: A004
from bartizan.cli.ledger_place import AsJson, read_file
from bartizan.core.errors import InputError
from bartizan.core.record import decode, encode
from bartizan.core.threat import ThreatModel

if TYPE_CHECKING:
    from bartizan.threat.difference import Difference, Moved

NAME = "diff"
HELP = (
    "Say which threats are new, gone, worse or better between two files threats.json of one "
    "system, what is asked anew, and what the later description says otherwise."
)
EPILOG = (
    "Example: bartizan threat diff last/threats.json threats/threats.json\n\n"
    "Exit codes: 0 nothing is worse, 1 an open threat is new or grew, 2 usage or bad input."
)
_LIMIT_BYTES = 64 << 20
"""A model of a thousand elements has 3 MB."""


def command(
    before: Annotated[Path, typer.Argument(help="The earlier threats.json.")],
    after: Annotated[Path, typer.Argument(help="The later one.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Compare two threat models."""
    from bartizan.threat.difference import difference  # noqa: PLC0415 (slow to import)

    found = difference(_read(before), _read(after))
    if as_json:
        screen.out().print(encode(found).decode(), markup=False, highlight=False, soft_wrap=True)
    else:
        for line in _lines(found):
            screen.out().print(screen.plain(line))
    return exit.FINDING if found.worse else exit.PASS


def _read(path: Path) -> ThreatModel:
    raw = read_file(path, limit=_LIMIT_BYTES, what="the threat model")
    try:
        return decode(raw, kind=ThreatModel)
    except InputError as error:
        message = f"{path}: {error}; `bartizan threat --format json` writes such a file"
        raise InputError(message) from error


def _way(one: Moved) -> str:
    return "worse" if one.worse else "better" if one.better else "moved"


def _lines(found: Difference) -> list[str]:
    lines = [
        *(f"new    {one.id}: {one.title} ({one.residual.priority})" for one in found.new),
        *(f"gone   {one.id}: {one.title}" for one in found.gone),
        *(f"{_way(one):<6} {one.threat}: {one.before} -> {one.after}" for one in found.moved),
        *(f"asked  {one.owner}: {one.text}" for one in found.asked),
        *(
            f"said   {' '.join(filter(None, (one.owner + ':', one.attribute)))} "
            f"{one.before} -> {one.after}"
            for one in found.edits
        ),
    ]
    if found.rules:
        lines.append("the rules changed as well: not all of this is the system's doing")
    return lines or ["nothing changed"]
