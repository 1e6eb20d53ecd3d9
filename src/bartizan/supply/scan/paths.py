"""Finds the files to scan below the paths that somebody names, and opens them safely."""

import contextlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bartizan.core.errors import InputError
from bartizan.crypto.holes import holes

_HISTORY = ".git"
"""Left out of what was named itself, as from signatures, and nowhere below: no loader reads it."""


@dataclass(frozen=True)
class Place:
    """One file to scan, or why it cannot be."""

    root: Path
    """What was named on the command line."""
    inner: str
    """The way from there, ``/`` between names; empty = the root itself is the file."""
    refusal: str = ""
    """Why nobody reads it; empty = it is a regular file."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.root / self.inner if self.inner else self.root

    @property
    def name(self) -> str:
        """What it is called in reports: never absolute, and text in any case.

        In the working folder itself, as code scanning wants it: relative to that folder.
        """
        front = "" if self.inner and is_here(self.root) else called(self.root)
        return "/".join(part for part in (front, spelled(self.inner)) if part)


def is_here(root: Path) -> bool:
    """Whether a path is the working folder."""
    return not below(root).parts


def below(root: Path) -> Path:
    """A path relative to the working folder, where it leads down from there; else as it is."""
    plain = Path(os.path.normpath(root))  # no link is followed: names are what somebody wrote
    try:
        return plain.relative_to(Path.cwd()) if plain.is_absolute() else plain
    except (OSError, ValueError):
        return plain


def called(root: Path) -> str:
    """A path as it was named, where that leads down from here; else its last part.

    Example:
        >>> called(Path("models/v1")), called(Path("/srv/models/v1")), called(Path("../v1"))
        ('models/v1', 'v1', 'v1')
    """
    path = below(root)
    last = path.name if path.name not in ("", "..") else root.resolve().name
    down = path.parts and not path.is_absolute() and ".." not in path.parts
    return spelled("/".join(path.parts) if down else last)


def spelled(name: str) -> str:
    """A file's name without what separates the parts of a finding's id, and what nobody sees.

    Example:
        >>> spelled("models/fraud@2" + chr(10))
        'models/fraud%402%0A'
    """
    plain = (one.isprintable() and one not in "@#*%" for one in name)
    return "".join(
        one if kept else quote(one, safe="", errors="surrogatepass")
        for one, kept in zip(name, plain, strict=True)
    )


@dataclass(frozen=True)
class Found:
    """Everything below the paths."""

    places: tuple[Place, ...]
    """In the order of their names."""
    linked: tuple[Place, ...]
    """Links to files and folders of the same tree, which are scanned where they are."""
    folders: int
    """Histories of versions, which were left out."""

    @property
    def links(self) -> int:
        """How many links are left out."""
        return len(self.linked)


def find(roots: Sequence[Path]) -> Found:
    """Every file below the roots.

    Raises:
        InputError: a root does not exist, two have one name, or one holds no file.
    """
    roots = list(dict.fromkeys(roots))  # whoever names one twice means it once
    parts = [_below(root) for root in roots]
    names = [called(root) for root in roots]
    for root, part in zip(roots, parts, strict=True):
        if names.count(called(root)) > 1:
            message = f"two paths are called {called(root)!r}; scan them one after the other"
            raise InputError(message)
        if not part.places:
            message = f"{root} holds no file to scan"
            raise InputError(message)
    _require_apart(parts)
    return Found(
        places=tuple(place for part in parts for place in part.places),
        linked=tuple(place for part in parts for place in part.linked),
        folders=sum(part.folders for part in parts),
    )


def _require_apart(parts: Sequence[Found]) -> None:
    """Refuse two files of one name: findings are told apart by it.

    Raises:
        InputError: one of the paths lies in another, or is called like something in it.
    """
    seen: set[str] = set()
    for place in (place for part in parts for place in part.places):
        if place.name in seen:
            message = (
                f"two files are called {place.name!r}: one of the paths lies in another, or has "
                "the name of something in it; name only the outer one, or scan them one by one"
            )
            raise InputError(message)
        seen.add(place.name)


def _below(root: Path) -> Found:
    """One root: a file, or a folder with all that is in it."""
    try:
        mode = root.lstat().st_mode
    except OSError as error:
        message = f"cannot scan {root}: {error.strerror}"
        raise InputError(message) from error
    if not stat.S_ISDIR(mode):
        return Found((Place(root, "", _refusal(mode)),), (), 0)
    found: list[Place] = []
    links: list[Place] = []
    refused: list[OSError] = []
    read: set[Path] = set()
    for here, names, files in _walked(root, refused=refused):
        read.add(here)
        for name in (*names, *files):
            place = Place(root, (here / name).relative_to(root).as_posix())
            with contextlib.suppress(FileNotFoundError):  # gone since the folder was listed
                mode = place.path.lstat().st_mode
                if stat.S_ISLNK(mode):
                    links.append(replace(place, refusal=_refusal(mode)))
                elif not stat.S_ISDIR(mode):
                    found.append(replace(place, refusal=_refusal(mode)))
    read.update(place.path for place in found)
    history = (root / _HISTORY).is_dir() and not (root / _HISTORY).is_symlink()
    if history:  # whoever follows a link to all of it comes to what was left out
        read.discard(root)
    inside = [replace(link, refusal="") for link in links if _stays(link, read=read)]
    lost = [link for link in links if not _stays(link, read=read)]
    for trouble in refused:
        inner = Path(str(trouble.filename)).relative_to(root).as_posix()
        found.append(Place(root, inner, f"the folder cannot be read: {trouble.strerror}"))
    places = sorted([*found, *lost], key=lambda place: place.inner)
    inside.sort(key=lambda place: place.inner)
    return Found(tuple(places), tuple(inside), int(history))


def _walked(root: Path, *, refused: list[OSError]) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Every folder with the names in it, without the history at the top."""
    for folder, names, files in os.walk(root, onerror=refused.append):
        here = Path(folder)
        if here == root and _HISTORY in names and not (here / _HISTORY).is_symlink():
            names.remove(_HISTORY)
        yield here, names, files


def _stays(link: Place, *, read: Collection[Path]) -> bool:
    """Whether a link leads to a file that is scanned itself, or to a folder whose files are."""
    try:
        target = link.path.resolve(strict=True)
        return link.root / target.relative_to(link.root.resolve()) in read
    except (OSError, RuntimeError, ValueError):  # it leads nowhere, to itself, or out
        return False


def _refusal(mode: int) -> str:
    """Why a thing of this kind is not read; empty for regular files."""
    if stat.S_ISREG(mode):
        return ""
    for test, what in (
        (
            stat.S_ISLNK,
            "a link out of the folder, to nowhere, or to what is left out",
        ),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return f"it is {what}; only regular files can be scanned"
    return "it is no regular file"


@contextlib.contextmanager
def opened(place: Place) -> Iterator[int]:
    """The file, open to read; a link or a pipe that took its place since is refused.

    Raises:
        InputError: it cannot be opened, or is no regular file any more.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(place.path, flags)
    except OSError as error:
        message = f"it cannot be opened: {error.strerror}"
        raise InputError(message) from error
    try:
        if refusal := _refusal(os.fstat(descriptor).st_mode) or holes(os.fstat(descriptor)):
            raise InputError(refusal)
        yield descriptor
    finally:
        os.close(descriptor)
