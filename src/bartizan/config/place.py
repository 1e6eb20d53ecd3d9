"""Where the project file is, and what reports call it."""

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


def called(path: Path, *, start: Path) -> str:
    """What reports call a file, so that programs find it from where the command ran.

    Args:
        path: As somebody named it, or as it was found.
        start: The folder in which the command runs.

    Returns:
        The path from there, with `/`; as it was named where it lies elsewhere.
    """
    whole, here = path.resolve(), start.resolve()
    return (whole.relative_to(here) if whole.is_relative_to(here) else path).as_posix()
