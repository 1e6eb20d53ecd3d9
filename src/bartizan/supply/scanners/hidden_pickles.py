"""Pickles that hide in a text, as base64 or byte by byte."""

import base64
from collections.abc import Iterator
from contextlib import suppress

from bartizan.formats.content import Window
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.plausible import plausible
from bartizan.supply.scanners.pickles import VERDICTS
from bartizan.supply.scanners.scanner import HEAD_BYTES, Situation

_ORDINARY = str.maketrans("-_", "+/", " \t\r\n")
"""The alphabet for addresses is read like the other one, and lines are joined."""


def code_in(text: str, *, situation: Situation) -> tuple[str, ...]:
    """What a text runs if somebody decodes it and loads it as a pickle.

    Nobody guesses at words here: what is told was found by walking through a pickle, judged as
    the pickle of a file is. A text is passed over that is none, or one that runs nothing hostile.

    Args:
        text: Any; untrusted.
        situation: Its budget pays for the walk, and its allowed names are allowed.

    Returns:
        Names, each once; ``code`` for what has none.

    Raises:
        LimitError: the walk costs too much.

    Cost:
        3 nanoseconds a character, and the walk if the beginning looks like a pickle.

    Example:
        >>> from bartizan.formats.content import Budget
        >>> here = Situation(budget=Budget.for_file(1000))
        >>> code_in("Y29zCnN5c3RlbQooUydpZCcKdFIu", situation=here), code_in("pt", situation=here)
        (('os.system',), ())
    """
    found = [
        one.what or "code"
        for raw in _readings(text)
        if plausible(raw[:HEAD_BYTES])
        for one in judged(
            Window.of(raw), budget=situation.budget, allowed=situation.allowed
        ).objections
        if VERDICTS[one.rule] == "malicious"
    ]
    return tuple(dict.fromkeys(found))


def _readings(text: str) -> Iterator[bytes]:
    """Bytes that a text may stand for."""
    with suppress(ValueError):  # no base64
        yield base64.b64decode(text.translate(_ORDINARY), validate=True)
    with suppress(UnicodeEncodeError):  # characters that stand for no byte
        yield text.encode("latin-1")
