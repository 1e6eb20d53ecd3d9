"""What functions that rebuild objects may be called with: a small closed set of rules.

Such a function does as its arguments say, so that it is as safe as they are. The list of names
says which rule a function has (`roles.json`).
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from bartizan.formats.pickles.trace import Argument, Made, Name, Opaque

Arguments: TypeAlias = tuple[Argument, ...]
IsClass: TypeAlias = Callable[[Name], bool]
"""Whether a name is a class that may be made: of the list, or of the user's policy."""

_RANDOM = Name("numpy.random._pickle", "__bit_generator_ctor")
_LATIN = {"latin1", "latin-1", "iso-8859-1"}
"""How protocols 0 to 2 spell bytes. Any other codec is looked up by its name, which imports."""


def broken_rule(rule: str, arguments: Arguments, *, is_class: IsClass) -> str:
    """How a call breaks the rule of its function, as the end of a sentence; empty = it does not.

    Args:
        rule: Of the function; empty = it builds data from whatever it is given.
        arguments: As the stream gives them.
        is_class: Says whether a name may be made.
    """
    return _RULES[rule](arguments, is_class) if rule else ""


def _class(arguments: Arguments, is_class: IsClass) -> str:
    """The first argument is made without asking it: it must be a class that may be."""
    if not arguments or not isinstance(arguments[0], Name):
        return "and its first argument does not name a class"
    return _classes(arguments, is_class)


def _classes(arguments: Arguments, is_class: IsClass) -> str:
    """Whatever it is given by name, it makes."""
    for one in _names(arguments):
        if not is_class(one):
            return f"and it is given {one}, which is no class that may be made"
    if any(isinstance(one, Made) and one.by is None for one in arguments):
        return "and it is given something that was computed"
    return ""


def _one(arguments: Arguments, is_class: IsClass) -> str:
    """``type(x)`` says what x is; with three arguments it makes a class of any kind."""
    del is_class
    return "" if len(arguments) == 1 else "and with more than one argument it makes a new class"


def _latin(arguments: Arguments, is_class: IsClass) -> str:
    """Bytes are spelled as Latin-1 text; the name of a codec may import a module."""
    del is_class
    codecs = arguments[1:]
    fits = len(codecs) == 1 and isinstance(codecs[0], str) and codecs[0].lower() in _LATIN
    return "" if fits else "and its codec is not Latin-1"


def _random(arguments: Arguments, is_class: IsClass) -> str:
    """The second argument is called with the first: only with numpy's own function."""
    if any(one != _RANDOM for one in arguments[1:]):
        return "and it is told to call something else than numpy's own function"
    return _classes(arguments[:1], is_class)


def _no_text(arguments: Arguments, is_class: IsClass) -> str:
    """A text may be the name of a time zone, which may be the path of a file."""
    del is_class
    if any(isinstance(one, str) or one == Opaque("str") for one in arguments):
        return "and it is given a text, which it may take for the path of a file"
    return ""


def _names(arguments: Arguments) -> Iterator[Name]:
    """All names among arguments, also in tuples; the stream cannot nest them deeply."""
    waiting: list[Argument] = list(arguments)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            yield one
        elif isinstance(one, tuple):
            waiting.extend(one)


_RULES: dict[str, Callable[[Arguments, IsClass], str]] = {
    "class": _class,
    "classes": _classes,
    "one": _one,
    "latin1": _latin,
    "random": _random,
    "no text": _no_text,
}
