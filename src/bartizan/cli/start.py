"""Where the command begins: verbs that need no model and no table start without their libraries.

To load every verb takes more than two seconds and a hundred megabytes, most of them for tables. The
verbs named here are run on machines that have neither to spare, such as the one that serves, or a
hundred times an hour, as in CI.
"""

import sys
from importlib import import_module

import bartizan
from bartizan.cli.light import LIGHT, Light


def run() -> None:
    """Run the command; every end has its exit code, also one that comes while it still starts."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)


def _run() -> None:
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"bartizan {bartizan.__version__}\n")
        return
    group, verb = (*sys.argv[1:3], "", "")[:2]
    if group in LIGHT:
        known = LIGHT[group]
        _alone(group, known, verbs=(verb,) if verb in known.verbs else known.verbs)
    from bartizan.cli.main import run as run_any  # noqa: PLC0415 (slow to import)

    run_any()


def _alone(group: str, known: Light, *, verbs: tuple[str, ...]) -> None:
    """One verb, or a group of them, as the whole command line has it."""
    import typer  # noqa: PLC0415 (slow to import)

    from bartizan.cli.first_verb import group_of  # noqa: PLC0415 (slow to import)
    from bartizan.cli.running import code_of  # noqa: PLC0415 (slow to import)

    inner = group_of(known.about, first=known.first)
    for verb in verbs:
        module = import_module(f"bartizan.cli.{group}_{verb}")
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
