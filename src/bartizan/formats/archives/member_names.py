"""What is wrong with the name of a member of an archive."""

import re
import unicodedata
from typing import Literal, TypeAlias

NAME_BYTES = 1024
"""Longest name that is kept: four folders deep where each name is as long as Linux allows."""
_SHOWN = 120
"""Characters of a name in a message."""
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)
"""Names that mean a device on Windows, in any folder and with any suffix."""
_DRIVE = re.compile(r"[A-Za-z]:")
_DECEIVING = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
"""Unicode categories: control, format (bidi marks among them), line and paragraph separators,
halves of surrogate pairs."""

Oddity: TypeAlias = Literal["leaves", "device", "deceives", "long"]


def oddities(name: str) -> tuple[Oddity, ...]:
    r"""What is wrong with a name.

    Args:
        name: As the archive gives it.

    Returns:
        `leaves`: unpacked as it stands it lands outside of its folder; `device`: a device on
        Windows; `deceives`: it has characters that nobody sees or that turn the text around;
        `long`: longer than `NAME_BYTES`.

    Example:
        >>> oddities("model/data.pkl"), oddities("../../.bashrc"), oddities("aux.txt")
        ((), ('leaves',), ('device',))
    """
    parts = re.split(r"[/\\]", name)
    found: list[Oddity] = []
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in parts:
        found.append("leaves")
    if any(part.partition(".")[0].rstrip(" ").lower() in _DEVICES for part in parts):
        found.append("device")
    plain = name.isascii() and name.isprintable()
    if not plain and any(unicodedata.category(character) in _DECEIVING for character in name):
        found.append("deceives")
    if len(name) >= NAME_BYTES:
        found.append("long")
    return tuple(found)


def climbs(target: str, *, of: str) -> bool:
    """Whether a symbolic link points outside of the archive's folder.

    Args:
        target: Where it points.
        of: The name of the link.

    Example:
        >>> climbs("../shared/x", of="a/b"), climbs("../shared/x", of="b")
        (False, True)
    """
    if target.startswith(("/", "\\")) or _DRIVE.match(target):
        return True
    depth = len([part for part in re.split(r"[/\\]", of)[:-1] if part not in {"", "."}])
    for part in re.split(r"[/\\]", target):
        if part == "..":
            depth -= 1
        elif part not in {"", "."}:
            depth += 1
        if depth < 0:
            return True
    return False


def shown(name: str) -> str:
    r"""A name as a message may show it: no control characters, and not too long.

    Example:
        >>> shown("a\nb")
        'a\\nb'
    """
    plain = "".join(
        character
        if character.isprintable() and unicodedata.category(character) not in _DECEIVING
        else character.encode("unicode_escape").decode()
        for character in name[: _SHOWN + 1]
    )
    return plain if len(name) <= _SHOWN else f"{plain[:_SHOWN]}…"
