"""Several pickles one after the other, each read in every way that a loader may read it."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from bartizan.formats.content import Budget, Content, Window
from bartizan.formats.pickles.arrays import is_wrapper
from bartizan.formats.pickles.machine import trace_of, traced
from bartizan.formats.pickles.memory.tape import Tape
from bartizan.formats.pickles.plausible import ENDLESS, PREFIX_BYTES, plausible
from bartizan.formats.pickles.trace import Called, Imported, Name, Trace

Fact = TypeVar("Fact", Imported, Called)

_PLAIN_READINGS = 8
"""Of one content: each reads it from the front once more. Files with several pickles of joblib
are rare, and have two or three."""


def pickles_of(content: Content, *, budget: Budget) -> Iterator[Trace]:
    """Say what the pickles in a content would do, beginning with the one at its front.

    Loaders that call ``load`` more than once, as PyTorch did for its first format, go on where
    the last pickle ended. Offsets count from the beginning of the content.

    A pickle with raw arrays of joblib is read once more as ``pickle.load`` would read it, which
    takes the first array for instructions. What it would run beyond what ``joblib.load`` runs is
    added to the trace.

    Args:
        content: Where the pickles lie.
        budget: Shared by all of them.

    Yields:
        One trace for each. The last is the one that does not end with STOP, or after which nothing
        looks like a pickle. The sum of their sizes is where the rest begins.
    """
    tape, plain = Tape(content.open()), 0
    while True:
        begin = tape.offset
        trace = traced(tape, budget=budget)
        if any(is_wrapper(found.name) for found in trace.imports):
            plain += 1
            if plain > _PLAIN_READINGS:
                odd = "more pickles of joblib than are read as plain ones"
                trace = replace(trace, odd=(*trace.odd, odd))
            else:
                trace = _with_plain(trace, content, begin=begin, budget=budget)
        yield trace
        if trace.ending != "stop" or not _another(tape, content):
            return


def _another(tape: Tape, content: Content) -> bool:
    """Whether another pickle follows."""
    left = content.size - tape.offset if isinstance(content, Window) else ENDLESS
    return plausible(tape.peek(PREFIX_BYTES), size_bytes=left)


def _with_plain(trace: Trace, content: Content, *, begin: int, budget: Budget) -> Trace:
    """A trace, and what a plain unpickler would run beyond it."""
    stream = content.open()
    stream.skip(begin)
    plain = trace_of(stream, budget=budget, raw_arrays=False)
    looked_up: dict[int, Name | None] = {
        found.offset - begin: found.name for found in trace.imports
    }
    called = {call.offset - begin: call.callee for call in trace.calls}
    imports = tuple(
        _moved(found, begin)
        for found in plain.imports
        if _differs(found.name, found.offset, looked_up)
    )
    calls = tuple(
        _moved(call, begin) for call in plain.calls if _differs(call.callee, call.offset, called)
    )
    if not imports and not calls:
        return trace
    odd = "bytes of an array that a plain unpickler runs"
    return replace(
        trace,
        imports=trace.imports + imports,
        calls=trace.calls + calls,
        odd=(*trace.odd, odd),
    )


def _differs(name: Name | None, offset: int, known: dict[int, Name | None]) -> bool:
    """Whether a fact is not among the known ones.

    A plain unpickler that walks into the pickle of an array of objects takes its references for
    those of the pickle around it, and so asks for names that are mixed up. Those of the standard
    library count nevertheless: the others do not exist, unless somebody saw to it.
    """
    if offset not in known:
        return True
    if name is None or name == known[offset]:
        return False
    return name.module.partition(".")[0] in sys.stdlib_module_names


def _moved(fact: Fact, begin: int) -> Fact:
    """A fact with its offset counted from the beginning of the content."""
    return replace(fact, offset=fact.offset + begin)
