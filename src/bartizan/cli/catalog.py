"""`bartizan catalog`: what can be run."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from bartizan.catalog import ENTRIES, catalog_digest
from bartizan.cli import screen

NAME = "catalog"
HELP = "List every attack and check, what it needs and where it comes from."
EPILOG = "Example: bartizan catalog --json"


def command(
    *, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False
) -> None:
    """List the catalogue."""
    if as_json:
        facts = [
            {
                "id": entry.id,
                "kind": entry.kind,
                "title": entry.title,
                "needs": list(entry.needs),
                "threshold": list(entry.threshold),
                "atlas": list(entry.taxonomy.atlas),
                "references": list(entry.references),
            }
            for entry in ENTRIES
        ]
        listing = {"digest": catalog_digest(), "entries": facts}
        screen.out().print(msgspec.json.format(msgspec.json.encode(listing)).decode(), markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "kind", "title", "needs", "fails when"):
        table.add_column(name, overflow="fold")
    for entry in ENTRIES:
        measure, op, value = entry.threshold
        against = ">" if op == "<=" else "not >"
        fails = f"{measure} {against} {value:g}"
        table.add_row(entry.id, entry.kind, entry.title, ", ".join(entry.needs), fails)
    screen.out().print(table)
