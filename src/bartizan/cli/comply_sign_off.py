"""`bartizan comply sign-off`: somebody answers for a policy, or has done an audit."""

from typing import Annotated

import typer

from bartizan.cli import exit, screen, supply_options  # noqa: A004
from bartizan.cli.comply_options import opened
from bartizan.core.errors import UsageError
from bartizan.core.fact import SignedOff

NAME = "sign-off"
HELP = (
    "Write into the ledger that somebody answers for a policy, in exactly the words that its file "
    "has now, or that an audit was done."
)
EPILOG = (
    "Examples:\n\n"
    'bartizan comply sign-off incident-response --by "A. Lovelace" --role CISO\n\n'
    'bartizan comply sign-off access-review --by "G. Hopper" --role auditor\n\n'
    "Exit codes: 0 written, 2 usage or a file that cannot be read, 4 the ledger was altered."
)


def command(
    name: Annotated[str, typer.Argument(help="Id of a policy or an audit under [comply].")],
    *,
    by: Annotated[str, typer.Option(help="Who answers for it.")],
    role: Annotated[str, typer.Option(help="As what, such as CISO or owner.")],
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
) -> int:
    """Sign off one policy, or one audit."""
    for flag, said in (("--by", by), ("--role", role)):
        if not said.strip() or not said.isprintable():
            message = f"{flag}: expected a name in one line, got {said!r}"
            raise UsageError(message)
    with opened(project, workspace=workspace, make=True) as (ws, config, folder):
        fact, place = ws.comply.sign_off(
            config, name, folder=folder, by=by.strip(), role=role.strip()
        )
    if isinstance(fact, SignedOff):
        said = f"{fact.policy} is signed off by {fact.by}, {fact.role}, as {fact.digest[:19]}…"
    else:
        said = f"{fact.audit} was done: {fact.by}, {fact.role}"
    screen.out().print(screen.plain(f"{said} (entry {place.index} of {place.origin})"))
    return exit.PASS
