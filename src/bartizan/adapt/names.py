"""Says which known name a wrong one was probably meant to be."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_SHOWN = 8
"""Names listed when none is near; more would hide the sentence."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for the end of a message.

    Example:
        >>> nearest("amuont", ["amount", "time"])
        "; did you mean 'amount'?"
        >>> nearest("zzz", ["amount", "time"])
        '; known: amount, time'
    """
    names = list(known)
    folded = {other.casefold().strip(): other for other in names}
    near = get_close_matches(name.casefold().strip(), folded, n=1)
    return f"; did you mean {folded[near[0]]!r}?" if near else f"; known: {listed(names)}"


def listed(names: Sequence[object]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(str(name) for name in names[:_SHOWN]) + more


def first_double(names: Iterable[str]) -> str | None:
    """The first name that occurs a second time."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
