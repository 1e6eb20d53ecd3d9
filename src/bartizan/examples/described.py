"""Descriptions of systems that ship as worked examples of threat models."""

import atexit
from contextlib import ExitStack
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
    """The project file of an example; out of a packed installation, a copy until the process ends.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in described_systems():
        message = f"there is no example {name!r}; choose from {', '.join(described_systems())}"
        raise UsageError(message)
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(as_file(files(__package__).joinpath("systems", f"{name}.toml")))
