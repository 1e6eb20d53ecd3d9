"""Which files say what a project depends on, and who reads each."""

import fnmatch
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from bartizan.core.errors import InputError, LimitError
from bartizan.supply.dependencies.dependency import Listing, Unread
from bartizan.supply.dependencies.tree import Tree

_Read: TypeAlias = Callable[..., Listing]


def _requirements(path: Path, *, tree: Tree) -> Listing:
    from bartizan.supply.dependencies.requirements import (  # noqa: PLC0415 (slow to import)
        read_requirements,
    )

    return read_requirements(path, tree=tree)


def _toml_lock(path: Path, *, tree: Tree) -> Listing:
    from bartizan.supply.dependencies.locks import read_toml_lock  # noqa: PLC0415 (slow to import)

    return read_toml_lock(path, tree=tree)


def _pipfile_lock(path: Path, *, tree: Tree) -> Listing:
    from bartizan.supply.dependencies.locks import (  # noqa: PLC0415 (slow to import)
        read_pipfile_lock,
    )

    return read_pipfile_lock(path, tree=tree)


_READERS: tuple[tuple[str, _Read], ...] = (
    ("requirements*.txt", _requirements),
    ("*requirements.txt", _requirements),
    ("constraints*.txt", _requirements),
    ("requirements/*.txt", _requirements),
    ("poetry.lock", _toml_lock),
    ("uv.lock", _toml_lock),
    ("pdm.lock", _toml_lock),
    ("pylock.toml", _toml_lock),
    ("pylock.*.toml", _toml_lock),
    ("Pipfile.lock", _pipfile_lock),
)
"""By name, because these files have no other mark; PEP 751 fixes the names of its own."""


def says_dependencies(path: Path) -> bool:
    """Whether a file is one that names dependencies, by its name."""
    return _reader(path) is not None


def read_listing(path: Path, *, tree: Tree) -> Listing:
    """What one file says; one that cannot be read says only that.

    Raises:
        InputError: the name is not that of a file of dependencies.
    """
    read = _reader(path)
    if read is None:
        message = f"{path.name} is no file of dependencies; expected one of {', '.join(NAMES)}"
        raise InputError(message)
    try:
        return read(path, tree=tree)
    except (InputError, LimitError) as error:
        name = _named(path, tree=tree)
        return Listing(unread=(Unread(file=name, what="", why=str(error)),))


def joined(listings: Iterable[Listing]) -> Listing:
    """Several as one, each line once: a file may be included by another and named itself."""
    kept = tuple(listings)
    return Listing(
        dependencies=tuple(dict.fromkeys(one for part in kept for one in part.dependencies)),
        unread=tuple(dict.fromkeys(one for part in kept for one in part.unread)),
    )


NAMES = tuple(pattern for pattern, _ in _READERS)
"""Patterns of the names that are known."""


def _reader(path: Path) -> _Read | None:
    within = f"{path.parent.name}/{path.name}"
    return next(
        (
            read
            for pattern, read in _READERS
            if fnmatch.fnmatchcase(within if "/" in pattern else path.name, pattern)
        ),
        None,
    )


def _named(path: Path, *, tree: Tree) -> str:
    """The path below the root, as it is given."""
    whole = path.absolute()
    return whole.relative_to(tree.root).as_posix() if whole.is_relative_to(tree.root) else path.name
