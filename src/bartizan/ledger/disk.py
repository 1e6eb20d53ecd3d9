"""The calls to the file system that a log makes, one by one, so that tests can break each.

No link below the folder of the log is ever followed: a log must hold its own content, and a
folder from somebody else must not make us read or write elsewhere.

Source: POSIX.1-2024, `fsync`, `rename`, `openat`. A file is durable after `fsync` on it, its name
only after `fsync` on the folder.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bartizan.core.errors import InputError, LedgerError
from bartizan.ledger.lock import hold

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # never waits for a pipe
_MODE = 0o644
"""Of files: whoever may read the folder may check the log."""


class Disk(Protocol):
    """One folder. Paths are relative to it, with slashes; the empty path is the folder itself.

    Every call but `read` raises OSError as the system does.
    """

    def prepare(self) -> None:
        """Make the folder itself, durably, if it is not there."""

    def hold(self, path: str, *, wait_s: float) -> Callable[[], None]:
        """Take the lock of the folder; the answer gives it back."""

    def create(self, path: str) -> int:
        """Make a new file, for writing; there must be none."""

    def write(self, handle: int, raw: bytes) -> int:
        """Write; the answer says how many bytes were taken, perhaps fewer."""

    def sync(self, handle: int) -> None:
        """Make the content of a file durable."""

    def close(self, handle: int) -> None:
        """Give the handle back."""

    def rename(self, source: str, target: str) -> None:
        """Give a file another name, in the place of what had it."""

    def make_folder(self, path: str) -> None:
        """Make a folder; there may be one already."""

    def sync_folder(self, path: str) -> None:
        """Make the names in a folder durable."""

    def remove(self, path: str) -> None:
        """Delete a file."""

    def remove_folder(self, path: str) -> None:
        """Delete an empty folder."""

    def names(self, path: str) -> list[tuple[str, bool]]:
        """What a folder holds, in order: names, and whether each is a folder."""

    def read(self, path: str, *, limit: int) -> bytes:
        """A whole file.

        Raises:
            FileNotFoundError: there is none.
            LedgerError: it is no ordinary file, or larger than `limit` bytes.
            InputError: the system cannot read it.
        """


class LocalDisk:
    """A folder on this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def prepare(self) -> None:
        """Make the folder and what it lies in, and make their names durable."""
        missing = [path for path in (self._root, *self._root.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            _sync(os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def hold(self, path: str, *, wait_s: float) -> Callable[[], None]:
        """Take the lock of the folder; see `bartizan.ledger.lock`."""
        return hold(self._root / path, wait_s=wait_s)

    def create(self, path: str) -> int:
        """Make a new file; an old one, or a link, is an error."""
        with self._parent(path) as (folder, name):
            return os.open(name, _NEW, _MODE, dir_fd=folder)

    def write(self, handle: int, raw: bytes) -> int:
        """Write as much as the system takes."""
        return os.write(handle, raw)

    def sync(self, handle: int) -> None:
        """Wait until the content is on the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Give the handle back."""
        os.close(handle)

    def rename(self, source: str, target: str) -> None:
        """Rename atomically."""
        with self._parent(source) as (old, name), self._parent(target) as (new, become):
            os.rename(name, become, src_dir_fd=old, dst_dir_fd=new)

    def make_folder(self, path: str) -> None:
        """Make a folder; a link or a file in its place is found when it is opened."""
        with self._parent(path) as (folder, name):
            try:
                os.mkdir(name, dir_fd=folder)
            except FileExistsError:
                os.close(os.open(name, _FOLDER, dir_fd=folder))

    def sync_folder(self, path: str) -> None:
        """Wait until the names in the folder are on the disk."""
        with self._parent(f"{path}/." if path else ".") as (folder, _):
            os.fsync(folder)

    def remove(self, path: str) -> None:
        """Delete a file, or a link itself."""
        with self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    def remove_folder(self, path: str) -> None:
        """Delete an empty folder."""
        with self._parent(path) as (folder, name):
            os.rmdir(name, dir_fd=folder)

    def names(self, path: str) -> list[tuple[str, bool]]:
        """Names in a folder; a link to a folder is no folder."""
        with (
            self._parent(f"{path}/." if path else ".") as (folder, _),
            os.scandir(folder) as found,
        ):
            return sorted((one.name, one.is_dir(follow_symlinks=False)) for one in found)

    def read(self, path: str, *, limit: int) -> bytes:
        """Read an ordinary file that no link leads to."""
        try:
            with self._parent(path) as (folder, name):
                handle = os.open(name, _READ, dir_fd=folder)
            try:
                size = _size(os.fstat(handle), path=path, limit=limit)
                raw = _whole(handle, size)
            finally:
                os.close(handle)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _unreadable(path, error) from error
        if len(raw) != size:
            message = f"{path}: the file was cut while it was read; try again"
            raise LedgerError(message)
        return raw

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """Open the folder that a path lies in, step by step, and follow no link."""
        *steps, name = path.split("/")
        folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for step in steps:
                below = os.open(step, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder, name
        finally:
            os.close(folder)


def _sync(handle: int) -> None:
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _size(about: os.stat_result, *, path: str, limit: int) -> int:
    if not stat.S_ISREG(about.st_mode):
        message = f"{path}: expected a file, got a folder, a pipe or a device"
        raise LedgerError(message)
    if about.st_size > limit:
        message = f"{path}: expected at most {limit} bytes, the file has {about.st_size}"
        raise LedgerError(message)
    return about.st_size


def _whole(handle: int, size: int) -> bytes:
    """Read so many bytes; fewer if the file ends before."""
    raw = os.read(handle, size)
    while len(raw) < size and (more := os.read(handle, size - len(raw))):
        raw += more
    return raw


def _unreadable(path: str, error: OSError) -> Exception:
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO):
        message = (
            f"{path}: expected folders and a file of its own, got a link or something else in "
            "their place; copy the log with the content of its files"
        )
        return LedgerError(message)
    return InputError(f"{path} of the log cannot be read: {error.strerror or error}")
