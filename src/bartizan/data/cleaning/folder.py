"""The folder of a cleaning, read back; `placing` writes it."""

from dataclasses import dataclass
from pathlib import Path

from bartizan.adapt.files.whole import read_file
from bartizan.adapt.rows.file import RowFile, rows_of
from bartizan.core.errors import InputError
from bartizan.core.record import decode, digest
from bartizan.data.cleaning.manifest import Manifest
from bartizan.data.cleaning.parting import Parted, whole

MANIFEST = "manifest.json"
QUARANTINE = "quarantine.csv"
SUGGESTIONS = "suggestions.csv"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A folder of a cleaning, once it is sure that it is what it was."""

    manifest: Manifest
    digest: str
    """Of the manifest."""
    kept: RowFile
    source: RowFile
    """The rows before they were cleaned."""


def opened(folder: Path) -> Opened:
    """Read a folder back and put its rows together.

    Raises:
        InputError: it is none, or one of its files is not what it was.
    """
    path = folder / MANIFEST
    if not path.is_file():
        message = f"{folder} holds no {MANIFEST}; expected a folder that `data clean` wrote"
        raise InputError(message)
    raw = read_file(path)
    manifest = _manifest(raw, path)
    kept = _read(folder, manifest.file, digest_then=manifest.cleaned_digest, like=manifest)
    aside = _read(folder, manifest.aside, digest_then=manifest.aside_digest, like=manifest)
    return Opened(
        manifest=manifest,
        digest=digest(raw),
        kept=kept,
        source=whole(Parted(kept=kept, aside=aside), manifest),
    )


def _manifest(raw: bytes, path: Path) -> Manifest:
    try:
        return decode(raw, kind=Manifest)
    except InputError as error:
        message = f"{path} cannot be used: {error}"
        raise InputError(message) from error


def _read(folder: Path, name: str, *, digest_then: str, like: Manifest) -> RowFile:
    """One of the two files."""
    path = folder / name
    raw = read_file(path)
    if digest(raw) != digest_then:
        message = (
            f"{path} was changed since it was cleaned, so that rows cannot be put back in their "
            "places; take the original file, or put back the file as it was written"
        )
        raise InputError(message)
    return rows_of(raw, where=str(path), target=like.target, has_header=like.header)
