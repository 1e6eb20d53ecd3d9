"""Everything that speaks against opening a content as pickles: what scanner and loader ask."""

from dataclasses import dataclass

from bartizan.formats.content import ENDLESS, Budget, Content, Window
from bartizan.formats.pickles.objections import Objection, objections
from bartizan.formats.pickles.plausible import could_be
from bartizan.formats.pickles.stacked import pickles_of
from bartizan.formats.pickles.trace import Imported, Trace


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found."""

    objections: tuple[Objection, ...]
    """Empty = nothing speaks against it."""
    imports: tuple[Imported, ...]
    """All names that are looked up, in any way to read the content."""
    calls: int
    """What runs, the first 1,000 of each kind, and what is asked for."""
    arrays: int
    """Raw arrays of joblib."""
    size_bytes: int
    """Walked, from the front."""
    began: bool
    """Whether it came to a STOP, to our limits or to anything that it asks for: a call, what can
    be a name, a number that stands for one, a buffer. Otherwise it may be a text or a table of
    which the beginning reads like a pickle. Persistent ids do not count: lines of tables that
    begin with P read like them, and what breaks after them ran nothing."""


def judged(
    content: Content,
    *,
    budget: Budget,
    tensors: bool = False,
    allowed: frozenset[str] = frozenset(),
) -> Judged:
    """Read all pickles of a content, one after the other, and say what speaks against them.

    Args:
        content: Begins with a pickle.
        budget: Its instructions are spent.
        tensors: Whether it belongs to an archive of PyTorch, where persistent ids are usual.
        allowed: ``module.name`` of classes that the user's policy allows.

    Raises:
        InputError: the content cannot be read.
        LimitError: it costs too much.

    Cost:
        That of walking through it, and a tenth of a millisecond for each hundred names.
    """
    found: list[Objection] = []
    imports: list[Imported] = []
    calls = arrays = size = 0
    whole, began = True, False
    for trace in pickles_of(content, budget=budget):
        found += objections(trace, tensors=tensors, allowed=allowed)
        imports += trace.imports
        calls += len(trace.calls) + len(trace.persistent)
        arrays, size = arrays + trace.arrays, size + trace.size_bytes
        whole = trace.ending == "stop"
        began = began or _asks(trace)
    if whole:
        found += _trailing(content, size)
    return Judged(
        objections=tuple(found),
        imports=tuple(imports),
        calls=calls,
        arrays=arrays,
        size_bytes=size,
        began=began,
    )


def _asks(trace: Trace) -> bool:
    """Whether a pickle ends, or asks for anything before it breaks."""
    if trace.ending == "stop" or trace.limited or trace.calls:
        return True
    return bool(trace.extensions or trace.buffers) or any(map(could_be, trace.imports))


def _trailing(content: Content, begin: int) -> tuple[Objection, ...]:
    """Bytes behind the last pickle, if there are any."""
    rest = content.size - begin if isinstance(content, Window) else _rest(content, begin)
    if not rest:
        return ()
    why = f"{rest:,} bytes follow after its end that are no pickle, and were not read"
    return (Objection(rule="trailing", what="", why=why, offset=begin),)


def _rest(content: Content, begin: int) -> int:
    """Bytes from there on, of something that is unpacked once more for that."""
    stream = content.open()
    stream.skip(begin)
    return stream.skip(ENDLESS)
