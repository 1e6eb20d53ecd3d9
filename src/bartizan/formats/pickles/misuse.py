"""What a name on the list may not do: the other half of the allowlist, which looks at each call.

Three laws hold an argument together (ADR 13). An object is filled first and gets its state last,
both only once and as soon as it is made, so that no method of its own is ever called. What computes
is given data. States have constant keys, none of which Python obeys.
"""

from bartizan.formats.pickles.arguments import IsClass, broken_rule, broken_state
from bartizan.formats.pickles.constructors import (
    keeps_anything,
    may_be_called,
    state_grade,
    writes_out,
)
from bartizan.formats.pickles.made_of import grade_of_argument, grade_of_name
from bartizan.formats.pickles.roles import Listed, Role
from bartizan.formats.pickles.sizes import COPYREG
from bartizan.formats.pickles.trace import Argument, Called, How, Made, Name, Opaque, Verb

DONE_BY: dict[How, str] = {
    "call": "is called",
    "new": "makes an object",
    "state": "is given a state, which may run code of its own",
    "fill": "is filled, which may run code of its own",
}
_MAY: dict[Role, frozenset[How]] = {
    "class": frozenset({"call", "new", "state", "fill"}),
    "shell": frozenset({"new", "state"}),
    "rebuild": frozenset({"call", "state", "fill"}),
    "value": frozenset(),
}
"""What a role lets run; for `state` and `fill`, on objects that the name made."""
_BUNCH = "sklearn.utils._bunch.Bunch"
"""Throws a state away."""
_FILLED: dict[str, frozenset[Verb]] = {
    **dict.fromkeys(
        ("collections.OrderedDict", "collections.defaultdict", "collections.Counter", _BUNCH),
        frozenset({"__setitem__"}),
    ),
    "collections.deque": frozenset({"append", "extend"}),
}
"""What may be filled, and by which method: the unpickler looks the others up on the object, and a
`Bunch` answers with what was put into it."""
_FACTORY = Name("collections", "defaultdict")
"""Keeps a class, and calls it when somebody asks for a key that is missing."""
_TYPES = "numpy.dtypes"
"""Classes of which each has one object."""
_BUILTINS = ("builtins", "__builtin__")
_PLAIN = ("_codecs", "builtins", "__builtin__")
"""Modules of which what they make is as long as what they were given."""
_ONCE = frozenset(
    (
        *("type", "scalar", "encode", "PeriodDtype", "_nat_unpickle", "__nat_unpickle"),
        *("BLAS_Order", "BLAS_Trans", "FiniteStatus", "SafeUUID", "MonotonicConstraint"),
        *("MaskedConstant", "NAType", "_NoValueType"),
    )
)
"""What returns no object of this pickle alone: the same again, or one that everybody shares."""


def misuse(call: Called, found: Listed, *, is_class: IsClass, tensors: bool) -> str:
    """How a call goes beyond what its name is listed for, as the end of a sentence.

    Args:
        call: Of something on the list.
        found: Its entry.
        is_class: Says whether a name may be made.
        tensors: Whether the pickle belongs to an archive of PyTorch.

    Returns:
        Empty = it does not.
    """
    if call.how not in _MAY[found.role] or call.callee is None:
        return "and the list has it for other uses only"
    if call.how == "state" and found.rule == "partial":
        return _AGAIN if call.again else broken_state(found.rule, call.arguments, is_class=is_class)
    if call.how == "state":
        return _state(call, call.callee, tensors=tensors)
    if call.how == "fill":
        return _filling(call, call.callee)
    if found.role in ("class", "shell"):
        return _made(call, call.callee, is_class=is_class)
    return _rebuilt(call, call.callee, found.rule, is_class=is_class)


def _filling(call: Called, callee: Name) -> str:
    """Only containers are filled, by their own method, and before anything else."""
    verbs = _FILLED.get(str(callee))
    if verbs is None:
        return "and is no container: an attribute of its own may be what is called"
    if call.verb not in verbs:
        return f"and has no method {call.verb} but what the file gives it"
    return _AGAIN if call.again else ""


_AGAIN = "after it was used or had a state, so that a method of its own may be what is called"


def _state(call: Called, callee: Name, *, tensors: bool) -> str:
    """A state is set once, has constant keys, and is data where code of Python reads it."""
    name = str(callee)
    if callee.name in _ONCE or callee.module == _TYPES:
        return "and every other part of the program shares it"
    if name in _FILLED and name != _BUNCH and not tensors:
        return "and one of its attributes may be called when it is used"
    if call.again:
        return _AGAIN
    return _stated(callee, call.arguments[0] if call.arguments else None)


