"""What a pickle would do when it is opened: the facts, without a judgement."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Grade: TypeAlias = Literal[0, 1, 2]
"""What a value is made of, all that it holds included. 0: data, that is constants, containers of
them, and arrays, times and tables that are made of data themselves. 1: data, or what is inert:
containers that were made by a call, tensors. 2: anything else, such as a function, or an object
whose attributes a file chose."""
Keys: TypeAlias = Literal["texts", "hook", "computed"]
"""Of a dict. `texts`: constants; `hook`: one of them names what Python calls or obeys, and may
stand for something that can be called; `computed`: some are no constant texts, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Name:
    """Something of a module that a pickle asks for, as the newest Python would look it up."""

    module: str
    name: str
    """May have dots: protocol 4 follows them."""

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class Made:
    """An object that a call returns."""

    by: Name | None
    """What was called; none = something computed, so that nobody can say what it is."""
    grade: Grade = field(default=2, compare=False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that nobody needs to know: a number, bytes, a long text, a container."""

    kind: str
    """``float``, ``list`` ..."""
    grade: Grade = field(default=0, compare=False)
    """Of a container: the worst of what it holds."""
    keys: Keys = field(default="texts", compare=False)
    """Of a dict."""


Argument: TypeAlias = str | int | bool | Name | Made | Opaque | tuple["Argument", ...] | None
"""Texts are cut off after 200 characters."""
How: TypeAlias = Literal["call", "new", "state", "fill"]
"""`call`: REDUCE, OBJ, INST; `new`: NEWOBJ, NEWOBJ_EX, that is ``cls.__new__``; `state`: BUILD,
that is ``__setstate__`` or the attributes themselves; `fill`: appending to or setting items of
something that is no plain list, dict or set."""
Verb: TypeAlias = Literal["", "append", "extend", "add", "__setitem__", "__setstate__"]
"""Of `fill` and `state`: the method that the unpickler looks up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A name that is looked up, which runs its module."""

    name: Name
    spelled: Name
    """As the stream spells it, before names of Python 2 are translated."""
    offset: int
    """Of the instruction, in bytes from the beginning of the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Something that runs code."""

    callee: Name | None
    """Of `state` and `fill`, what made the object, or the method of what was looked up and not
    made, such as ``sys.path.append``; none = something computed."""
    how: How
    arguments: tuple[Argument, ...]
    offset: int
    verb: Verb = ""
    again: bool = False
    """Of `state` and `fill`: the object had a state before, or was put elsewhere and fetched. No
    pickler fills or sets anything but what it has just made, and the state comes last."""


Ending: TypeAlias = Literal["stop", "broken", "cut"]
"""`stop`: whole; `broken`: an instruction makes no sense or costs too much, but those before it
run; `cut`: the content ends before the pickle does."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One pickle, from its first instruction to its end."""

    ending: Ending
    why: str = ""
    """What is broken, in words."""
    size_bytes: int
    """From its first byte to the one after its end, raw arrays in it included."""
    imports: tuple[Imported, ...] = ()
    """In the order in which they would run. Equal ones beyond the first 1,000 are left out."""
    calls: tuple[Called, ...] = ()
    """In the order in which they would run. Of one callee beyond the first 1,000, those are left
    out that hand over what ten others did, as far as anybody judges it (`recording.shape`)."""
    persistent: tuple[int, ...] = ()
    """Offsets at which an object is asked of whoever opens it, the first 1,000."""
    extensions: tuple[int, ...] = ()
    """Codes of the registry of `copyreg`, which stand for names that the stream hides; each once,
    the first 1,000."""
    buffers: int = 0
    """Buffers that lie outside of the stream (protocol 5)."""
    arrays: int = 0
    """Raw arrays of joblib between the instructions."""
    unfolds: int = 1
    """Values that somebody meets who follows the largest container to its ends, as printing and
    comparing do, and hashing a tuple: shared ones count each time. Objects that calls made
    count as one, and a tuple that nothing holds is left out if it holds plain values only."""
    limited: bool = False
    """Whether it is only our own limits that end it, where an unpickler might go on."""
    odd: tuple[str, ...] = field(default_factory=tuple)
    """What no pickler writes: a PROTO in the middle, an instruction that straddles its frame. Some
    of it makes unpicklers disagree on what runs, so that a trace is no full account: the one in C
    drops the rest of a frame that an instruction straddles if it reads from a file, and keeps it
    if it reads from memory."""
