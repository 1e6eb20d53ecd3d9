"""What functions that rebuild objects may be called with: a small closed set of rules.

Such a function does as its arguments say, so that it is as safe as they are. The list of names
says which rule a function has (`roles.json`).
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from bartizan.formats.pickles.attributes import attribute
from bartizan.formats.pickles.names import LATIN, is_zone
from bartizan.formats.pickles.roles import Role, listed
from bartizan.formats.pickles.trace import Argument, Made, Name, Opaque

Arguments: TypeAlias = tuple[Argument, ...]
IsClass: TypeAlias = Callable[[Name], bool]
"""Whether a name is a class that may be made: of the list, or of the user's policy."""

_RANDOM = Name("numpy.random._pickle", "__bit_generator_ctor")
_OBJECT = Name("builtins", "object")
_EMPTY: frozenset[Arguments] = frozenset(((), (_OBJECT, None)))
"""What stands behind a class that is made empty: nothing, or what `copyreg._reconstructor` is
given."""
_SCALARS = (type(None), bool, int, str, float)
_PARTIAL = 4
"""Items of the state of a `functools.partial`: function, arguments, keywords, attributes."""


def broken_rule(rule: str, arguments: Arguments, *, is_class: IsClass) -> str:
    """How a call breaks the rule of its function, as the end of a sentence; empty = it does not.

    Args:
        rule: Of the function; empty = it builds data from whatever it is given.
        arguments: As the stream gives them.
        is_class: Says whether a name may be made.
    """
    return _RULES[rule](arguments, is_class) if rule else ""


def broken_state(rule: str, arguments: Arguments, *, is_class: IsClass) -> str:
    """The same of the state that what the function made is given."""
    if rule != "partial":
        return ""
    state = arguments[0] if arguments else None
    if not isinstance(state, tuple) or len(state) != _PARTIAL or state[3] is not None:
        return "and the state is not one that its pickler writes"
    if not isinstance(state[1], tuple) or not all(map(_is_plain, state[1])):
        return "and arguments in its state are no plain values"
    return _partial(state[:1], is_class)


def _class(arguments: Arguments, is_class: IsClass) -> str:
    """The first argument is made without asking it: it must be a class that may be."""
    if not arguments or not isinstance(arguments[0], Name):
        return "and its first argument does not name a class"
    return _classes(arguments, is_class)


def _maker(arguments: Arguments, is_class: IsClass) -> str:
    """As a class, and one that may only be made empty is given nothing."""
    if why := _class(arguments, is_class):
        return why
    first = arguments[0]
    if isinstance(first, Name) and _has(first, "shell") and arguments[1:] not in _EMPTY:
        return f"and it gives arguments to {first}, whose constructor may not have any"
    return ""


def _classes(arguments: Arguments, is_class: IsClass) -> str:
    """Whatever it is given by name, it makes."""
    for one in _names(arguments):
        if not is_class(one):
            return f"and it is given {one}, which is no class that may be made"
    if any(isinstance(one, Made) and one.by is None for one in arguments):
        return "and it is given something that was computed"
    return ""


def _called(arguments: Arguments, is_class: IsClass) -> str:
    """Whatever it is given by name, it calls without arguments."""
    for one in _names(arguments):
        if _has(one, "shell"):
            return f"and it is given {one}, whose constructor may not run"
    return _classes(arguments, is_class)


def _one(arguments: Arguments, is_class: IsClass) -> str:
    """``type(x)`` says what x is; with three arguments it makes a class of any kind."""
    del is_class
    return "" if len(arguments) == 1 else "and with more than one argument it makes a new class"


def _member(arguments: Arguments, is_class: IsClass) -> str:
    """An enumeration says which of its members has a value; with more it makes a new one."""
    del is_class
    fits = len(arguments) == 1 and _is_plain(arguments[0])
    return "" if fits else "and it is given something else than the value of one member"


def _nothing(arguments: Arguments, is_class: IsClass) -> str:
    """It needs nothing."""
    del is_class
    return "and it is given arguments, of which it has no need" if arguments else ""


def _number(arguments: Arguments, is_class: IsClass) -> str:
    """One number."""
    del is_class
    fits = len(arguments) == 1 and type(arguments[0]) is int
    return "" if fits else "and it is given something else than one number"


def _pattern(arguments: Arguments, is_class: IsClass) -> str:
    """A regular expression and its flags, which are compiled."""
    del is_class
    match arguments:
        case (str() | Opaque(kind="bytes" | "str") | Made(by=Name("_codecs", "encode")), int()):
            return ""
    return "and it is given something else than a text and a number"


def _zone(arguments: Arguments, is_class: IsClass) -> str:
    """The name of a time zone, which is that of a file below the data base of zones."""
    del is_class
    match arguments:
        case (str(key), *rest) if is_zone(key) and all(map(_is_plain, rest)):
            return ""
    return "and it is given something else than the name of a time zone"


def _attribute(arguments: Arguments, is_class: IsClass) -> str:
    """What it looks up is on the list itself, as a name with one more part."""
    del is_class
    found = attribute(arguments)
    if found is not None and listed(found) is not None:
        return ""
    return f"and it looks up {found or 'something'}, which is not on the list"


def _partial(arguments: Arguments, is_class: IsClass) -> str:
    """A function of scikit-learn with some of its arguments: to be called with data later."""
    del is_class
    match arguments:
        case (Name() as one,) if one.module.startswith("sklearn.") and _has(one, "value"):
            return ""
    return "and it is given something else than one function of scikit-learn that is on the list"


def _has(name: Name, role: Role) -> bool:
    """Whether the list gives a name this role."""
    found = listed(name)
    return found is not None and found.role == role


def _is_plain(value: Argument) -> bool:
    """Whether a value is a number, a text or a truth, or none."""
    return isinstance(value, _SCALARS) or value in (Opaque("float"), Opaque("int"))


def _latin(arguments: Arguments, is_class: IsClass) -> str:
    """Bytes are spelled as Latin-1 text; the name of a codec may import a module."""
    del is_class
    codecs = arguments[1:]
    fits = len(codecs) == 1 and isinstance(codecs[0], str) and codecs[0].lower() in LATIN
    return "" if fits else "and its codec is not Latin-1"


def _random(arguments: Arguments, is_class: IsClass) -> str:
    """The second argument is called with the first: only with numpy's own function."""
    if any(one != _RANDOM for one in arguments[1:]):
        return "and it is told to call something else than numpy's own function"
    return _called(arguments[:1], is_class)


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
    "attribute": _attribute,
    "class": _class,
    "classes": _classes,
    "called": _called,
    "maker": _maker,
    "member": _member,
    "nothing": _nothing,
    "number": _number,
    "one": _one,
    "partial": _partial,
    "pattern": _pattern,
    "zone": _zone,
    "latin1": _latin,
    "random": _random,
    "no text": _no_text,
}
