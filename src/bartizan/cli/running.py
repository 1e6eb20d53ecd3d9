"""Runs a command line, and turns every end of it into an exit code."""

import errno
import tempfile
import traceback

import typer

from bartizan.cli import exit, screen  # noqa: A004
from bartizan.core.errors import Error

_UNUSABLE = (errno.ENAMETOOLONG, errno.ELOOP)
"""Of a path, not of what lies there: too long, or links that lead to themselves."""
_SHOWN = 200
"""Characters of such a path in a message."""
_PLAIN = (
    ("Value error, ", ""),
    (", unable to parse string as an integer", ""),
    (", unable to parse string as a number", ""),
    ("Input should be a valid integer", "expected a whole number"),
    ("Input should be a valid number", "expected a number"),
    ("Input should be ", "expected a value "),
)
"""What the parser of flags says, and the same in words that a person expects."""


def code_of(app: typer.Typer) -> int:
    """Run a command line: the exit code of however it ends."""
    try:
        result = app(standalone_mode=False, prog_name="bartizan")
    except typer.TyperException as error:
        return _misspelt(error)
    except (KeyboardInterrupt, typer.Abort):
        result = exit.INTERRUPTED
    except Error as error:
        screen.err().print(f"error: {screen.plain(str(error))}")
        return exit.of_error(error)
    except OSError as error:
        return _bug(error) if error.errno not in _UNUSABLE else _unusable(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug, kept in a file
        return _bug(error)
    if result == exit.INTERRUPTED:
        screen.err().print("stopped")
    return result if isinstance(result, int) else exit.PASS


def _misspelt(error: typer.TyperException) -> int:
    """A command or a flag that there is not; without any command the help has been printed."""
    said = error.format_message().rstrip(".")
    for raw, plain in _PLAIN:
        said = said.replace(raw, plain)
    if said:
        screen.err().print(f"error: {said} (bartizan --help lists everything)", markup=False)
    return exit.USAGE


def _unusable(error: OSError) -> int:
    """A path on the command line that the system refuses, whatever is asked of it."""
    name = screen.plain(str(error.filename)[:_SHOWN])
    screen.err().print(f"error: cannot use the path {name}: {error.strerror}", markup=False)
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
