"""Where the command begins: verbs that need no model and no table start without their libraries.

To load every verb takes more than a second and a hundred megabytes, most of them for tables. The
verbs named here are run on machines that have neither to spare, such as the one that serves.
"""

import sys
from importlib import import_module

LIGHT = {
    "supply": ("key", "sign", "verify", "seal", "open"),
}
"""By group, verbs whose module is ``<group>_<verb>``."""


def run() -> None:
    """Run the command; every end has its exit code."""
    group, verb = (*sys.argv[1:3], "", "")[:2]
    if verb in LIGHT.get(group, ()):
        _alone(group, verb)
    from bartizan.cli.main import run as run_any  # noqa: PLC0415 (slow to import)

    run_any()


def _alone(group: str, verb: str) -> None:
    """One verb, as the whole command line has it."""
    import typer  # noqa: PLC0415 (slow to import)

    from bartizan.cli.running import code_of  # noqa: PLC0415 (slow to import)

    module = import_module(f"bartizan.cli.{group}_{verb}")
    inner = typer.Typer(rich_markup_mode="rich")
    inner.command(module.NAME, help=module.HELP, epilog=module.EPILOG)(module.command)
    app = typer.Typer(
        name="bartizan",
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.add_typer(inner, name=group)
    sys.exit(code_of(app))


if __name__ == "__main__":
    run()
