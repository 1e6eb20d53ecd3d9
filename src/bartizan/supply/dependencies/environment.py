"""What is installed, as the files beside each package say."""

from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from bartizan.supply.advisories.reading import plain
from bartizan.supply.dependencies.dependency import Dependency, Listing, Unread


def read_environment(folders: Sequence[Path]) -> Listing:
    """Every package in folders such as ``site-packages``. Nothing is imported.

    Args:
        folders: As in ``sys.path``.

    Returns:
        Packages in order of name, each with the name of its ``.dist-info`` as its file.
    """
    found: list[Dependency] = []
    unread: list[Unread] = []
    for one in distributions(path=[str(folder) for folder in folders]):
        place = getattr(one, "_path", None)
        file = Path(str(place)).name if place is not None else "environment"
        name, version = _named(one)
        if not name or not version:
            why = "no name and version can be read: what is installed there is not known"
            unread.append(Unread(file=file, what=plain(file), why=why))
            continue
        found.append(Dependency(name=canonicalize_name(name), version=version, file=file))
    return Listing(
        dependencies=tuple(sorted(found, key=lambda one: (one.name, one.version, one.file))),
        unread=tuple(sorted(unread, key=lambda one: one.file)),
    )


def _named(one: Distribution) -> tuple[str, str]:
    """Name and version of a package; empty where its metadata is absent, damaged, or no text.

    What an interrupted installation leaves behind is met in real environments, and versions of
    Python differ in what they raise then.
    """
    try:
        return str(one.metadata["Name"] or ""), str(one.metadata["Version"] or "")
    except (OSError, ValueError, TypeError, KeyError):
        return "", ""
