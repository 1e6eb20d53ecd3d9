"""The folder of real rows beside a report."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from bartizan.core.errors import OutputError

_KINDS = ("*.parquet", "*.npz", "*.json")


@contextmanager
def examples_folder(folder: Path) -> Iterator[Path]:
    """Make the folder, for its owner only; files of an earlier run in it are removed at the end.

    Rows of another run beside this report would mislead.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        old = _prepared(folder)
        yield folder
        for path, written_at in old.items():
            if path.stat().st_mtime_ns == written_at:
                path.unlink()
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"cannot write examples to {folder}: {error}; choose another --out"
        raise OutputError(message) from error


def _prepared(folder: Path) -> dict[Path, int]:
    """Make the folder; what lies in it, with when it was written."""
    if folder.is_symlink():
        message = f"{folder} is a link; real rows are not written through links: remove it"
        raise OutputError(message)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    (folder / ".gitignore").write_text("*\n")
    return {path: path.stat().st_mtime_ns for kind in _KINDS for path in folder.glob(kind)}


def written(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame so that the file is whole or not there."""
    return put(path, frame.write_parquet)


def put(path: Path, write: Callable[[Path], object]) -> Path:
    """Write a file under another name first.

    It is whole or not there, but not synced: rows beside a report can be had again by another run.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
