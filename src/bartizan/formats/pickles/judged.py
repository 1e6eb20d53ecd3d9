"""Everything that speaks against opening a content as pickles: one answer for scanner and loader.

Several pickles may follow each other, and the same bytes may be two different pickles: one for
`joblib.load`, which passes over raw arrays, and one for `pickle.load`, which takes their bytes for
instructions. All of them are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bartizan.formats.content import Budget, Content
from bartizan.formats.pickles.machine import trace_of, traced
from bartizan.formats.pickles.memory.tape import Tape
from bartizan.formats.pickles.names import UNKNOWN
from bartizan.formats.pickles.objections import Objection, Rule, objections
from bartizan.formats.pickles.trace import Imported, Trace

_OF_BOTH: frozenset[Rule] = frozenset({"danger", "call", "import", "extension", "extension-call"})
"""Of the reading without raw arrays, what only a person puts there: the numbers of an array are
broken instructions, and by chance one that does something with what lies on the stack."""
_FOLLOWING = 1_000
"""Pickles behind each other that are read. Where more follow, that is said."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found."""

    objections: tuple[Objection, ...]
    """Empty = nothing speaks against it."""
    imports: tuple[Imported, ...]
    """All names that are looked up; of the reading that `joblib.load` makes."""
    arrays: int
    """Raw arrays of joblib."""
    pickles: int
    """That follow each other."""
    size_bytes: int
    """Walked, from the front."""


def judged(
    content: Content,
    *,
    budget: Budget,
    tensors: bool = False,
    allowed: frozenset[str] = frozenset(),
) -> Judged:
    """Read all pickles of a content, and say what speaks against them.

    Args:
        content: Begins with a pickle.
        budget: Its instructions are spent.
        tensors: Whether it belongs to an archive of PyTorch, where persistent ids are usual.
        allowed: ``module.name`` of classes that the user's policy allows.

    Raises:
        InputError: the content cannot be read.
        LimitError: it costs too much.
    """
    found: list[Objection] = []
    imports: list[Imported] = []
    count = arrays = size = 0
    for begin, trace in _following(content, budget=budget):
        if count and _is_no_pickle(trace):
            found.append(_trailing(content, begin))
            break
        spoken = objections(trace, tensors=tensors, allowed=allowed)
        found += [_moved(one, begin) for one in spoken]
        imports += trace.imports
        count, arrays, size = count + 1, arrays + trace.arrays, begin + trace.size_bytes
    if arrays:
        other = trace_of(content.open(), budget=budget, raw_arrays=False)
        spoken = _of_second_reading(other, tensors=tensors, allowed=allowed)
        found += [one for one in spoken if one not in found]
    return Judged(
        objections=tuple(found),
        imports=tuple(imports),
        arrays=arrays,
        pickles=count,
        size_bytes=size,
    )


def _of_second_reading(
    trace: Trace, *, tensors: bool, allowed: frozenset[str]
) -> tuple[Objection, ...]:
    """What speaks against the same bytes without raw arrays.

    An array of objects is a pickle of its own, which here counts on with the memo of the one
    around it, so that names in it stand for other things. No name can come of that as long as
    nothing computes texts.
    """
    computes = any(call.callee is None for call in trace.calls)
    return tuple(
        one
        for one in objections(trace, tensors=tensors, allowed=allowed)
        if one.rule in _OF_BOTH and (computes or UNKNOWN not in one.what)
    )


def _following(content: Content, *, budget: Budget) -> Iterator[tuple[int, Trace]]:
    """Pickles one after the other, and where they begin."""
    tape = Tape(content.open())
    for _ in range(_FOLLOWING):
        begin = tape.offset
        trace = traced(tape, budget=budget)
        yield begin, trace
        if trace.ending != "stop" or not (tape.place < len(tape.buffer) or tape.fill(1)):
            return


def _is_no_pickle(trace: Trace) -> bool:
    """Whether bytes behind a pickle break at once, and do nothing before."""
    return trace.ending != "stop" and not (trace.imports or trace.calls or trace.extensions)


def _trailing(content: Content, begin: int) -> Objection:
    """Bytes behind the last pickle."""
    stream = content.open()
    stream.skip(begin)
    rest = stream.skip(1 << 62)
    why = f"{rest:,} bytes follow after its end that are no pickle, and were not read"
    return Objection(rule="trailing", what="", why=why, offset=begin)


def _moved(one: Objection, by: int) -> Objection:
    """The same, counted from the beginning of the content."""
    return one if one.offset is None else replace(one, offset=one.offset + by)
