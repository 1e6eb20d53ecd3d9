"""Files of one folder, read whole, and no others: a file that includes another may name any."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from bartizan.core.errors import InputError, LimitError
from bartizan.supply.dependencies.dependency import plain

LIMIT_BYTES = 32 << 20
"""Of one file. A package with its hashes takes 1 to 3 kB in a lock file: room for 10,000."""


@dataclass(frozen=True)
class Tree:
    """A folder, and what lies in it."""

    root: Path
    """Resolved: no link in it."""

    @classmethod
    def of(cls, folder: Path) -> "Tree":
        """The folder and everything below it.

        Raises:
            InputError: it is no folder.
        """
        root = folder.resolve()
        if not root.is_dir():
            message = f"expected a folder of dependency files, but {folder} is none"
            raise InputError(message)
        return cls(root)

    def inside(self, path: Path) -> Path:
        """The path without links.

        Raises:
            InputError: it lies outside of the tree, or there is nothing.
        """
        try:
            found = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            message = f"there is no file {plain(str(path.name))} where it was looked for"
            raise InputError(message) from error
        if not found.is_relative_to(self.root):
            message = f"{plain(str(path.name))} lies outside of the folder that is scanned"
            raise InputError(message)
        return found

    def named(self, path: Path) -> str:
        """The path below the root, with ``/``."""
        return path.relative_to(self.root).as_posix()

    def text(self, path: Path) -> str:
        """A text file.

        Raises:
            InputError: it is outside, no regular file, unreadable, or no text in UTF-8.
            LimitError: it is too large.
        """
        found = self.inside(path)
        raw = read_regular(found)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"{plain(found.name)} is no text in UTF-8; convert it"
            raise InputError(message) from error


def read_regular(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """All bytes of a regular file. A pipe or a device is refused without waiting for it.

    Raises:
        InputError: it cannot be read, or is something else.
        LimitError: it is too large.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                message = f"{plain(path.name)} is no regular file; expected a text file"
                raise InputError(message)
            raw = file.read(limit_bytes + 1)
    except OSError as error:
        message = f"cannot read {plain(path.name)}: {error.strerror or error}"
        raise InputError(message) from error
    if len(raw) > limit_bytes:
        message = f"{plain(path.name)} has more than {limit_bytes} bytes; split it"
        raise LimitError(message)
    return raw
