"""`bartizan ledger evidence`: does a file show that a log signed two histories?"""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli.ledger_place import AsJson, Logs, LogsFile, keys_of, read_file, tell
from bartizan.ledger.equivocation import EVIDENCE_BYTES, parse_fork, verify_fork

NAME = "evidence"
HELP = (
    "Check a file of evidence, offline: two checkpoints under one log's key that contradict each "
    "other. Take the log's key from somebody else than who handed you the file."
)
EPILOG = (
    "Example: bartizan ledger evidence fork-12-9a33cd04219655d8.json --policy policy.txt\n\n"
    "Exit codes: 0 the log, or whoever has its key, signed two histories, 2 bad input, 4 the file "
    "shows nothing of the sort"
)


def command(
    file: Annotated[Path, typer.Argument(help="From a witness's folder evidence/.")],
    *,
    log: Logs = None,
    policy: LogsFile = None,
    as_json: AsJson = False,
) -> None:
    """Check one file."""
    keys = keys_of(log, policy=policy)
    fork = parse_fork(read_file(file, limit=EVIDENCE_BYTES, what="evidence"))
    found = verify_fork(fork, keys=keys)
    small, large = found.smaller, found.larger
    facts = {
        "origin": small.origin,
        "sizes": [small.size, large.size],
        "roots": [small.root.hex(), found.root.hex()],
    }
    lines = [
        f"{small.origin} signed two histories: of its first {small.size} entries,",
        f"  one checkpoint ({small.size} entries) has the root {small.root.hex()}",
        f"  another ({large.size} entries) has the root {found.root.hex()}",
    ]
    tell(lines, facts=facts, as_json=as_json)
