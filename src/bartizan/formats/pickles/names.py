"""Names as unpicklers look them up: those of Python 2 become those of Python 3."""

import re
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

from bartizan.formats.pickles.trace import Name

UNKNOWN = "<computed>"
"""Stands for a module or a name that the stream computes, hides, or makes longer than 200
characters. It is no identifier, so that no list of names can hold it."""
LATIN = frozenset(("latin1", "latin-1", "iso-8859-1"))
"""How protocols 0 to 2 spell bytes. Any other codec is looked up by its name, which imports."""
_ZONE = re.compile(r"[A-Za-z0-9+_-]{1,30}(/[A-Za-z0-9+_-]{1,30}){0,2}")
"""Names of time zones: no dots and no slash in front, so that no path leaves the data base of
zones. The IANA data base has three parts at most, of 14 characters (release 2025b)."""
_TRANSLATED_BELOW = 3
"""Protocols 0 to 2 may come from Python 2; the newest PROTO that ran decides."""


def looked_up(spelled: Name, *, protocol: int) -> Name:
    """The name that is looked up when a stream asks for another.

    Args:
        spelled: As in the stream.
        protocol: That the stream has said by now; 0 if it has said none.

    Source:
        ``find_class`` of CPython's ``Modules/_pickle.c`` and ``Lib/pickle.py`` with
        ``fix_imports=True``: first the pair, then the module alone.

    Example:
        >>> print(looked_up(Name("__builtin__", "xrange"), protocol=2))
        builtins.range
    """
    if protocol >= _TRANSLATED_BELOW:
        return spelled
    pair = NAME_MAPPING.get((spelled.module, spelled.name))
    if pair:
        return Name(*pair)
    return Name(IMPORT_MAPPING.get(spelled.module, spelled.module), spelled.name)


def shown(text: str) -> str:
    """A text that every encoding can hold: half characters become escapes, as in no real name."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def is_zone(text: str) -> bool:
    """Whether a text names a time zone of the data base, and no file outside of it.

    Example:
        >>> is_zone("Europe/Berlin"), is_zone("../../etc/passwd"), is_zone("dateutil//etc/zone")
        (True, False, False)
    """
    return _ZONE.fullmatch(text) is not None
