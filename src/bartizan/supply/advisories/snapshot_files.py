"""The records of a snapshot one by one, from a folder or from a zip file."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bartizan.core.errors import InputError, LimitError
from bartizan.supply.advisories.reading import plain, read_regular

RECORD_BYTES = 16 << 20
"""Of one record: a list of a million versions still fits."""
RECORDS = 2_000_000
"""PyPI has tens of thousands, and each costs 0.1 ms: beyond this number it is minutes."""
TOTAL_BYTES = 16 << 30
"""Of all records: a thousand times those of PyPI."""
_CHUNK = 1 << 20


class Digest(Protocol):
    """What bytes are added to."""

    def update(self, raw: bytes, /) -> None:
        """Add bytes."""


def records_of(place: Path, *, digest: Digest) -> Iterator[tuple[str, bytes]]:
    """Every record with its name, in an order that does not change.

    Args:
        place: As `read_snapshot` says.
        digest: Is given the zip file, or the name and the SHA-256 of every record.

    Raises:
        InputError: there is nothing, or it cannot be read.
        LimitError: a record, or their number, is too large.
    """
    packed = _archive(place)
    if packed is not None:
        yield from _of_zip(packed, digest=digest)
        return
    if not place.is_dir():
        message = f"there is no snapshot of advisories at {plain(str(place))}"
        raise InputError(message)
    for count, path in enumerate(_files(place)):
        _require_few(count)
        raw = read_regular(path, limit_bytes=RECORD_BYTES)
        name = path.relative_to(place).as_posix()
        digest.update(
            f"{hashlib.sha256(raw).hexdigest()}  {name}\n".encode(errors="backslashreplace")
        )
        yield name, raw


def stated_date(place: Path) -> str:
    """What the file SNAPSHOT beside the records says; empty = there is none."""
    folder = place if place.is_dir() else place.parent
    path = folder / "SNAPSHOT"
    if not path.is_file():
        return ""
    return read_regular(path, limit_bytes=1024).decode("ascii", "replace")


def _archive(place: Path) -> Path | None:
    """The zip file, if the snapshot is one."""
    if place.is_file():
        return place
    for inside in (place / "PyPI" / "all.zip", place / "all.zip"):
        if inside.is_file():
            return inside
    return None


def _files(folder: Path) -> Iterator[Path]:
    """Files of records below a folder, in order of name."""
    for here, folders, files in os.walk(folder, onerror=_refuse):
        folders.sort()
        if linked := next((one for one in folders if (Path(here) / one).is_symlink()), None):
            message = f"{plain(linked)} is a link; expected a folder of records without links"
            raise InputError(message)
        for name in sorted(files):
            if name.endswith(".json"):
                yield Path(here) / name


def _refuse(error: OSError) -> None:
    """A folder that cannot be read may hold any advisory."""
    message = f"cannot read {plain(str(error.filename))}: {error.strerror or error}"
    raise InputError(message) from error


def _require_few(count: int) -> None:
    if count >= RECORDS:
        message = f"the snapshot has more than {RECORDS:,} records; use that of PyPI alone"
        raise LimitError(message)


def _of_zip(path: Path, *, digest: Digest) -> Iterator[tuple[str, bytes]]:
    """Records of a zip file. The same open file is digested and read."""
    with _trouble(path), path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".json"))
            _require_few(len(names) - 1)
            total = 0
            for name in names:
                raw = _member(archive, name)
                total += len(raw)
                if total > TOTAL_BYTES:
                    message = f"the snapshot unpacks to more than {TOTAL_BYTES:,} bytes"
                    raise LimitError(message)
                yield name, raw


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One record of a zip file, unpacked."""
    with archive.open(name) as member:
        raw = member.read(RECORD_BYTES + 1)
    if len(raw) > RECORD_BYTES:
        message = f"record {plain(name)} has more than {RECORD_BYTES} bytes"
        raise LimitError(message)
    return raw


@contextmanager
def _trouble(path: Path) -> Iterator[None]:
    """Whatever is wrong with a zip file, in one of our errors."""
    try:
        yield
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        message = (
            f"cannot read the snapshot {plain(path.name)}: {plain(str(error))}; fetch it again"
        )
        raise InputError(message) from error
    except (RuntimeError, ValueError) as error:  # encrypted, or a header that makes no sense
        message = (
            f"cannot read the snapshot {plain(path.name)}: {plain(str(error))}; fetch it again"
        )
        raise InputError(message) from error
