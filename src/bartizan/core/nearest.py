"""What a misspelt name was meant to be, as the end of a message."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 12
"""Names listed where none is near: what fits on a line or two."""


def near(name: str, known: Iterable[str]) -> str:
    """The nearest known name; nothing where none is near.

    Example:
        >>> near("epss", ("eps", "norm")), near("colour", ("eps", "norm"))
        ("; did you mean 'eps'?", '')
    """
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def nearest(name: str, known: Iterable[str], *, shown: int = _SHOWN) -> str:
    """The nearest known name, or all of them where none is near.

    Args:
        name: What somebody wrote.
        known: What there is.
        shown: How many are listed.

    Example:
        >>> nearest("epss", ("eps", "norm")), nearest("colour", ("eps", "norm"))
        ("; did you mean 'eps'?", '; known: eps, norm')
    """
    names = list(known)
    if not names:
        return ""
    told = ", ".join(names[:shown]) + (", ..." if len(names) > shown else "")
    return near(name, names) or f"; known: {told}"
