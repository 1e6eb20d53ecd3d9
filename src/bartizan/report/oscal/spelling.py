"""Text and names as OSCAL wants them spelled, and identities that stay.

Source: OSCAL 1.2.1, data types: token, string, markup-line, uuid, dateTime-with-timezone.
"""

import re
import uuid
from typing import Any, TypeAlias

from bartizan.report import words

Part: TypeAlias = dict[str, Any]

_SPACE = uuid.UUID("c9c1a3f4-6d0e-5f1b-9a55-1d1f7f0a6f42")
"""Of our identities: drawn once. The same thing has the same identity in every document of ours,
and what is of one project another than the same of the next."""
NAMESPACE = f"urn:uuid:{_SPACE}"
"""Of names and values that are ours and not OSCAL's."""
ATLAS = "https://atlas.mitre.org"
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~^$!&])")
"""What Markdown reads as more than itself."""
_SPACES = re.compile(r"\s+")
_NO_TOKEN = re.compile(r"[^A-Za-z0-9_.-]")
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST = 4000
"""Characters of one text: what is longer is a mistake of somebody, and is cut."""


def identity(*names: str) -> str:
    """The identity of a thing: equal names give equal ones, whenever they are asked for.

    Example:
        >>> identity("risk", "a@b") == identity("risk", "a@b") != identity("risk", "a", "b")
        True
    """
    return str(uuid.uuid5(_SPACE, "\x1f".join(names)))


def plain(text: str) -> str:
    """One line without characters that nobody sees; a dash where nothing is left."""
    return words.visible(_SPACES.sub(" ", text).strip())[:_LONGEST].strip() or "-"


def markup(text: str) -> str:
    r"""Text that Markdown shows as it is.

    Example:
        >>> markup("a <b> *c*")
        'a \\<b\\> \\*c\\*'
    """
    return _ACTIVE.sub(r"\\\1", plain(text))


def token(text: str) -> str:
    """A name without blanks, which begins with a letter or an underscore.

    Example:
        >>> token("data scientist"), token("3d")
        ('data-scientist', '_3d')
    """
    found = _NO_TOKEN.sub("-", plain(text))
    return found if _TOKEN.fullmatch(found) else f"_{found}"


def is_token(text: str) -> bool:
    """Whether a name may stand as it is."""
    return _TOKEN.fullmatch(text) is not None


def midnight(day: str) -> str:
    """The beginning of a day, UTC."""
    return f"{day[:10]}T00:00:00Z"


def day_end(day: str) -> str:
    """The last second of a day, UTC: what is due on it is in time until then."""
    return f"{day[:10]}T23:59:59Z"


def filled(part: Part) -> Part:
    """Without what is empty: OSCAL knows no empty lists and texts."""
    return {name: value for name, value in part.items() if value not in ("", [], None, {})}


def prop(name: str, text: str, *, own: bool = True) -> Part:
    """A property.

    Args:
        name: Of it.
        text: Its value.
        own: Whether the name is ours; else it is OSCAL's.
    """
    found = {"name": name, "value": plain(text)}
    return {**found, "ns": NAMESPACE} if own else found
