"""Several pickles one after the other, each read in every way that a loader may read it."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from bartizan.formats.content import ENDLESS, Budget, Content, Window
from bartizan.formats.pickles.arrays import is_wrapper
from bartizan.formats.pickles.dangers import danger_of
from bartizan.formats.pickles.effects.keys import HOOK
from bartizan.formats.pickles.machine import trace_of, traced
from bartizan.formats.pickles.memory.tape import Tape
from bartizan.formats.pickles.plausible import PREFIX_BYTES, plausible
from bartizan.formats.pickles.trace import Argument, Called, Imported, Made, Name, Trace

Fact = TypeVar("Fact", Imported, Called)

_MIXED_UP = frozenset(
    (
        *("dtype", "scalar", "ndarray", "_reconstruct", "SeedSequence"),
        *("__bit_generator_ctor", "__randomstate_ctor", "__generator_ctor"),
        *("date", "datetime", "time", "timedelta", "timezone", "Decimal", "Fraction", "UUID"),
    )
)
"""What honest arrays of objects ask for once a plain unpickler has mixed up the modules, and no
attack has a use for: numpy's own functions, and classes of single values."""
_MIXED_UP_OF = frozenset(("numpy", "datetime", "decimal", "fractions", "uuid"))
_WRAPPER = Name("joblib.numpy_pickle", "NumpyArrayWrapper")
"""Keeps what it is called with, and does nothing."""
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
        whole = trace.ending == "stop"
        if any(is_wrapper(found.name) for found in trace.imports):
            plain += 1
            if plain > _PLAIN_READINGS:
                odd = "more pickles of joblib than are read as plain ones"
                trace = replace(trace, odd=(*trace.odd, odd))
            else:
                trace = _with_plain(trace, content, begin=begin, budget=budget)
        yield trace
        if not whole or not _another(tape, content):
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
    imports = _further_imports(plain, trace, begin=begin)
    calls = _further_calls(plain, trace, begin=begin)
    further = not (
        {found.offset for found in imports} <= {found.offset for found in trace.imports}
        and {call.offset for call in calls} <= {call.offset for call in trace.calls}
    )
    odd = ("bytes of an array that a plain unpickler runs",) if further else ()
    trace = replace(
        trace,
        imports=trace.imports + imports,
        calls=trace.calls + calls,
        odd=(*trace.odd, *odd, *_further_hooks(plain, trace)),
    )
    if plain.limited:
        why = f"as a plain unpickler reads it: {plain.why}"
        trace = replace(trace, ending="broken", limited=True, why=why)
    return trace


def _further_imports(plain: Trace, trace: Trace, *, begin: int) -> tuple[Imported, ...]:
    """What only a plain unpickler looks up."""
    known = {found.offset: found.name for found in trace.imports}
    moved = (_moved(found, begin) for found in plain.imports)
    return tuple(found for found in moved if not _is_same(found.name, known.get(found.offset)))


def _further_hooks(plain: Trace, trace: Trace) -> tuple[str, ...]:
    """Attributes that change what an object does, if only a plain unpickler sets them."""
    told = any(what.startswith(HOOK) for what in trace.odd)
    return () if told else tuple(what for what in plain.odd if what.startswith(HOOK))


def _further_calls(plain: Trace, trace: Trace, *, begin: int) -> tuple[Called, ...]:
    """What only a plain unpickler calls, or calls with other arguments."""
    known = {call.offset: call for call in trace.calls}
    moved = (_moved(call, begin) for call in plain.calls)
    return tuple(
        call
        for call in moved
        if not _is_harmless(call) and not _is_same_call(call, known.get(call.offset))
    )


def _is_harmless(call: Called) -> bool:
    """Whether nothing runs, whoever calls it."""
    return call.callee == _WRAPPER and call.how == "call"


def _is_same_call(call: Called, usual: Called | None) -> bool:
    """Whether joblib does the same at its place."""
    return (
        usual is not None
        and call.how == usual.how
        and _is_same(call.callee, usual.callee)
        and _are_same(call.arguments, usual.arguments)
    )


def _are_same(arguments: tuple[Argument, ...], usual: tuple[Argument, ...]) -> bool:
    """Whether two calls are handed the same, tuples of tuples included."""
    if arguments == usual:
        return True
    return len(arguments) == len(usual) and all(map(_is_same_argument, arguments, usual))


def _is_same_argument(one: Argument, usual: Argument) -> bool:
    """Whether two calls are handed the same in one place."""
    match one, usual:
        case tuple(), tuple():
            return _are_same(one, usual)
        case Made(), Made():
            return _is_same(one.by, usual.by)
        case Name(), Name():
            return _is_same(one, usual)
        case _:
            return type(one) is type(usual) and one == usual


def _is_same(name: Name | None, usual: Name | None) -> bool:
    """Whether a plain unpickler asks for what joblib asks for, as far as it can.

    Where it walks into the pickle of an array of objects, it takes its references for those of
    the pickle around it. In honest files this mixes up the modules of a few names: that of
    ``numpy.dtype`` becomes any other text, or an object. Modules of the standard library and those
    that attacks use exist, and count.
    """
    if name == usual:
        return True
    if name is None or usual is None or name.name != usual.name or name.name not in _MIXED_UP:
        return False
    top, known = name.module.partition(".")[0], usual.module.partition(".")[0]
    return known in _MIXED_UP_OF and not (top in sys.stdlib_module_names or danger_of(name))


def _moved(fact: Fact, begin: int) -> Fact:
    """A fact with its offset counted from the beginning of the content."""
    return replace(fact, offset=fact.offset + begin)
