"""Folders sealed as one age file: a tar archive, the same bytes for the same files."""

import os
import secrets
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bartizan.core.errors import Error, InputError, OutputError, UsageError
from bartizan.crypto import age_stream
from bartizan.crypto.age_header import read_header
from bartizan.crypto.identity import Key, Lock
from bartizan.crypto.landing import landing, refusals
from bartizan.crypto.oms.measuring import is_folder, listed, open_file
from bartizan.crypto.pipe import through_pipe
from bartizan.crypto.safe_file import STEPS, Steps, sync_folder
from bartizan.crypto.sealing import Progress, Written, reading
from bartizan.crypto.tar_reader import unpack

SUFFIX = ".tar.age"


def seal_folder(
    folder: Path,
    *,
    to: Path,
    lock: Lock,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Written:
    """Encrypt every file of a folder into one file.

    Owners, times, modes and empty folders are left out, so that the same files give the same
    archive wherever they lie.

    Args:
        folder: Without links; it stays as it is.
        to: Where the sealed file appears, whole or not at all; not in the folder.
        lock: Who can open it.
        force: Whether `to` may replace a file.
        progress: Told how many bytes of files have been read.

    Raises:
        TrustError: there is a link in it, or a name that cannot be shown.
        InputError: something cannot be read, or changed meanwhile.
        UsageError: `to` is taken, or lies in the folder.
        OutputError: `to` cannot be written, or the disk is full.
    """
    if not is_folder(folder):
        message = f"{folder} is a file; expected a folder"
        raise UsageError(message)
    if to.parent.resolve().is_relative_to(folder.resolve()):
        message = f"{to} lies in the folder that is sealed; choose another --out"
        raise UsageError(message)
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        progress(done)

    with landing(to, force=force) as file:
        through_pipe(
            lambda sink: _pack(folder, sink, told=more),
            lambda plain: age_stream.encrypt(plain, file, lock=lock),
        )
        size_bytes = file.tell()
    return Written(path=to, size_bytes=size_bytes, source_bytes=done)


def unseal_folder(
    source: Path,
    *,
    to: Path,
    key: Key,
    progress: Progress = lambda _: None,
    steps: Steps = STEPS,
) -> Written:
    """Decrypt a sealed folder; it appears once all of it has been found genuine.

    Until then it grows beside `to`, under a name with a dot, for its owner alone. Whatever ends
    the work takes it away again, except for a process that is killed or a power cut.

    Args:
        source: What `seal_folder` made, or tar and another age program.
        to: A name that is free.
        key: Identities, or the passphrase.
        progress: Told how many bytes of `source` have been read.
        steps: How files are written.

    Raises:
        InputError: it is no sealed file, or the key does not open it.
        TrustError: it was changed or cut off, or holds links or names that lead elsewhere.
        UsageError: `to` is taken.
        OutputError: it cannot be written, or the disk is full.
    """
    if os.path.lexists(to):
        message = f"{to} exists already; a folder is never overwritten, choose another --out"
        raise UsageError(message)
    beside = to.with_name(f".{to.name[:100]}.{secrets.token_hex(8)}.tmp")
    with reading(source, to=None, force=True, progress=progress) as reader:
        header = read_header(reader, name=str(source))

        def opened(sink: BinaryIO) -> None:
            age_stream.decrypt(reader, sink, key=key, header=header, name=str(source))
            reader.require_same()

        with refusals(to):
            beside.mkdir(mode=0o700)
            try:
                _through(opened, into=beside, steps=steps)
                _settle(beside, to=to)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
        size = sum(one.stat().st_size for one in to.rglob("*") if one.is_file())
        return Written(path=to, size_bytes=size, source_bytes=reader.done)


def _through(opened: Callable[[BinaryIO], None], *, into: Path, steps: Steps) -> None:
    """Unpack what is decrypted; where the key is wrong, that is what is said."""
    refused: list[Error | OSError] = []

    def drain(plain: BinaryIO) -> None:
        try:
            unpack(plain, into=into, steps=steps)
        except (Error, OSError) as error:
            refused.append(error)
            while plain.read(1 << 20):
                pass  # lets the other end come to its own judgement, which comes first

    through_pipe(opened, drain)
    if refused:
        raise refused[0]


def _settle(beside: Path, *, to: Path) -> None:
    """Make every name durable, then give the folder its own in one step."""
    for here, _, _ in os.walk(beside, topdown=False):
        sync_folder(Path(here))
    if os.path.lexists(to):
        message = f"{to} came to be while it was written; nothing was put in its place"
        raise OutputError(message)
    beside.rename(to)
    sync_folder(to.parent)


def _pack(folder: Path, sink: BinaryIO, *, told: Callable[[int], None]) -> None:
    names = listed(folder, ignored=())
    if not names:
        message = f"{folder} holds no file; expected a folder with something to seal"
        raise InputError(message)
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            told(_add(archive, folder / name, name=name))
    if listed(folder, ignored=()) != names:
        message = f"files came or went in {folder} while it was read; nothing was written"
        raise InputError(message)


def _add(archive: tarfile.TarFile, path: Path, *, name: str) -> int:
    """One file, under nothing but its name and size."""
    with os.fdopen(open_file(path), "rb") as file:
        before = os.fstat(file.fileno())
        member = tarfile.TarInfo(name)
        member.size, member.mode = before.st_size, stat.S_IRUSR | stat.S_IWUSR
        try:
            archive.addfile(member, file)
            longer = file.read(1)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            message = f"cannot read {path}: {error.strerror or error}; nothing was written"
            raise InputError(message) from error
        after = os.fstat(file.fileno())
    if longer or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        message = f"{path} changed while it was read; nothing was written, try again"
        raise InputError(message)
    return before.st_size