def _stated(callee: Name, state: Argument) -> str:
    """What a state may hold."""
    for part in state if isinstance(state, tuple) else (state,):
        if isinstance(part, Opaque) and part.kind == "dict" and part.keys != "texts":
            return _KEYS[part.keys]
    worst = state_grade(callee)
    if isinstance(state, tuple) and worst and grade_of_name(callee):
        worst = 0  # its second part is set as attributes, which may run code of the class
    if grade_of_argument(state) > worst:
        return "and the state holds more than data, of which methods may be called"
    return "and the state is no dict" if worst and isinstance(state, Made | Name) else ""


_KEYS = {
    "hook": "and a key of the state is one that Python obeys",
    "computed": "and the keys of the state are not all constant texts",
}


def _made(call: Called, callee: Name, *, is_class: IsClass) -> str:
    """A class is made empty, or given data if it is one of the few that are called."""
    rest = call.arguments
    if callee == _FACTORY and rest and isinstance(rest[0], Name) and is_class(rest[0]):
        rest = rest[1:]
    return _given(callee, rest)


def _given(name: Name, arguments: tuple[Argument, ...]) -> str:
    """What the constructor of a class is given."""
    if not arguments or keeps_anything(name):
        return ""
    if not may_be_called(name):
        return "and no pickler calls it with arguments"
    if writes_out(name) and any(map(_is_endless, arguments)):
        return "and what it is given may be endless"
    if name.name == "dtype" and not _is_copy(arguments):
        return "and not as picklers do, so that it may be one that everybody shares"
    if name.name == "ndarray" and any(isinstance(one, Opaque | Made) for one in arguments):
        return "and it may be told to take bytes of the file for addresses"
    return _only_data(arguments)


def _is_endless(value: Argument) -> bool:
    """Whether going through a value may take for ever: an index, a number in decimal notation."""
    return isinstance(value, Made) and (value.by is None or value.by.module not in _PLAIN)


def _is_copy(arguments: tuple[Argument, ...]) -> bool:
    """Whether a type of arrays is made for this pickle alone: its code, False and True."""
    return len(arguments) == len(("code", "align", "copy")) and arguments[2] in (True, 1)


def _rebuilt(call: Called, callee: Name, rule: str, *, is_class: IsClass) -> str:
    """A function that rebuilds keeps its rule, and is given data beside the names of the rule."""
    if broken := broken_rule(rule, call.arguments, is_class=is_class):
        return broken
    if callee.module.startswith("torch."):
        return _tensors(call.arguments)
    rest = tuple(one for one in call.arguments if not (rule and isinstance(one, Name)))
    if callee.module in COPYREG and (broken := _reconstructed(call.arguments, rest)):
        return broken
    return "" if callee.module in COPYREG and _copies(call.arguments) else _only_data(rest)


def _copies(arguments: tuple[Argument, ...]) -> bool:
    """Protocols 0 and 1 make an object of a class of dicts as a copy of a plain dict.

    That copies entries of which the keys were hashed before, and calls nothing.
    """
    match arguments:
        case (Name(), Name("builtins", "dict"), Opaque(kind="dict", keys="texts")):
            return True
    return False


def _reconstructed(arguments: tuple[Argument, ...], rest: tuple[Argument, ...]) -> str:
    """The functions of `copyreg` call ``cls.__new__`` or that of a base, as NEWOBJ does."""
    bases = [one for one in arguments[1:] if isinstance(one, Name)]
    if any(one.module not in _BUILTINS for one in bases):
        return "and the base is no class that is built in"
    made = arguments[0]
    given = tuple(one for one in rest if one not in (None, (), Opaque("dict")))
    return _given(made, given) if isinstance(made, Name) and not bases else ""


def _tensors(arguments: tuple[Argument, ...]) -> str:
    """What makes tensors is given tensors, storages and data, and a dict of hooks behind them."""
    first = arguments[0] if arguments else None
    if isinstance(first, Made) and first.by and first.by.module == "collections":
        return "and what it is given first is no tensor: a method of its own may be called"
    if max(map(grade_of_argument, arguments), default=0) > 1:
        return "and it is given more than tensors and data: methods of that may be called"
    return ""


def _only_data(arguments: tuple[Argument, ...]) -> str:
    """Constants, containers of them, arrays and the like."""
    if max(map(grade_of_argument, arguments), default=0):
        return "and what it is given is more than data: methods of that may be called"
    return ""
