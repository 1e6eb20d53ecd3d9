"""Files sealed to recipients or under a passphrase, in the age format, in memory that is flat."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from bartizan.core.errors import InputError, UsageError
from bartizan.crypto import age_stream
from bartizan.crypto.age_header import Header, read_header
from bartizan.crypto.holes import holes
from bartizan.crypto.identity import Key, Lock
from bartizan.crypto.landing import BUFFER_BYTES, landing, refuse_place
from bartizan.crypto.pipe import through_pipe

Progress: TypeAlias = Callable[[int], object]
"""Told how many bytes of the source have been read."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that was sealed, opened or sealed anew."""

    path: Path
    size_bytes: int
    source_bytes: int


def seal(
    source: Path,
    *,
    to: Path,
    lock: Lock,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Written:
    """Encrypt a file.

    Args:
        source: A regular file; it stays as it is.
        to: Where the sealed file appears, whole or not at all, for its owner only.
        lock: Who can open it: recipients or a passphrase.
        force: Whether `to` may replace a file.
        progress: Called as it goes on.

    Returns:
        What was written.

    Raises:
        InputError: the source cannot be read, or changed while it was read.
        UsageError: `to` is taken, or is the source.
        OutputError: `to` cannot be written, or the disk is full.

    Cost: 2 s of one core for each GB, and what the system takes to write it; flat in memory.
    """
    with reading(source, to=to, force=force, progress=progress) as reader:
        with landing(to, force=force) as file:
            age_stream.encrypt(reader, file, lock=lock)
            reader.require_same()
            size_bytes = file.tell()
        return Written(path=to, size_bytes=size_bytes, source_bytes=reader.done)


def unseal(
    source: Path,
    *,
    to: Path,
    key: Key,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Written:
    """Decrypt a file; what was changed or cut off leaves nothing behind.

    Args:
        source: A sealed file.
        to: Where the content appears once all of it has been found genuine.
        key: Identities, or the passphrase.
        force: Whether `to` may replace a file.
        progress: Called as it goes on.

    Returns:
        What was written.

    Raises:
        InputError: it is no sealed file, the passphrase is wrong, or the identity is not among
            the recipients.
        TrustError: it was changed or cut off after it was sealed.
        UsageError: `to` is taken, or is the source.
        OutputError: `to` cannot be written, or the disk is full.
    """
    with reading(source, to=to, force=force, progress=progress) as reader:
        header = read_header(reader, name=str(source))
        with landing(to, force=force) as file:
            age_stream.decrypt(reader, file, key=key, header=header, name=str(source))
            reader.require_same()
            size_bytes = file.tell()
        return Written(path=to, size_bytes=size_bytes, source_bytes=reader.done)


def rotate(path: Path, *, key: Key, lock: Lock, progress: Progress = lambda _: None) -> Written:
    """Seal a sealed file anew, for others, in its own place; its content never meets the disk.

    Old copies of the file still open with the old key, and whoever opened it knows what it says.

    Args:
        path: A sealed file; it is replaced in one step, or stays as it was.
        key: Opens it today.
        lock: Who can open it from now on.
        progress: Called as it goes on.

    Returns:
        What was written.

    Raises:
        InputError, TrustError, UsageError, OutputError: as for `unseal`.
    """
    with reading(path, to=None, force=True, progress=progress) as reader:
        refuse_place(path, force=True)
        header = read_header(reader, name=str(path))

        def opened(sink: BinaryIO) -> None:
            age_stream.decrypt(reader, sink, key=key, header=header, name=str(path))
            reader.require_same()

        with landing(path, force=True) as file:
            through_pipe(opened, lambda plain: age_stream.encrypt(plain, file, lock=lock))
            size_bytes = file.tell()
        return Written(path=path, size_bytes=size_bytes, source_bytes=reader.done)


def kinds(source: Path) -> tuple[str, ...]:
    """The kind of each recipient, such as ``X25519``; who they are, an age file does not tell.

    Raises:
        InputError: it is no sealed file.
        TrustError: its header was changed or cut off.
    """
    with reading(source, to=None, force=True, progress=lambda _: None) as reader:
        header: Header = read_header(reader, name=str(source))
    return tuple(words[0] for words in header.stanzas if not words[0].endswith("-grease"))


class _Source:
    """A file that counts what was read of it and notices when it changes meanwhile."""

    def __init__(self, file: BinaryIO, *, name: str, progress: Progress) -> None:
        self._file = file
        self._name = name
        self._progress = progress
        self._before = _state(file)
        self.done = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        try:
            part = self._file.read(size)
        except OSError as error:
            message = f"cannot read {self._name}: {error.strerror or error}"
            raise InputError(message) from error
        self.done += len(part)
        if self.done > self._before[0]:
            self.require_same()  # one that grows all the time has no end
        self._progress(self.done)
        return part

    def readline(self, size: int = -1) -> bytes:
        """The next line."""
        return self._file.readline(size)

    def seek(self, place: int) -> int:
        """Go to a place; what was read before it counts as read."""
        self.done = self._file.seek(place)
        return self.done

    def require_same(self) -> None:
        """Refuse a file that changed since it was opened."""
        if _state(self._file) != self._before:
            message = f"{self._name} changed while it was read; nothing was written, try again"
            raise InputError(message)


def _state(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


@contextmanager
def reading(source: Path, *, to: Path | None, force: bool, progress: Progress) -> Iterator[_Source]:
    """A regular file, open, that notices when it changes.

    Args:
        source: The file.
        to: Where something is going to be written; none = nowhere yet.
        force: Whether `to` may replace a file.
        progress: Told how many bytes have been read.

    Raises:
        InputError: it cannot be read, is no regular file, or consists of holes.
        UsageError: `to` is taken, or is the source.
    """
    if to is not None:
        _refuse_same(source, to)
        refuse_place(to, force=force)
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for a writer
    except OSError as error:
        message = f"cannot read {source}: {error.strerror or error}"
        raise InputError(message) from error
    said = os.fstat(handle)
    why = "" if stat.S_ISREG(said.st_mode) else "it is not a regular file, whose end is known"
    if why := why or holes(said):
        os.close(handle)
        message = f"{source} is not read: {why}; put the real file in its place"
        raise InputError(message)
    with os.fdopen(handle, "rb", buffering=BUFFER_BYTES) as file:
        yield _Source(file, name=str(source), progress=progress)


def _refuse_same(source: Path, to: Path) -> None:
    try:
        same = source.samefile(to)
    except OSError:
        return  # one of them is not there
    if same:
        message = f"{to} is the file that is read; choose another --out"
        raise UsageError(message)
