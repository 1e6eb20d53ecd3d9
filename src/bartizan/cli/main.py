"""The `bartizan` command."""

import sys
import tempfile
import traceback
from types import ModuleType
from typing import Annotated

import typer

import bartizan
from bartizan.cli import (
    assess,
    catalog,
    data_check,
    data_clean,
    data_erase,
    data_key,
    data_open,
    data_register,
    data_rotate,
    data_seal,
    demo,
    doctor,
    exit,  # noqa: A004
    init,
    ledger_anchor,
    ledger_cosign,
    ledger_evidence,
    ledger_prove,
    ledger_verify,
    ledger_witness,
    screen,
    supply_admit,
    supply_bom,
    supply_key,
    supply_open,
    supply_provenance,
    supply_scan,
    supply_seal,
    supply_sign,
    supply_verify,
)
from bartizan.core.errors import Error

app = typer.Typer(
    name="bartizan",
    help="Security for predictive machine learning: attack the model, judge it, keep the evidence.",
    epilog="Example: bartizan demo   (then: bartizan init, bartizan assess)",
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


def _add(group: typer.Typer, verbs: tuple[ModuleType, ...]) -> None:
    for verb in verbs:
        group.command(verb.NAME, help=verb.HELP, epilog=verb.EPILOG)(verb.command)


def _group(name: str, *, about: str, verbs: tuple[ModuleType, ...]) -> typer.Typer:
    group = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode="rich")
    _add(group, verbs)
    app.add_typer(group, name=name)
    return group


_add(app, (init, assess, catalog, demo, doctor))
_group(
    "data",
    about="Is the data sound, and is it the data we think it is?",
    verbs=(
        data_check,
        data_clean,
        data_register,
        data_erase,
        data_key,
        data_seal,
        data_open,
        data_rotate,
    ),
)
_group(
    "supply",
    about="Is the artefact in our hands the one that was approved?",
    verbs=(
        supply_scan,
        supply_key,
        supply_sign,
        supply_verify,
        supply_seal,
        supply_open,
        supply_bom,
        supply_provenance,
        supply_admit,
    ),
)
_ledger = _group(
    "ledger",
    about="What was written once can be proven, and cannot be altered unnoticed.",
    verbs=(ledger_verify, ledger_prove, ledger_cosign, ledger_anchor, ledger_evidence),
)
_ledger.add_typer(ledger_witness.group)


def run() -> None:
    """Run the command; every end has its exit code."""
    sys.exit(_code())


def _code() -> int:
    try:
        result = app(standalone_mode=False, prog_name="bartizan")
    except typer.TyperException as error:
        return _misspelt(error)
    except (KeyboardInterrupt, typer.Abort):
        result = exit.INTERRUPTED
    except Error as error:
        screen.err().print(f"error: {screen.plain(str(error))}")
        return exit.of_error(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug, kept in a file
        return _bug(error)
    if result == exit.INTERRUPTED:
        screen.err().print("stopped")
    return result if isinstance(result, int) else exit.PASS


def _misspelt(error: typer.TyperException) -> int:
    """A command or a flag that there is not; without any command the help has been printed."""
    said = error.format_message()
    if said:
        screen.err().print(f"error: {said} (bartizan --help lists everything)", markup=False)
    return exit.USAGE


def _bug(error: Exception) -> int:
    screen.err().print(
        f"internal error: {type(error).__name__}: {screen.plain(str(error))} "
        f"(this is a bug; {_kept(error)})"
    )
    return exit.INTERNAL


def _kept(error: Exception) -> str:
    """Where the traceback is; where the disk is full, the traceback itself."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="bartizan-bug-", suffix=".txt", delete=False, errors="backslashreplace"
        ) as file:
            traceback.print_exception(error, file=file)
    except OSError:
        traced = "".join(traceback.format_exception(error)).strip()
        return screen.plain(f"no file can be written, so these are the details: {traced}")
    return screen.plain(f"details in {file.name}")


if __name__ == "__main__":
    run()
