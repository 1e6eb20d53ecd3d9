"""What a parser of TOML says, in the words of who writes a project file."""

import re
import tomllib
from typing import Any

_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_HEADER = re.compile(r"[ \t]*(\[\[?[^\[\]#]+\]\]?)[ \t]*(?:#.*)?\r?")
_KEY = re.compile(r"[ \t]*([^=#\[\]]+?)[ \t]*=")
_TWICE = ("cannot declare", "cannot overwrite")


def told(error: ValueError, *, text: str) -> tuple[int | None, str]:
    """The line of an error, where it has one, and what is wrong there.

    Args:
        error: Of `tomllib`.
        text: What was parsed.
    """
    found = _LINE.search(str(error))
    reason = _LINE.sub("", str(error))
    reason = reason[:1].lower() + reason[1:]
    if found is None:
        return None, f"not valid TOML: {reason}"
    line = int(found.group(1))
    twice = reason.startswith(_TWICE)
    return line, (_twice(text.split("\n"), line) if twice else "") or f"not valid TOML: {reason}"


def _twice(lines: list[str], line: int) -> str:
    """What stands a second time on a line, and where it stands first; empty if nobody can tell."""
    said = lines[line - 1]
    header = _HEADER.fullmatch(said)
    if header is not None:
        name = header.group(1)
        first = _earlier_table(lines[: line - 1], _path(name))
        return (
            ""
            if not first
            else (
                f"the table {name} stands here a second time, after line {first}; put the lines of "
                "both under one, or give each two brackets where it is a list"
            )
        )
    key = _KEY.match(said)
    if key is None:
        return ""
    first = _earlier_key(lines[: line - 1], _path(f"[{key.group(1)}]"))
    return (
        ""
        if not first
        else (
            f"the key `{key.group(1)}` stands here a second time in its table, after line {first}; "
            "keep one of the two"
        )
    )


def _earlier_table(lines: list[str], path: tuple[str, ...]) -> int:
    """The line of the same table; 0 if there is none."""
    for number, said in enumerate(lines, 1):
        header = _HEADER.fullmatch(said)
        if header is not None and path and _path(header.group(1)) == path:
            return number
    return 0


def _earlier_key(lines: list[str], path: tuple[str, ...]) -> int:
    """The line of the same key, between the header of its table and itself; 0 if there is none."""
    for number in range(len(lines), 0, -1):
        said = lines[number - 1]
        key = _KEY.match(said)
        if _HEADER.fullmatch(said):
            return 0
        if key is not None and path and _path(f"[{key.group(1)}]") == path:
            return number
    return 0


def _path(header: str) -> tuple[str, ...]:
    """The names that a header is made of, whatever their quotes; none if it is no header."""
    try:
        table: Any = tomllib.loads(header.replace("[[", "[").replace("]]", "]"))
    except ValueError:
        return ()
    path: list[str] = []
    while table:
        name, table = next(iter(table.items()))
        path.append(name)
    return tuple(path)
