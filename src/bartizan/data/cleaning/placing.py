"""Puts the folder of a cleaning in its place: whole or not at all, and together with its fact.

A process may die between any two steps. What it leaves beside the place says how far it came:

1. `.clean.<token>.new`: files are being written. The next cleaning removes it.
2. `.clean.<token>.done`: all files are there, and durable. Then the ledger is told. If the ledger
   says that it happened, the next cleaning, or its undoing, puts the folder in its place; if not,
   it names the folder, for another workspace may know of it.
3. `clean`: in its place.

Whoever works on such a folder holds a lock on it that ends with the process, so that nobody takes
away what is being written. Whoever takes a place holds a lock on the folder around it, from before
the ledger is told until the place is taken: of two that want one place the ledger knows of one.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bartizan.adapt.files.whole import read_file
from bartizan.core.errors import Error, OutputError
from bartizan.core.record import digest
from bartizan.crypto.safe_file import PRIVATE, STEPS, Steps, lay
from bartizan.data.cleaning.folder import MANIFEST
from bartizan.data.cleaning.folder_lock import alone, in_turn

_TOKEN_BYTES = 8


def require_free(folder: Path) -> None:
    """Refuse a place that is taken, before any work is done.

    Raises:
        OutputError: something is there, or there is nowhere to put it.
    """
    if os.path.lexists(folder):
        message = (
            f"{folder} exists already, and quarantined rows are never overwritten; choose another "
            "--out, or undo it first"
        )
        raise OutputError(message)
    if not folder.parent.is_dir():
        message = f"cannot write {folder}: the folder {folder.parent} does not exist; make it"
        raise OutputError(message)


def placed(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    add: Callable[[Path], object] = lambda _: None,
    tell: Callable[[], object] = lambda: None,
    stands: Callable[[str], bool] = lambda _: False,
    steps: Steps = STEPS,
) -> None:
    """Write the folder, for its owner only.

    Args:
        folder: Must be free.
        files: By name, their content.
        add: Writes further files into the folder it is given, such as a report.
        tell: Called when everything is written and nothing is in its place yet: says it in the
            ledger.
        stands: Whether the ledger says that the cleaning with a manifest of this digest happened:
            asked if `tell` fails.
        steps: How to write.

    Raises:
        OutputError: it cannot be written; the message says what was kept.
    """
    require_free(folder)
    made = _new(folder)
    done = made.with_suffix(".done")
    with _kept_out(folder, (made, done)):
        made.mkdir(mode=0o700)
        with alone(made):
            for name, content in {**files, ".gitignore": b"*\n"}.items():
                lay(made / name, content, mode=PRIVATE, steps=steps)
            add(made)
            for path in sorted(set(made.iterdir()) - {made / name for name in files}):
                _settled(path, steps=steps)
            steps.settle(made)
            steps.rename(made, done)
            steps.settle(folder.parent)
            with in_turn(folder.parent):
                _finished(folder, stands=stands, steps=steps)
                require_free(folder)
                _told(done, name=digest(files.get(MANIFEST, b"")), tell=tell, stands=stands)
                _in_place(done, folder, steps=steps)


def resumed(folder: Path, *, stands: Callable[[str], bool], steps: Steps = STEPS) -> bool:
    """Finish what a process that died left beside the place of a folder.

    Args:
        folder: The place.
        stands: As for `placed`.
        steps: How to write.

    Returns:
        Whether the folder is in its place now and was not before.

    Raises:
        OutputError: something is left of which the ledger knows nothing, or for which there is no
            room; the message names it.
    """
    if not _left(folder):
        return False
    with in_turn(folder.parent):
        return _finished(folder, stands=stands, steps=steps)


@contextmanager
def laid_beside(folder: Path, name: str, content: bytes, *, steps: Steps = STEPS) -> Iterator[Path]:
    """Keep a file for a while, for its owner only, where the folder will be.

    A process that dies leaves it in a folder that the next cleaning removes.

    Args:
        folder: Must be free.
        name: Of the file.
        content: Of the file.
        steps: How to write.

    Raises:
        OutputError: it cannot be written.
    """
    made = _new(folder)
    with ExitStack() as held:
        held.callback(shutil.rmtree, made, ignore_errors=True)
        with _kept_out(folder, (made,)):
            made.mkdir(mode=0o700)
            held.enter_context(alone(made))
            lay(made / name, content, mode=PRIVATE, steps=steps)
        yield made / name


def _finished(folder: Path, *, stands: Callable[[str], bool], steps: Steps) -> bool:
    """See `resumed`."""
    for path in _left(folder):
        with suppress(BlockingIOError, FileNotFoundError), alone(path):
            if path.suffix == ".new":
                shutil.rmtree(path)
            elif not stands(digest(read_file(path / MANIFEST))):
                message = (
                    f"{path} was left by a cleaning that ended before the ledger of this workspace "
                    "knew of it; the data is as it was. Remove it, and run this again"
                )
                raise OutputError(message)
            else:
                require_free(folder)
                _in_place(path, folder, steps=steps)
                return True
    return False


def _new(folder: Path) -> Path:
    """A name beside the place that nobody else has."""
    return folder.with_name(f".{folder.name}.{secrets.token_hex(_TOKEN_BYTES)}.new")


def _left(folder: Path) -> list[Path]:
    """Folders beside the place that are on their way to it."""
    form = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{{2 * _TOKEN_BYTES}}}\.(new|done)")
    if not folder.parent.is_dir():
        return []
    found = [path for path in folder.parent.iterdir() if form.fullmatch(path.name)]
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def _settled(path: Path, *, steps: Steps) -> None:
    """Make what somebody else wrote durable."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        steps.sync(handle)
    finally:
        os.close(handle)


class _ToldError(OutputError):
    """The ledger says that it happened: what was written stays."""


@contextmanager
def _kept_out(folder: Path, made: tuple[Path, ...]) -> Iterator[None]:
    """Remove what was made if something fails before the ledger was told."""
    try:
        yield
    except _ToldError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        for path in made:
            with suppress(OSError):
                shutil.rmtree(path)
        if not isinstance(error, OSError):
            raise
        message = f"cannot write {folder}: {error.strerror or error}; nothing was kept"
        raise OutputError(message) from error


def _told(
    done: Path, *, name: str, tell: Callable[[], object], stands: Callable[[str], bool]
) -> None:
    """Tell the ledger; if that fails, what was written stays only if it stands there after all."""
    try:
        tell()
    except (Error, OSError, KeyboardInterrupt) as error:
        stood = False
        with suppress(Error):
            stood = stands(name)
        if not stood:
            raise
        message = f"{done} holds what was cleaned and stands in the ledger; run this again: {error}"
        raise _ToldError(message) from error


def _in_place(done: Path, folder: Path, *, steps: Steps) -> None:
    try:
        steps.rename(done, folder)
        steps.settle(folder.parent)
    except OSError as error:
        message = (
            f"what was cleaned stands in the ledger and could not be put into {folder}: "
            f"{error.strerror or error}. It is whole in {done}; run this again, which puts it in "
            "its place"
        )
        raise _ToldError(message) from error
