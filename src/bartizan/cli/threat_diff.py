"""`bartizan threat diff`: what changed between two threat models?"""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import exit, screen  # noqa: A004
from bartizan.cli.ledger_place import AsJson, read_file
from bartizan.core.record import decode, encode
from bartizan.core.threat import ThreatModel
from bartizan.threat.difference import Difference, difference

NAME = "diff"
HELP = "Say which threats are new, gone, worse or better between two files threats.json."
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
    found = difference(_read(before), _read(after))
    if as_json:
        screen.out().print(encode(found).decode(), markup=False, highlight=False, soft_wrap=True)
    else:
        for line in _lines(found):
            screen.out().print(line, markup=False)
    return exit.FINDING if found.worse else exit.PASS


def _read(path: Path) -> ThreatModel:
    raw = read_file(path, limit=_LIMIT_BYTES, what="the threat model")
    return decode(raw, kind=ThreatModel)


def _lines(found: Difference) -> list[str]:
    lines = [
        *(f"new    {one.id}: {one.title} ({one.residual.priority})" for one in found.new),
        *(f"gone   {one.id}: {one.title}" for one in found.gone),
        *(
            f"{'worse ' if one.worse else 'moved '} {one.threat}: {one.before} -> {one.after}"
            for one in found.moved
        ),
        *(f"asked  {one}" for one in found.asked),
    ]
    if found.rules:
        lines.append("the rules changed as well: not all of this is the system's doing")
    return lines or ["nothing changed"]
