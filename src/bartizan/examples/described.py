"""Descriptions of systems that ship as worked examples of threat models."""

from importlib.resources import as_file, files
from pathlib import Path

from bartizan.core.errors import UsageError


def described_systems() -> tuple[str, ...]:
    """Names of the examples.

    Example:
        >>> "card-fraud" in described_systems()
        True
    """
    folder = files(__package__).joinpath("systems")
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir()))


def described_system(name: str) -> Path:
    """The project file of an example.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in described_systems():
        message = f"there is no example {name!r}; choose from {', '.join(described_systems())}"
        raise UsageError(message)
    with as_file(files(__package__).joinpath("systems", f"{name}.toml")) as place:
        return place
