"""Values of the stack. Of most it is enough to know what kind they are."""

from collections.abc import Iterable, Iterator, Sequence
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
MOST_UNFOLDED = 1 << 100
"""To what a value unfolds at most: more makes no difference, and sums stay short."""


class Cut(str):
    """The beginning of a longer text. Never a name."""

    __slots__ = ()


@dataclass(slots=True)
class Run:
    """Many values of the stack at once."""

    value: Value
    """Stands for each of them."""
    count: int


@dataclass(slots=True, eq=False)
class Container:
    """A list, a set, or a tuple that is not kept: only how much it holds."""

    kind: Opaque
    unfolds: int = 1
    """Values that somebody meets who follows it to its ends, shared ones each time: itself and
    all that it held when it was put where it is now."""
    copies: int = 0
    """How often somebody meets it: how often it was fetched, and how often that is met which it was
    put into, as far as was known then."""


@dataclass(slots=True)
class Attributes:
    """A dict which so far holds nothing but attributes of an array in a joblib file."""

    items: dict[str, Value] | None = field(default_factory=dict)
    """None = it holds something else."""
    index: int = -1
    """Its last place in the memo; -1 = it has none."""
    born: int = 0
    """How much code had run when it was made: whatever runs later may have changed it."""
    unfolds: int = 1
    """As of a `Container`."""
    copies: int = 0

    @property
    def kind(self) -> Opaque:
        """It is a dict."""
        return DICT


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


PLAIN = (*SCALARS, str, tuple, Opaque, Container)
"""Types of values that run no code of anybody, whatever is done to them."""
NESTED = frozenset((tuple, Run, Container, Attributes))
"""Types of values that may unfold to more than one."""
_FOLDED = frozenset((tuple, Run))
"""Types of values that may not be kept as they are in a tuple."""


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
    if len(items) <= _TUPLE_ITEMS and _FOLDED.isdisjoint(map(type, items)):
        return tuple(items)
    kept = list(islice(each(items), _TUPLE_ITEMS + 1))
    if len(kept) > _TUPLE_ITEMS:
        kept[_TUPLE_ITEMS] = Container(REST, load(items) - load(kept[:_TUPLE_ITEMS]))
    for place, item in enumerate(kept):
        if type(item) is tuple and (len(item) > _INNER_ITEMS or tuple in map(type, item)):
            kept[place] = Container(TUPLE, 1 + load(item))
    return tuple(kept)


def load(items: Sequence[Value]) -> int:
    """How many values somebody meets who follows some to their ends, shared ones each time.

    Cost:
        15 nanoseconds an item, 200 where it is a container, a thousand times that for a tuple of
        64 tuples.
    """
    if NESTED.isdisjoint(map(type, items)):
        return len(items)
    return min(MOST_UNFOLDED, sum(map(_unfolded, items)))


def met(value: Value) -> None:
    """A value is used once more. Tuples are kept two deep."""
    if isinstance(value, Container | Attributes):
        value.copies += 1
    elif isinstance(value, tuple) and not NESTED.isdisjoint(map(type, value)):
        for item in value:
            met(item)


def _unfolded(value: Value) -> int:
    """One value and all that it holds. Tuples are kept two deep."""
    if type(value) is Container or type(value) is Attributes:
        return value.unfolds
    if type(value) is tuple:
        return 1 + load(value)
    return value.count if type(value) is Run else 1


def argument(value: Value) -> Argument:
    """A value as it is reported."""
    if isinstance(value, _REPORTED):
        return value
    if isinstance(value, tuple):
        return tuple(argument(item) for item in value)
    if isinstance(value, Dtype | Wrapper):
        return Made(value.name)
    return value.kind if isinstance(value, Container | Attributes) else REST
