"""Lock files: poetry.lock, uv.lock, pdm.lock, pylock.toml (PEP 751) and Pipfile.lock."""

import bisect
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.utils import canonicalize_name

from bartizan.core.errors import InputError
from bartizan.supply.advisories.reading import plain
from bartizan.supply.dependencies.dependency import Dependency, Listing, Unread
from bartizan.supply.dependencies.tree import Tree

_ELSEWHERE = (
    "git",
    "hg",
    "svn",
    "url",
    "path",
    "file",
    "directory",
    "editable",
    "virtual",
    "vcs",
    "archive",
)
"""Keys of an entry or of its source, or types of sources, that say it comes from no index."""

_TABLE = re.compile(r'\s*(?P<name>"(?:[^"\\]|\\.)*")\s*:\s*{')
"""A line of JSON on which a table begins, as every program writes it that indents."""


def read_toml_lock(path: Path, *, tree: Tree) -> Listing:
    """What poetry, uv, pdm or a lock file of PEP 751 fixes.

    Raises:
        InputError: it cannot be read, or has no list of packages.
        LimitError: it is too large.
    """
    text = tree.text(path)
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        message = f"{plain(path.name)} is no TOML: {plain(str(error))}"
        raise InputError(message) from error
    key = "packages" if "packages" in content else "package"
    entries = content.get(key, [])
    if not isinstance(entries, list) or (not entries and not _is_lock(content)):
        message = f"{plain(path.name)} has no list of packages; expected a lock file"
        raise InputError(message)
    lines = _table_lines(text, key, len(entries))
    file = tree.named(tree.inside(path))
    parts = [
        _entry(entry, file=file, line=line)
        for entry, line in zip(entries, lines, strict=True)
        if not _is_project(entry)
    ]
    return _joined(parts)


def read_pipfile_lock(path: Path, *, tree: Tree) -> Listing:
    """What pipenv fixes, for every group of packages.

    Raises:
        InputError: it cannot be read, or is no such file.
        LimitError: it is too large.
    """
    text = tree.text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{plain(path.name)} is no JSON: {plain(str(error))}"
        raise InputError(message) from error
    if not isinstance(content, dict) or "_meta" not in content:
        message = f"{plain(path.name)} has no key `_meta`; expected a lock file of pipenv"
        raise InputError(message)
    file = tree.named(tree.inside(path))
    begins = _begins(text)
    parts = []
    for group, entries in content.items():
        if group != "_meta" and isinstance(entries, dict):
            start = _line_of(begins, group, after=0)
            parts += [
                _entry(
                    {**entry, "name": name, "version": str(entry.get("version", "")).lstrip("=")},
                    file=file,
                    line=_line_of(begins, name, after=start),
                )
                if isinstance(entry, dict)
                else _strange(file, name)
                for name, entry in entries.items()
            ]
    return _joined(parts)


def _is_lock(content: Mapping[str, Any]) -> bool:
    """Whether a file without packages is a lock file all the same."""
    return any(key in content for key in ("lock-version", "metadata", "version"))


def _is_project(entry: Any) -> bool:
    """Whether an entry is code of the project itself, or of a part of it in a folder below."""
    if not isinstance(entry, dict):
        return False
    source, directory = _map(entry.get("source")), _map(entry.get("directory"))
    places = (source.get("virtual"), source.get("editable"), directory.get("path"))
    return any(isinstance(place, str) and _is_below(place) for place in places)


def _is_below(place: str) -> bool:
    """Whether a path stays in the folder of the file that names it."""
    path = PurePosixPath(place)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in place


def _map(value: Any) -> dict[str, Any]:
    """The table, or an empty one in place of something else."""
    return value if isinstance(value, dict) else {}


def _entry(entry: Any, *, file: str, line: int) -> Dependency | Unread:
    """One package. What does not come from an index has a version that says nothing."""
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        return Unread(file=file, line=line, what="", why="it is an entry without a name")
    elsewhere = _origin(entry)
    if elsewhere:
        why = f"it comes from {elsewhere}, not from an index"
        return Unread(file=file, line=line, what=plain(name), why=why)
    version = entry.get("version")
    return Dependency(
        name=canonicalize_name(name),
        version=version if isinstance(version, str) and version != "*" else "",
        file=file,
        line=line,
    )


def _strange(file: str, name: str) -> Unread:
    return Unread(file=file, what=plain(name), why="its entry is no table")


def _origin(entry: Mapping[str, Any]) -> str:
    """Where a package comes from if not from an index; empty = from an index."""
    source = _map(entry.get("source"))
    if "type" in source:  # poetry: an index of one's own has an address too
        return str(source["type"]) if source["type"] in _ELSEWHERE else ""
    told = [key for key in _ELSEWHERE if entry.get(key) or source.get(key)]
    return told[0] if told else ""


def _table_lines(text: str, key: str, count: int) -> list[int]:
    """Lines on which the tables of a list begin.

    A text of several lines may hold what looks like one. Where the numbers differ, nothing is
    said of lines: 0 for each.
    """
    header = re.compile(rf"^\s*\[\[\s*{key}\s*\]\]")
    found = [number for number, line in _numbered(text) if header.match(line)]
    return found if len(found) == count else [0] * count


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.split("\n"), start=1)


def _begins(text: str) -> dict[str, list[int]]:
    """Lines on which tables begin in a JSON text, ascending, by the names of the tables."""
    found: dict[str, list[int]] = {}
    for number, line in _numbered(text):
        if begin := _TABLE.match(line):
            found.setdefault(begin["name"], []).append(number)
    return found


def _line_of(begins: Mapping[str, list[int]], key: str, *, after: int) -> int:
    """The first line behind another on which a table of that name begins; 0 = none."""
    known = begins.get(json.dumps(key), [])
    place = bisect.bisect_right(known, after)
    return known[place] if place < len(known) else 0


def _joined(parts: list[Dependency | Unread]) -> Listing:
    return Listing(
        dependencies=tuple(one for one in parts if isinstance(one, Dependency)),
        unread=tuple(one for one in parts if isinstance(one, Unread)),
    )
