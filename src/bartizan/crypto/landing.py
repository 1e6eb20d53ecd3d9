"""A file that appears whole or not at all, readable by its owner only."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bartizan.core.errors import OutputError, UsageError
from bartizan.crypto.safe_file import PRIVATE, sync_folder

_FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a full disk and a used-up quota look like."""
_NAMELESS = getattr(os, "O_TMPFILE", 0)
"""Linux: a file without a name, which vanishes with its process. 0 = there is no such thing."""
BUFFER_BYTES = 1 << 20
"""Read and written at once: a call of the system for each 8 kB would cost more than the cipher."""


@contextmanager
def landing(to: Path, *, force: bool = False, nameless: bool = True) -> Iterator[BinaryIO]:
    """Write to a file beside `to`, which takes its place once the block has ended well.

    Where the system can, the file has no name until then, so that not even a killed process
    leaves a part of it behind.

    Args:
        to: Where the file will be. Its folder must exist.
        force: Whether it may take the place of a file that is there.
        nameless: Whether to try for a file without a name.

    Raises:
        UsageError: `to` exists and `force` is not set, or it is a link or no regular file.
        OutputError: it cannot be written.
    """
    refuse_place(to, force=force)
    with refusals(to):
        handle, name = _opened(to, nameless=nameless)
        try:
            with os.fdopen(handle, "wb", buffering=BUFFER_BYTES) as file:
                yield file
                file.flush()
                os.fsync(handle)
                _place(handle, name=name, to=to, force=force)
        finally:
            if name is not None:
                name.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not every file system can
            sync_folder(to.parent)


def refuse_place(to: Path, *, force: bool) -> None:
    """Refuse a place that is taken, before any work is done.

    Raises:
        UsageError: it exists and `force` is not set, or it is a link or no regular file.
    """
    try:
        mode = to.lstat().st_mode
    except OSError:
        return
    if stat.S_ISLNK(mode):
        message = f"{to} is a link; expected a name that is free, or --force and the file itself"
        raise UsageError(message)
    if not stat.S_ISREG(mode):
        message = f"{to} is not a regular file; choose another --out"
        raise UsageError(message)
    if not force:
        message = f"{to} exists already; --force overwrites it"
        raise UsageError(message)


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn what the system says about writing `path` into one of our errors."""
    try:
        yield
    except FileExistsError as error:
        message = f"{path} exists already; --force overwrites it"
        raise UsageError(message) from error
    except OSError as error:
        if error.errno in _FULL:
            message = f"cannot write {path}: the disk is full; nothing was kept, free some space"
            raise OutputError(message) from error
        message = f"cannot write {path}: {error.strerror or error}; choose another place"
        raise OutputError(message) from error


def _opened(to: Path, *, nameless: bool) -> tuple[int, Path | None]:
    """A new file in the folder of `to`, and its name if it needs one."""
    if nameless and _NAMELESS:
        with contextlib.suppress(OSError):  # not every file system has it
            return os.open(to.parent, _NAMELESS | os.O_WRONLY | os.O_CLOEXEC, PRIVATE), None
    name = _beside(to)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(name, flags, PRIVATE), name


def _place(handle: int, *, name: Path | None, to: Path, force: bool) -> None:
    """Give the file its name, in one step; without `force`, never to the loss of another."""
    if not force:
        _link(handle, name=name, to=to)
        return
    if name is None:
        name = _beside(to)
        _link(handle, name=None, to=name)
    try:
        name.replace(to)
    finally:  # there is no such name any more, unless something came in between
        name.unlink(missing_ok=True)


def _link(handle: int, *, name: Path | None, to: Path) -> None:
    """Give an open file one more name, which must be free."""
    if name is not None:
        os.link(name, to, follow_symlinks=False)
        return
    folder = os.open(to.parent, os.O_RDONLY)
    try:  # a folder is named because Python follows the link in /proc only then
        os.link(f"/proc/self/fd/{handle}", to.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _beside(to: Path) -> Path:
    """A name that nobody else has, in the same folder."""
    return to.with_name(f".{to.name[:100]}.{secrets.token_hex(8)}.tmp")
