"""Requirements and constraints as pip reads them, with the files that they include.

Source: pip documentation, Requirements File Format; PEP 508. Environment markers are not
evaluated: a line that some machine obeys is looked up on every machine. Options that say where
packages come from change nothing of what is looked up.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bartizan.core.errors import InputError, LimitError
from bartizan.supply.advisories.reading import plain
from bartizan.supply.dependencies.dependency import Dependency, Listing, Unread
from bartizan.supply.dependencies.tree import Tree

_DEPTH = 20
"""Files that include one another in a row. Projects have two or three."""
_FILES = 500
"""Files in all: what includes itself in ever new ways ends here."""
_LINES = 100_000
"""Instructions in all: each takes 20 us, and the largest lock files have some thousands."""
_WIDTH = 1 << 16
"""Characters of one: 700 hashes fit, and a package has as many as it has wheels."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_HASHES = re.compile(r"\s--(?:hash|config-settings?|global-option)\b.*$")
"""What pip allows behind a requirement."""
_PLACE = re.compile(
    r"^(\.{0,2}/|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.\-]*:|.*\.(whl|zip|tar\.gz|tgz)$)"
)
"""A path, an address or an archive instead of a name."""
_INCLUDE = {"-r": "requirement", "--requirement": "requirement"}
_LIMITS = {"-c": "constraint", "--constraint": "constraint"}
_EDITABLE = ("-e", "--editable")


@dataclass(frozen=True)
class _Line:
    """One instruction, continuation lines joined."""

    number: int
    """Of its first line."""
    text: str


@dataclass
class _Reader:
    tree: Tree
    dependencies: list[Dependency] = field(default_factory=list)
    loose: list[Dependency] = field(default_factory=list)
    """Asked for without a version."""
    unread: list[Unread] = field(default_factory=list)
    seen: set[tuple[Path, bool]] = field(default_factory=set)
    lines: int = 0
    """Instructions so far."""

    def file(self, path: Path, *, limits: bool, depth: int = 0) -> None:
        """Read a file, and those that it includes."""
        if depth > _DEPTH or len(self.seen) >= _FILES:
            message = f"requirements include one another more than {_DEPTH} deep or {_FILES} times"
            raise LimitError(message)
        text = self.tree.text(path)
        found = self.tree.inside(path)
        if (found, limits) in self.seen:
            return
        self.seen.add((found, limits))
        for line in _lines(text):
            self._line(line, found, limits=limits, depth=depth)

    def _line(self, line: _Line, path: Path, *, limits: bool, depth: int) -> None:
        name = self.tree.named(path)
        self.lines += 1
        if self.lines > _LINES:
            message = f"requirements have more than {_LINES:,} lines in all; split them"
            raise LimitError(message)
        if len(line.text) > _WIDTH:
            self.unread.append(_unread(line, name, f"it has more than {_WIDTH:,} characters"))
            return
        option, value = _option(line.text)
        if option in _INCLUDE or option in _LIMITS:
            self._include(line, path, value=value, limits=limits or option in _LIMITS, depth=depth)
        elif option in _EDITABLE:
            why = "it is code in a folder or at an address, of which no advisory speaks"
            self.unread.append(_unread(line, name, why))
        elif not option:
            self._asked(line, name, limits=limits)

    def _include(self, line: _Line, path: Path, *, value: str, limits: bool, depth: int) -> None:
        try:
            self.file(path.parent / _place(value), limits=limits, depth=depth + 1)
        except (InputError, LimitError) as error:
            self.unread.append(_unread(line, self.tree.named(path), str(error)))

    def _asked(self, line: _Line, file: str, *, limits: bool) -> None:
        text = _HASHES.sub("", line.text).strip()
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, ValueError, RecursionError):  # also: numbers of any length
            place = _PLACE.match(text) or _VARIABLE.search(text)
            why = "it names a place instead of a package" if place else "it is no requirement"
            self.unread.append(_unread(line, file, why))
            return
        if requirement.url:
            self.unread.append(_unread(line, file, "it comes from an address, not from an index"))
            return
        version = pinned(requirement)
        one = Dependency(
            name=canonicalize_name(requirement.name), version=version, file=file, line=line.number
        )
        if version:
            self.dependencies.append(one)
        elif not limits:  # a constraint without a version asks for nothing
            self.loose.append(one)


def read_requirements(path: Path, *, tree: Tree) -> Listing:
    """What a requirements file asks for, with every file that it includes.

    A constraint that fixes a version fixes it for a requirement that does not. Every version that
    a constraint fixes is looked up, whether or not a requirement names it: constraints are how pip
    is told the versions of what requirements need in turn.

    Raises:
        InputError: the file itself cannot be read; an included one only leaves its line unread.
        LimitError: it is too large.
    """
    reader = _Reader(tree)
    # pip knows a constraints file by the option that names it, and we by its name
    reader.file(path, limits=path.name.startswith("constraints"))
    known = {one.name for one in reader.dependencies}
    loose = [one for one in reader.loose if one.name not in known]
    return Listing(dependencies=tuple(reader.dependencies + loose), unread=tuple(reader.unread))


def pinned(requirement: Requirement) -> str:
    """The one version that a requirement allows; empty if it allows several."""
    exact = [
        one.version
        for one in requirement.specifier
        if one.operator == "===" or (one.operator == "==" and not one.version.endswith(".*"))
    ]
    return exact[0] if exact else ""


def _lines(text: str) -> Iterator[_Line]:
    """Instructions without comments. A backslash at the end of a line continues it."""
    parts: list[str] = []
    first = 0
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        first = first or number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            parts.append(raw[:-1])
            continue
        joined = _COMMENT.sub("", "".join([*parts, raw])).strip()
        if joined:
            yield _Line(first, joined)
        parts, first = [], 0
    if rest := _COMMENT.sub("", "".join(parts)).strip():
        yield _Line(first, rest)


def _option(text: str) -> tuple[str, str]:
    """An option and its value; the option is empty where the line is a requirement."""
    if not text.startswith("-"):
        return "", ""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    option, equals, value = words[0].partition("=")
    if equals:
        return option, value
    if not option.startswith("--") and len(option) > 2:  # -rfile
        return option[:2], option[2:]
    return option, words[1] if len(words) > 1 else ""


def _place(value: str) -> str:
    """The file that a line includes.

    Raises:
        InputError: it is an address, depends on the machine, or is not named.
    """
    if not value or _VARIABLE.search(value) or "://" in value:
        message = "the included file is not one of this folder"
        raise InputError(message)
    return value


def _unread(line: _Line, file: str, why: str) -> Unread:
    return Unread(file=file, line=line.number, what=plain(line.text), why=why)
