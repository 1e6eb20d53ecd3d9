"""Walks a model and hashes its files: no link is followed, and memory stays flat."""

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.holes import holes
from bartizan.crypto.oms.manifest import ONLY_FILE, FileDigest, Manifest
from bartizan.crypto.oms.names import require_name

GIT = (".git", ".gitattributes", ".github", ".gitignore")
"""What OMS leaves out, in the model's folder itself and nowhere below it."""
_PIECE_BYTES = 1 << 20
"""Read at once; hashlib lets other threads run meanwhile."""
_THREADS = 4
"""Hashing keeps a core busy, reading a disk: more threads than this gained nothing on two cores."""
_FILES = 1_000_000
"""More files than any model has; a folder is listed in memory."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Progress = Callable[[int], object]
"""Told how many bytes have been hashed since it was told last."""


def measured(
    path: Path,
    *,
    ignored: Iterable[str] = (),
    threads: int = _THREADS,
    progress: Progress = lambda _: None,
) -> Manifest:
    """The manifest of a model as it lies on the disk.

    Args:
        path: A file, or a folder.
        ignored: Files and folders that do not belong to the model, relative to it.
        threads: Files that are hashed at a time.
        progress: Called as it goes on, from several threads.

    Raises:
        InputError: something cannot be read, is no file, or changed while it was read.
        TrustError: there is a link, or a name that looks like another one.

    Cost: SHA-256 of every byte: about 0.7 s for each GiB where the processor helps.
    """
    if not is_folder(path):
        return Manifest((_hashed(path, name=ONLY_FILE, progress=progress),))
    left_out = frozenset(ignored)
    names = listed(path, ignored=left_out)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        work = [pool.submit(_hashed, path / name, name=name, progress=progress) for name in names]
        try:
            files = [one.result() for one in work]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if listed(path, ignored=left_out) != names:
        message = f"files came or went in {path} while it was hashed; wait, and try again"
        raise InputError(message)
    return Manifest.of(files)


def is_folder(path: Path) -> bool:
    """Whether a model is a folder; anything but a folder or a file is refused.

    Raises:
        InputError: there is nothing, or nothing that can be hashed.
        TrustError: it is a link.
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError) as error:
        message = f"cannot read {path}: {getattr(error, 'strerror', None) or error}"
        raise InputError(message) from error
    return _kind(mode, where=str(path)) == "folder"


def listed(folder: Path, *, ignored: Collection[str]) -> list[str]:
    """The names of all files below a folder, in the order of OMS.

    Raises:
        InputError: a folder cannot be read, or something in it is neither file nor folder.
        TrustError: there is a link, or a name that looks like another one.
    """
    left_out = {tuple(name.split("/")) for name in ignored}
    names = []
    for name in _below(folder, "", left_out=left_out):
        names.append(name)
        if len(names) > _FILES:
            message = f"{folder} holds more than {_FILES:,} files, which no model does"
            raise InputError(message)
    return sorted(names, key=lambda name: tuple(name.split("/")))


def _below(folder: Path, inside: str, *, left_out: set[tuple[str, ...]]) -> Iterator[str]:
    """Without recursion: folders may lie in each other deeper than Python can call."""
    waiting = [inside]
    while waiting:
        here = waiting.pop()
        for entry in _entries(folder / here if here else folder):
            name = f"{here}/{entry.name}" if here else entry.name
            if tuple(name.split("/")) in left_out:
                continue
            require_name(name)
            mode = entry.stat(follow_symlinks=False).st_mode
            if _kind(mode, where=f"{folder}/{name}") == "folder":
                waiting.append(name)
            else:
                yield name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError as error:
        message = (
            f"cannot list the folder {folder}: {error.strerror or error}; nothing is said about "
            "a model that cannot be read as a whole"
        )
        raise InputError(message) from error


def _kind(mode: int, *, where: str) -> str:
    if stat.S_ISLNK(mode):
        message = (
            f"{where[:300]!a} is a link: it could lead to other bytes tomorrow; put the file "
            "itself in its place"
        )
        raise TrustError(message)
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISREG(mode):
        return "file"
    message = (
        f"{where[:300]!a} is neither a file nor a folder, but a pipe, socket or device; expected "
        "what a model consists of"
    )
    raise InputError(message)


def _hashed(path: Path, *, name: str, progress: Progress) -> FileDigest:
    """The digest of one file that stays as it is meanwhile."""
    handle = open_file(path)
    try:
        before = os.fstat(handle)
        total, size = hashlib.sha256(), 0
        buffer = bytearray(min(_PIECE_BYTES, before.st_size + 1))
        while count := os.readv(handle, [buffer]):
            total.update(memoryview(buffer)[:count])
            size += count
            progress(count)
            if size > before.st_size:
                break  # one that grows all the time has no end
        after = os.fstat(handle)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise InputError(message) from error
    finally:
        os.close(handle)
    same = (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    if not same or size != before.st_size:
        message = f"{path} changed while it was hashed; wait until it is complete, and try again"
        raise InputError(message)
    return FileDigest(name=name, digest=total.digest(), size_bytes=size)


def open_file(path: Path) -> int:
    """A regular file, opened for reading without following a link. The caller closes it.

    Raises:
        InputError: it cannot be opened, is no file, or consists of holes.
        TrustError: it is a link.
    """
    try:
        handle = os.open(path, _FLAGS)
    except OSError as error:
        if os.path.islink(path):  # noqa: PTH114 (Path.is_symlink raises for long names)
            _kind(stat.S_IFLNK, where=str(path))
        message = f"cannot read {path}: {error.strerror or error}"
        raise InputError(message) from error
    try:
        _require_file(os.fstat(handle), where=path)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _require_file(said: os.stat_result, *, where: Path) -> None:
    """Refuse what cannot be read to its end soon."""
    if _kind(said.st_mode, where=str(where)) == "folder":
        message = f"expected a file, but {where} is a folder"
        raise InputError(message)
    if why := holes(said):
        message = f"{where} is not read: {why}; put the real file in its place"
        raise InputError(message)
