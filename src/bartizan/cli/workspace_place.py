"""The workspace beside a project: where it is, and opening it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.core.errors import UsageError

if TYPE_CHECKING:
    from bartizan.config import Config
    from bartizan.workspace import Workspace

BESIDE = ".bartizan"
"""What a workspace is called beside its project file."""


def there(named: Path | None, *, folder: Path) -> Path | None:
    """The workspace that somebody named, else the one beside the project file, if there is one.

    Raises:
        UsageError: the one that was named is not there: without its ledger, all answers differ.
    """
    place = folder / BESIDE if named is None else named
    if place.is_dir():
        return place
    if named is not None:
        message = f"there is no workspace in {named}; name its folder, or leave --workspace out"
        raise UsageError(message)
    return None


@contextmanager
def workspace_beside(
    named: Path | None, *, folder: Path, config: Config | None, make: bool = False
) -> Iterator[Workspace]:
    """A project's workspace; one that keeps nothing where there is none.

    Args:
        named: Where it is, as somebody said; none = beside the project file.
        folder: Where the project file lies.
        config: What it says.
        make: Whether to make one where there is none.

    Raises:
        UsageError: the one that was named is not there, and none is to be made.
    """
    from bartizan.workspace import Workspace, ledger_settings  # noqa: PLC0415 (slow to import)

    place = named or folder / BESIDE if make else there(named, folder=folder)
    with Workspace(place, ledger=ledger_settings(config)) as ws:
        yield ws
