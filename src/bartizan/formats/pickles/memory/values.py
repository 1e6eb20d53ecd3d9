"""Values of the stack. Of most it is enough to know what kind they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, repeat
from typing import TypeAlias

from bartizan.formats.pickles.trace import Argument, Made, Name, Opaque

Value: TypeAlias = object
"""None, bool, int, str, tuple, Name, Made, Opaque, or one of the classes here."""

TEXT_CHARACTERS = 200
"""What is kept of a text. Names of modules and classes stay below 100."""
_TUPLE_ITEMS = 64
"""Of a tuple; an array has no more dimensions, and nobody reads more arguments."""
_INNER_ITEMS = 16
"""Of a tuple in a tuple. Deeper ones are not kept, or nests of ten would hold billions."""

FLOAT, INT, TEXT, BYTES, BYTEARRAY, LIST, DICT, SET, FROZENSET, TUPLE, BUFFER, REST = (
    Opaque(kind)
    for kind in (
        "float",
        "int",
        "str",
        "bytes",
        "bytearray",
        "list",
        "dict",
        "set",
        "frozenset",
        "tuple",
        "buffer",
        "rest",
    )
)
COMPUTED = Made(None)
"""What nobody can tell without running it."""
SCALARS = (type(None), bool, int, float)
_REPORTED = (type(None), bool, int, str, Name, Made, Opaque)
"""Types of values that are reported as they are."""
PLAIN = (*SCALARS, str, tuple, Opaque)
"""Types of values that run no code of anybody, whatever is done to them."""


class Cut(str):
    """The beginning of a longer text. Never a name."""

    __slots__ = ()


@dataclass(slots=True)
class Run:
    """Many values of the stack at once."""

    value: Value
    """Stands for each of them."""
    count: int


@dataclass(slots=True)
class Attributes:
    """A dict which so far holds nothing but attributes of an array in a joblib file."""

    items: dict[str, Value] | None = field(default_factory=dict)
    """None = it holds something else."""
    index: int = -1
    """Its last place in the memo; -1 = it has none."""
    born: int = 0
    """How much code had run when it was made: whatever runs later may have changed it."""


@dataclass(slots=True)
class Dtype:
    """A type of numpy's arrays, which changes while its state is set."""

    name: Name
    """What made it."""
    item_bytes: int | None
    """None = nobody can tell."""
    flexible: bool = False
    """Its state says anew how long an item is."""
    objects: bool = False
    """Items are objects, so that an array of them is a pickle of its own."""


@dataclass(slots=True)
class Wrapper:
    """What stands for an array in a joblib file, until its state is set and the array is read."""

    name: Name
    """The class."""
    attributes: dict[str, Value] | None
    """None = nobody can tell."""


def cut(text: str) -> str:
    """A text as it is kept."""
    return text if len(text) <= TEXT_CHARACTERS else Cut(text[:TEXT_CHARACTERS])


def each(items: Iterable[Value]) -> Iterator[Value]:
    """Values one by one."""
    for item in items:
        if type(item) is Run:
            yield from repeat(item.value, item.count)
        else:
            yield item


def as_tuple(items: list[Value]) -> tuple[Value, ...]:
    """A tuple as it is kept: 64 items, and of tuples in it those without tuples."""
    kept = list(islice(each(items), _TUPLE_ITEMS + 1))
    if len(kept) > _TUPLE_ITEMS:
        kept[_TUPLE_ITEMS] = REST
    for place, item in enumerate(kept):
        if type(item) is tuple and (len(item) > _INNER_ITEMS or tuple in map(type, item)):
            kept[place] = TUPLE
    return tuple(kept)


def argument(value: Value) -> Argument:
    """A value as it is reported."""
    if isinstance(value, _REPORTED):
        return value
    if isinstance(value, tuple):
        return tuple(argument(item) for item in value)
    if isinstance(value, Dtype | Wrapper):
        return Made(value.name)
    return DICT if isinstance(value, Attributes) else REST
