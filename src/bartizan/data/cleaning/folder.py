"""The folder of a cleaning: it is there as a whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bartizan.adapt.files.whole import read_file
from bartizan.adapt.rows.file import RowFile, read_rows
from bartizan.core.errors import InputError, OutputError
from bartizan.core.record import decode, digest
from bartizan.crypto.safe_file import PRIVATE, STEPS, Steps, lay
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


def require_free(folder: Path) -> None:
    """Refuse a place that is taken, before any work is done.

    Raises:
        OutputError: something is there, or there is nowhere to put it.
    """
    if os.path.lexists(folder):
        message = (
            f"{folder} exists already, and quarantined rows are never overwritten; choose another "
            "--out, or undo it first"
        )
        raise OutputError(message)
    if not folder.parent.is_dir():
        message = f"cannot write {folder}: the folder {folder.parent} does not exist; make it"
        raise OutputError(message)


def written(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    add: Callable[[Path], object] = lambda _: None,
    before: Callable[[], object] = lambda: None,
    steps: Steps = STEPS,
) -> None:
    """Write the folder, for its owner only.

    All files are written and synced under another name, which is then exchanged.

    Args:
        folder: Must be free.
        files: By name, their content.
        add: Writes further files into the folder it is given, such as a report.
        before: Called when everything is written and nothing is in its place yet: what is said
            in the ledger.
        steps: How to write.

    Raises:
        OutputError: it cannot be written; nothing was kept.
    """
    require_free(folder)
    made = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.new")
    try:
        made.mkdir(mode=0o700)
        for name, content in {**files, ".gitignore": b"*\n"}.items():
            lay(made / name, content, mode=PRIVATE, steps=steps)
        add(made)
        steps.settle(made)
        before()
        steps.rename(made, folder)
        steps.settle(folder.parent)
    except OSError as error:
        message = f"cannot write {folder}: {error.strerror or error}; nothing was kept"
        raise OutputError(message) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(made)


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
    manifest = decode(raw, kind=Manifest)
    kept = _read(folder, manifest.file, digest_then=manifest.cleaned_digest, like=manifest)
    aside = _read(folder, manifest.aside, digest_then=manifest.aside_digest, like=manifest)
    return Opened(
        manifest=manifest,
        digest=digest(raw),
        kept=kept,
        source=whole(Parted(kept=kept, aside=aside), manifest),
    )


def _read(folder: Path, name: str, *, digest_then: str, like: Manifest) -> RowFile:
    """One of the two files; the manifest may name no file elsewhere."""
    if name != Path(name).name:
        message = f"{folder / MANIFEST} names a file in another folder, {name!r}; it was changed"
        raise InputError(message)
    path = folder / name
    if digest(read_file(path)) != digest_then:
        message = (
            f"{path} was changed since it was cleaned, so that rows cannot be put back in their "
            "places; take the original file, or put back the file as it was written"
        )
        raise InputError(message)
    return read_rows(path, target=like.target, has_header=like.header)
