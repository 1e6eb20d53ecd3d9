"""What a scanner is: it reads one kind of file and says what it noticed, and what lies inside."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Content
from bartizan.supply.scanners.notice import Notice


class NotMineError(InputError):
    """A scanner found that an item is not of its format, which is no trouble and not told.

    Raised only before anything of the format was recognised: no magic number, none of its keys.
    From there on, what cannot be read is an InputError, whoever else reads the same bytes.
    """


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to scan: a file, or something inside of one."""

    content: Content
    path: str
    """Name of the file, and the way to the place inside: `model.zip/archive/data.pkl`. A name
    that an archive gives is untrusted text."""
    inside: Literal["", "torch", "torch-keys", "script", "npy"] = ""
    """What it belongs to, where that decides what is usual in it: a pickle of PyTorch asks for
    its tensors by persistent id, those beside it hold numbers and texts, one of TorchScript is read
    by PyTorch's own unpickler, and an array of objects is a pickle."""
    depth: int = 0
    """0 = a file of its own."""
    size_bytes: int | None = None
    """None = it is compressed, and nobody knows yet."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What scanners share while one file is read."""

    budget: Budget
    allowed: frozenset[str] = field(default_factory=frozenset)
    """``module.name`` of classes that the user's policy allows beyond our own list."""
    beside: frozenset[str] | None = None
    """Names of the files beside this one and below, relative to its folder, with ``/``: formats
    that keep weights in other files name them. None = it is not known what lies beside it."""


Reading: TypeAlias = Generator[Notice | Item, None, int]
"""A scan on its way: yields what it noticed and what lies inside, which is scanned in turn;
returns how many bytes of its item it accounts for, from the front. Those of inner items count as
read by this one if it knows where they end."""


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """Reads one family of formats. Every scanner that finds an item plausible reads it."""

    name: str
    """Of the family: `pickle`, `zip`, `onnx` ..."""
    plausible: Callable[[bytes, Item], bool]
    """``plausible(head, item)``: whether some loader might take it for this format. `head`: the
    first `HEAD_BYTES`. Wide rather than narrow: the worst verdict wins."""
    scan: Callable[[Item, Situation], Reading]
    """Raises NotMineError where it is not this format after all; InputError where the content
    does not hold what it promises, LimitError where it costs too much: both make the item
    inconclusive, with what was noticed before."""


HEAD_BYTES = 4096
"""What a scanner sees before it is asked to read: enough for every magic number and first key."""
