"""Locks on folders: they end with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bartizan.core.errors import OutputError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder of our own making, under whatever name, until the end.

    Raises:
        BlockingIOError: somebody else does.
        OSError: it is no folder, or a link.
    """
    with _opened(folder, _FOLDER | os.O_NOFOLLOW) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Hold somebody's folder as soon as nobody else does.

    Raises:
        OutputError: it cannot be locked.
    """
    with ExitStack() as held:
        try:
            fcntl.flock(held.enter_context(_opened(folder, _FOLDER)), fcntl.LOCK_EX)
        except OSError as error:
            message = f"cannot lock {folder}: {error.strerror or error}; choose another --out"
            raise OutputError(message) from error
        yield


@contextmanager
def _opened(folder: Path, flags: int) -> Iterator[int]:
    handle = os.open(folder, flags)
    try:
        yield handle
    finally:
        os.close(handle)
