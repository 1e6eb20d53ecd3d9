"""Documents of an earlier day that today does not write.

Such as a plan of what is open no more, and cards of models that are gone.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from bartizan.core.errors import InputError, OutputError
from bartizan.core.record import decode
from bartizan.core.skeleton import Skeleton
from bartizan.report.comply.documents.draft import touched
from bartizan.report.oscal import OSCAL_FILES

_KINDS = ("dpia", "annex-iv", "model-card-*")


def remove_outdated(folder: Path, *, written: Collection[Path]) -> list[Path]:
    """Remove what an earlier day wrote and today does not; a draft that somebody changed stays.

    Args:
        folder: With `oscal` and `documents` in it.
        written: What is of today.

    Returns:
        What was removed.

    Raises:
        OutputError: something cannot be.
    """
    removed = []
    for path in sorted(set(_ours(folder)) - set(written)):
        try:
            if path.is_symlink() or not path.is_file() or not _as_made(path):
                continue
            path.unlink()
        except OSError as error:
            message = f"cannot remove {path}, which is of an earlier day: {error.strerror or error}"
            raise OutputError(message) from error
        removed.append(path)
    return removed


def _ours(folder: Path) -> Iterator[Path]:
    yield from (folder / "oscal" / name for name in OSCAL_FILES.values())
    for kind in _KINDS:
        for ending in ("md", "new.md", "json"):
            yield from (folder / "documents").glob(f"{kind}.{ending}")


def _as_made(path: Path) -> bool:
    """Whether a file is as we made it; those of OSCAL are known by their names."""
    if path.parent.name == "oscal":
        return True
    if path.suffix == ".md":
        return not touched(path.read_bytes())
    try:
        return bool(decode(path.read_bytes(), kind=Skeleton).sections)
    except InputError:
        return False
