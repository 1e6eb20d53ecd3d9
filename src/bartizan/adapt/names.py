"""Says which known name a wrong one was probably meant to be."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

from bartizan.core.errors import InputError

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


@contextmanager
def told_of(name: str, source: Any) -> Iterator[None]:
    """Say which data an error is about: one run reads several files.

    Args:
        name: Of the data set.
        source: What it is read from; of a frame, whoever made it knows more than we do.
    """
    try:
        yield
    except InputError as error:
        if not isinstance(source, str | PathLike):
            raise
        message = f"data set {name!r} ({Path(source)}): {error}"
        raise type(error)(message) from error


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
