"""Of what values are made: data, or something that could run."""

from collections.abc import Sequence
from typing import get_args

from bartizan.formats.pickles.made_of import grade_of_value
from bartizan.formats.pickles.memory.values import (
    BUFFER,
    BYTEARRAY,
    BYTES,
    DICT,
    FLOAT,
    FROZENSET,
    INT,
    LIST,
    REST,
    SET,
    TEXT,
    TUPLE,
    Array,
    Attributes,
    Container,
    Cut,
    Dtype,
    Fresh,
    Run,
    Value,
    Wrapper,
)
from bartizan.formats.pickles.trace import Argument, Grade, Keys, Made, Name, Opaque

_REPORTED = (type(None), bool, int, str, Name, Made, Opaque)
"""Types of values that are reported as they are."""
_CONSTANTS = frozenset((type(None), bool, int, float, str, Cut))
"""Types of values that hold nothing."""
_LEAVES = frozenset((FLOAT, INT, TEXT, BYTES, BYTEARRAY, BUFFER))
_FORGOTTEN = frozenset((LIST, DICT, SET, FROZENSET, TUPLE, REST))
"""Containers of which nobody knows any more what they hold."""
_REPORTS = {
    (kind.kind, grade, keys): Opaque(kind.kind, grade=grade, keys=keys)
    for kind in (LIST, DICT, SET, FROZENSET, TUPLE, REST)
    for grade in get_args(Grade)
    for keys in get_args(Keys)
}
"""Containers as they are reported, one object for each kind."""

REST_OF_ANY = Opaque("rest", grade=2, keys="computed")
"""Arguments that nobody can tell. Unpicklers in Python take any container for them, not only a
tuple, and then those of a list are handed over one by one."""


def grade(value: Value) -> Grade:  # noqa: PLR0911 (a table, and faster than one)
    """Of what a value is made. Of containers that nobody follows any more it is not known."""
    if type(value) in _CONSTANTS:
        return 0
    if isinstance(value, Made | Container | Attributes | Array):
        return value.grade
    if isinstance(value, tuple):
        return grade_of(value)
    if isinstance(value, Opaque):
        return 0 if value in _LEAVES else 2
    if isinstance(value, Name):
        return grade_of_value(value)
    if isinstance(value, Run):
        return grade(value.value)
    return 0 if isinstance(value, Dtype | Wrapper) else 2


def grade_of(items: Sequence[Value]) -> Grade:
    """The worst grade among some values.

    Cost:
        15 nanoseconds an item, 100 where it is no constant.
    """
    if _CONSTANTS.issuperset(map(type, items)):
        return 0
    worst: Grade = 0
    for item in items:
        if type(item) not in _CONSTANTS:
            found = grade(item)
            if found > worst:  # noqa: PLR1730 (half the time of max)
                worst = found
    return worst


def argument(value: Value) -> Argument:  # noqa: PLR0911 (a table, and faster than one)
    """A value as it is reported."""
    if type(value) is Fresh:
        return value.settled
    if type(value) is Opaque and value in _FORGOTTEN:
        return Opaque(value.kind, grade=2, keys="computed")
    if isinstance(value, _REPORTED):
        return value
    if isinstance(value, tuple):
        return tuple(argument(item) for item in value)
    if isinstance(value, Dtype | Wrapper):
        return Made(value.name, grade=0)
    if isinstance(value, Array):
        return Made(value.made.by, grade=value.grade)
    if isinstance(value, Container | Attributes):
        return _REPORTS[value.kind.kind, value.grade, value.keys]
    return REST_OF_ANY


def unsure(value: Argument) -> Argument:
    """A value as it is reported if nobody can tell what containers hold."""
    if isinstance(value, tuple):
        return tuple(map(unsure, value))
    if isinstance(value, Opaque) and value in _FORGOTTEN:
        return Opaque(value.kind, grade=2, keys=value.keys)
    return value
