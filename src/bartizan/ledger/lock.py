"""One writer at a time: a lock that the system takes back when its holder dies."""

import fcntl
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bartizan.core.errors import OutputError

PAUSE_S = 0.02
"""Between two tries: short beside a batch, long beside a system call."""
_NOTE_BYTES = 300
"""Of the note about the holder: a number, and a host name of at most 255 bytes."""


def hold(
    path: Path,
    *,
    wait_s: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Callable[[], None]:
    """Take the lock, or wait for it.

    The lock is on the open file (`flock`) and not in what the file says, so a process that died
    holds nothing, and a file left behind means nothing. The note in it only serves messages.

    Args:
        path: The lock file; made if it is not there, and never deleted.
        wait_s: How long to wait for another holder, in seconds.
        clock: A clock that never goes back, in seconds.
        pause: Sleeps for some seconds.

    Returns:
        A function that gives the lock back.

    Raises:
        OutputError: another process kept the lock all the time, and which; or the file cannot be
            written.
    """
    until = clock() + wait_s
    while True:
        handle = _open(path)
        if _taken(handle, path=path):
            _note(handle)
            return lambda: os.close(handle)
        holder = _holder(handle)
        os.close(handle)
        if clock() >= until:
            message = (
                f"the log {path.parent} is being written by {holder}; waited {wait_s:g} s. "
                "Wait until it has finished, or end it"
            )
            raise OutputError(message)
        pause(PAUSE_S)


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        message = (
            f"the log {path.parent} cannot be written: {error.strerror or error} ({path.name}); "
            "to check a log without writing, verify it instead"
        )
        raise OutputError(message) from error


def _taken(handle: int, *, path: Path) -> bool:
    """Whether we have the lock now, on the file that still has this name."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    try:
        now = path.lstat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (mine.st_dev, mine.st_ino) == (now.st_dev, now.st_ino)


def _note(handle: int) -> None:
    with suppress(OSError):  # a full disk must not keep anybody from reading on
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)


def _holder(handle: int) -> str:
    note = os.pread(handle, _NOTE_BYTES, 0).decode("utf-8", "replace")
    return note if note.isprintable() and note else "another process"
