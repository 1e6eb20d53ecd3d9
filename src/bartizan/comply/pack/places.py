"""Where a pack lies: one file, or a folder that holds the same files side by side."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bartizan.comply.pack.archive import Member, members, written
from bartizan.comply.pack.manifest import MANIFEST
from bartizan.comply.pack.signature import SIGNATURES
from bartizan.core.errors import InputError, OutputError, TrustError
from bartizan.crypto.oms.measuring import is_folder, listed, open_file


@contextmanager
def opened(place: Path) -> Iterator[Iterator[Member]]:
    """The files of a pack, in their order.

    Args:
        place: An archive or a folder.

    Raises:
        InputError: there is none that can be read, or there is nothing in it.
        TrustError: it is a link, or holds one.
    """
    if is_folder(place):
        names = listed(place, ignored=())
        _require_some(len(names), place=place)
        yield _in_folder(place, names)
        return
    with os.fdopen(open_file(place), "rb") as stream:
        _require_some(os.fstat(stream.fileno()).st_size, place=place)
        yield members(stream)


def _require_some(size: int, *, place: Path) -> None:
    if not size:
        message = f"{place} is empty: there is nothing to read"
        raise InputError(message)


def save_archive(files: Iterable[tuple[str, bytes]], *, to: Path) -> None:
    """Write a pack as one file, which appears whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    beside = to.with_name(f".{to.name}.{os.getpid()}.new")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as stream:
                for piece in written(files):
                    stream.write(piece)
            beside.replace(to)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        message = f"cannot write {to}: {error.strerror or error}; choose another --out"
        raise OutputError(message) from error


def save_folder(files: Iterable[tuple[str, bytes]], *, to: Path) -> None:
    """Write a pack as a folder that is not there yet, or is empty.

    Raises:
        OutputError: there is something in it, or it cannot be written.
    """
    try:
        to.mkdir(parents=True, exist_ok=True)
        if any(to.iterdir()):
            message = f"{to} is not empty; a pack goes into a folder of its own"
            raise OutputError(message)
        for name, content in files:
            place = to / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        message = f"cannot write {to}: {error.strerror or error}; choose another --out"
        raise OutputError(message) from error


def _in_folder(folder: Path, names: Collection[str]) -> Iterator[Member]:
    front = [name for name in (MANIFEST, *SIGNATURES) if name in names]
    for name in [*front, *sorted(set(names) - set(front))]:
        with os.fdopen(open_file(folder / name), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            yield Member(name=name, size_bytes=size, read=partial(_whole, file, size=size))


def _whole(file: BinaryIO, *, size: int) -> bytes:
    """All of a file that stays as long as it is."""
    raw = file.read(size + 1)
    if len(raw) != size:
        message = "a file of the pack changed while it was read"
        raise TrustError(message)
    return raw
