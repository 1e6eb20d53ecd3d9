"""Reports on disk."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from bartizan.core.errors import OutputError
from bartizan.core.report import Report
from bartizan.report.formats import FORMATS, render

_FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a full disk and a used-up quota look like."""


def save(report: Report, out: Path, *, formats: Iterable[str] = tuple(FORMATS)) -> list[Path]:
    """Write a report in some formats.

    Each file appears whole or not at all: it is written beside its place and then renamed.

    Args:
        report: What was found.
        out: Directory; made if it is not there.
        formats: Which of `FORMATS`; all of them unless said otherwise.

    Returns:
        The files, in the order of `formats`.

    Raises:
        OutputError: a file cannot be written; those written before it stay.
        ConfigError: no such format.
    """
    _make(out)
    return put_all(((render(report, fmt=fmt), FORMATS[fmt]) for fmt in formats), out)


def put_all(files: Iterable[tuple[bytes, str]], out: Path) -> list[Path]:
    """Put files in place one after another, as they come.

    Args:
        files: The bytes and the name of each. Made lazily, those before an error stay.
        out: Folder; made if it is not there.

    Returns:
        Where they are, in the same order.

    Raises:
        OutputError: one cannot be written; those written before it stay.
    """
    written = []
    for content, name in files:
        put(out / name, content)
        written.append(out / name)
    return written


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from error


def put(path: Path, content: bytes) -> None:
    """Put a file in place in one step, in a folder that is made if need be.

    It is not synced: a report can be made again.

    Raises:
        OutputError: it cannot be written.
    """
    _make(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> OutputError:
    """Say what stood in the way and what to do about it."""
    if error.errno in _FULL:
        return OutputError(f"cannot write {path}: the disk is full; free some space and run again")
    why = error.strerror or str(error)
    return OutputError(
        f"cannot write {path}: {why}; choose a directory that can be written with --out"
    )
