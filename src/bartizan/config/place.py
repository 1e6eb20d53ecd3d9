"""Where the project file is."""

from pathlib import Path

FILE_NAME = "bartizan.toml"


def find_config(start: Path) -> Path | None:
    """Look for the project file in a folder and in those above it.

    Args:
        start: A folder, or a file in it.

    Returns:
        The nearest project file, or none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        candidate = folder / FILE_NAME
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a folder that we may not look into holds no project of ours
            continue
    return None
