"""Where in a catalogue's text something stands, so that an error can name its line."""

import re
import tomllib
from dataclasses import dataclass

_CLAUSE = re.compile(r"[ \t]*\[\[[ \t]*clause[ \t]*\]\][ \t]*(#.*)?")
_KEY = re.compile(r"[ \t]*(?P<key>\w+)[ \t]*=")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A key of the catalogue, or of one of its clauses."""

    clause: int | None = None
    """Position of the clause, from 0; none = of the catalogue itself."""
    key: str = ""
    """Empty = the whole."""


def line_of(text: str, place: Place) -> int:
    """The line of a place; of what is above it where its key is not written.

    Only for text that a TOML parser has accepted. A line inside a text of three quotes that looks
    like a header is taken for one: catalogues are written in single lines.

    Returns:
        Counted from 1.
    """
    at, best = -1, 1
    wanted = -1 if place.clause is None else place.clause
    for number, line in enumerate(text.splitlines(), start=1):
        if _CLAUSE.fullmatch(line):
            at += 1
            best = number if at == wanted else best
        key = _KEY.match(line)
        if at == wanted and key and key["key"] == place.key:
            return number
    return best


def shown(text: str, place: Place, *, file: str) -> str:
    """A place as an error tells it: file, line, clause, key."""
    parts = [f"{file}:{line_of(text, place)}"]
    if place.clause is not None:
        clause = tomllib.loads(text)["clause"][place.clause]
        identity = clause.get("id") if isinstance(clause, dict) else None
        parts.append(f"clause {identity!r}" if identity else f"clause {place.clause + 1}")
    return ": ".join((*parts, place.key) if place.key else parts)
