"""Reads the catalogues that are shipped, and refuses one that contradicts itself."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from bartizan.core.decoding import plain
from bartizan.core.errors import InputError, UsageError
from bartizan.core.nearest import nearest
from bartizan.frameworks.agreement import faults
from bartizan.frameworks.framework import Clause, Framework
from bartizan.frameworks.place import Place, shown

_AT = re.compile(r" - at `\$(?:\.(?P<top>\w+))?(?:\[(?P<index>\d+)\](?:\.(?P<key>\w+))?)?.*`$")
"""How msgspec ends a message: the place of what it refused."""
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_CLAUSE = re.compile(r"^[ \t]*\[\[[ \t]*clause\b", re.MULTILINE)
_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
"""How tomllib ends one."""


@cache
def frameworks() -> tuple[Framework, ...]:
    """Every catalogue that is shipped, sorted by id.

    Raises:
        InputError: see `collected`.

    Cost:
        About 15 ms of processor time for each 60 kB (mostly `tomllib`), once for each process.
    """
    return collected(_texts())


def collected(texts: Iterable[tuple[str, str]]) -> tuple[Framework, ...]:
    """Catalogues by id.

    Args:
        texts: Name and text of each file.

    Raises:
        InputError: a file is no catalogue, contradicts itself, or two have the same id.
    """
    found: dict[str, Framework] = {}
    for name, text in texts:
        one = read(text, file=name)
        if one.id in found:
            message = f"{name}: another file has the framework {one.id!r} too; give each its own id"
            raise InputError(message)
        found[one.id] = one
    return tuple(found[identity] for identity in sorted(found))


def framework_of(identity: str) -> Framework:
    """The catalogue of one id.

    Raises:
        UsageError: there is none.
    """
    known = {one.id: one for one in frameworks()}
    if identity not in known:
        message = f"unknown framework {identity!r}{nearest(identity, known)}"
        raise UsageError(message)
    return known[identity]


def read(text: str, *, file: str) -> Framework:
    """One catalogue.

    Args:
        text: TOML of the schema `framework/1`.
        file: Its name, for messages.

    Raises:
        InputError: not TOML, a key that nobody knows, a value of another type, or clauses that
            contradict each other; the message names file, line and clause.
    """
    document = _document(text, file=file)
    try:
        one = msgspec.convert(document, Framework, builtin_types=(date,))
    except msgspec.ValidationError as error:
        place, why = _told(str(error))
        message = f"{shown(text, place, file=file)}: {why}"
        raise InputError(message) from error
    for place, why in faults(one):
        message = f"{shown(text, place, file=file)}: {why}"
        raise InputError(message)
    return one


def _texts() -> Iterator[tuple[str, str]]:
    """Name and text of each file of the room that holds clauses; others have their own reader."""
    for found in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if found.name.endswith(".toml"):
            text = found.read_text(encoding="utf-8")
            if _CLAUSE.search(text):
                yield found.name, text


def _document(text: str, *, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        told = str(error)
        line = _LINE.search(told)
        place = f"{file}:{line.group(1)}" if line else file
        reason = _LINE.sub("", told)
        message = f"{place}: not valid TOML: {reason[:1].lower()}{reason[1:]}"
        raise InputError(message) from error


def _told(message: str) -> tuple[Place, str]:
    """Of which place msgspec speaks, and what it has to say."""
    why = _AT.sub("", message)
    found = _AT.search(message)
    index = found["index"] if found else None
    key = (found["top"] if index is None else found["key"]) if found else ""
    unknown = _UNKNOWN.fullmatch(why)
    if unknown:
        key, kind = unknown.group(1), Framework if index is None else Clause
        known = kind.__struct_encode_fields__
        why = f"unknown key {key!r}{nearest(key, known, shown=len(known))}"
    place = Place(clause=None if index is None else int(index), key=key or "")
    return place, plain(why)
