"""Small files that are there as a whole, or not at all, whenever the power goes out.

For content that is in memory. `landing` is for streams: it leaves no part behind even when it is
killed, and minds who may overwrite what. A log has its own (`ledger.folder`), which renames many
files at a time and follows no link below its folder.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bartizan.core.errors import OutputError

PRIVATE = 0o600
"""Mode of files that only their owner reads."""
PUBLIC = 0o644
"""Mode of files that everybody may read."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_all(handle: int, raw: bytes) -> None:
    """Write every byte: one call may write fewer, on a full disk for instance."""
    left = memoryview(raw)
    while left:
        left = left[os.write(handle, left) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The four steps of a durable write. Tests let one of them fail."""

    write: Callable[[int, bytes], None] = write_all
    sync: Callable[[int], None] = os.fsync
    rename: Callable[[Path, Path], None] = os.replace
    settle: Callable[[Path], None] = sync_folder


STEPS = Steps()
"""The machine's own."""


def replace(path: Path, raw: bytes, *, mode: int = PUBLIC, steps: Steps = STEPS) -> None:
    """Put a file in place of another. When this returns, the new one survives a power cut.

    Written beside it, synced, renamed, and the folder synced: a reader sees the old or the new
    bytes, never a part. When this raises, either of the two may stand there.

    Args:
        path: Its folder exists.
        raw: The content.
        mode: Of the file.
        steps: How to do it.

    Raises:
        OutputError: it cannot be written.
    """
    beside = _beside(path)
    try:
        lay(beside, raw, mode=mode, steps=steps)
        steps.rename(beside, path)
        steps.settle(path.parent)
    except OSError as error:
        raise OutputError(_cannot(path, error)) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def create(path: Path, raw: bytes, *, mode: int = PUBLIC, steps: Steps = STEPS) -> None:
    """Put a file where there is none, as durably as `replace`.

    Raises:
        OutputError: there is one already, or it cannot be written.
    """
    beside = _beside(path)
    try:
        lay(beside, raw, mode=mode, steps=steps)
        os.link(beside, path)  # unlike a rename, refuses to take another's place
        steps.settle(path.parent)
    except FileExistsError as error:
        message = f"{path} exists already and is never overwritten; move it away first"
        raise OutputError(message) from error
    except OSError as error:
        raise OutputError(_cannot(path, error)) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def lay(path: Path, raw: bytes, *, mode: int, steps: Steps = STEPS) -> None:
    """Write a new file and make its content durable; its name is not durable yet.

    Raises:
        OSError: there is one already, a link for instance, or it cannot be written.
    """
    handle = os.open(path, _NEW, mode)
    try:
        steps.write(handle, raw)
        steps.sync(handle)
    finally:
        os.close(handle)


def _beside(path: Path) -> Path:
    """A name that nobody else has, in the same folder; two threads may write one file."""
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.new")


def _cannot(path: Path, error: OSError) -> str:
    return f"cannot write {path}: {error.strerror or error}; nothing was put in place of it"
