"""The `bartizan` command."""

import sys
import tempfile
import traceback
from typing import Annotated

import click
import typer

import bartizan
from bartizan.cli import assess, catalog, demo, doctor, exit, init, screen  # noqa: A004
from bartizan.core.errors import Error

app = typer.Typer(
    name="bartizan",
    help="Security for predictive machine learning: attack the model, judge it, keep the evidence.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if wanted:
        print(f"bartizan {bartizan.__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and exit.")
    ] = False,
) -> None:
    """Attack the model, judge it, keep the evidence."""


for _room in (init, assess, catalog, demo, doctor):
    app.command(_room.NAME, help=_room.HELP, epilog=_room.EPILOG)(_room.command)


def run() -> None:
    """Run the command; every end has its exit code."""
    sys.exit(_code())


def _code() -> int:
    try:
        result = app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        screen.err().print("stopped")
        return exit.INTERRUPTED
    except Error as error:
        screen.err().print(f"error: {error}", markup=False)
        return exit.of_error(error)
    except BrokenPipeError:
        return exit.PASS
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug, kept in a file
        return _bug(error)
    return result if isinstance(result, int) else exit.PASS


def _bug(error: Exception) -> int:
    with tempfile.NamedTemporaryFile(
        "w", prefix="bartizan-bug-", suffix=".txt", delete=False
    ) as file:
        traceback.print_exception(error, file=file)
    screen.err().print(
        f"internal error: {type(error).__name__}: {error} (this is a bug; details in {file.name})",
        markup=False,
    )
    return exit.INTERNAL


if __name__ == "__main__":
    run()
