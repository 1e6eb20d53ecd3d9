"""Values of the stack. Of most it is enough to know what kind they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TypeAlias

from bartizan.formats.pickles.trace import Grade, Keys, Made, Name, Opaque

Value: TypeAlias = object
"""None, bool, int, str, tuple, Name, Made, Opaque, or one of the classes here."""

TEXT_CHARACTERS = 200
"""What is kept of a text. Names of modules and classes stay below 100."""
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
ASKING = "an id by which an object is asked for, and which is an object itself"
ASKED = Made(None, grade=1)
"""What whoever opens the pickle hands in for an id: of PyTorch, a storage."""
SCALARS = (type(None), bool, int, float)
MOST_UNFOLDED = 1 << 100
"""To what a value unfolds at most: more makes no difference, and sums stay short."""


@dataclass(frozen=True, slots=True)
class Fresh(Made):
    """What a call has just returned, and nothing else happened to.

    Only this may be filled and given a state. Where it is put anywhere else, what is put there is
    `settled`, so that each object has one fresh value at most.
    """

    settled: Made = field(default=COMPUTED, compare=False)


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
    grade: Grade = 0
    """The worst of what was put into it."""
    keys: Keys = "texts"


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
    grade: Grade = 0
    keys: Keys = "texts"
    field_objects: bool = False
    """Whether a value in it is a type of numpy's arrays that has objects, with an offset."""
    field_end: int = 0
    """Where the last of such types ends, in bytes."""

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
    settled: bool = False
    """It has a state already, which may not be set anew under arrays that have this type."""


@dataclass(slots=True, eq=False)
class Array:
    """An array of numpy that is filled by its state, which may hold objects."""

    made: Made
    """What made it."""
    grade: Grade = 0
    settled: bool = False


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
