"""What the verbs of `comply` share: a project, its workspace, and where it lies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bartizan.cli.workspace_place import workspace_beside
from bartizan.config import FILE_NAME, Config, find_config, read_config
from bartizan.core.errors import UsageError
from bartizan.workspace import Workspace


@contextmanager
def opened(
    project: Path | None, *, workspace: Path | None, make: bool = False
) -> Iterator[tuple[Workspace, Config, Path]]:
    """A project's workspace, the project, and the folder that its paths are relative to.

    Args:
        project: The project file; none = the one here or above.
        workspace: Where the ledger is; none = `.bartizan` beside the project file.
        make: Whether to make a workspace where there is none.

    Raises:
        UsageError: there is no project file, or not the workspace that was named.
    """
    place = project or find_config(Path.cwd())
    if place is None:
        message = f"there is no {FILE_NAME} here; `bartizan init` writes one"
        raise UsageError(message)
    config, folder = read_config(place), place.resolve().parent
    with workspace_beside(workspace, folder=folder, config=config, make=make) as ws:
        yield ws, config, folder
