"""Everything that speaks against opening a content as pickles: what scanner and loader ask."""

from dataclasses import dataclass

from bartizan.formats.content import Budget, Content
from bartizan.formats.pickles.objections import Objection, objections
from bartizan.formats.pickles.stacked import pickles_of
from bartizan.formats.pickles.trace import Imported


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found."""

    objections: tuple[Objection, ...]
    """Empty = nothing speaks against it."""
    imports: tuple[Imported, ...]
    """All names that are looked up, in any way to read the content."""
    arrays: int
    """Raw arrays of joblib."""
    size_bytes: int
    """Walked, from the front."""


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
    arrays = size = 0
    whole = True
    for trace in pickles_of(content, budget=budget):
        found += objections(trace, tensors=tensors, allowed=allowed)
        imports += trace.imports
        arrays, size = arrays + trace.arrays, size + trace.size_bytes
        whole = trace.ending == "stop"
    if whole:
        found += _trailing(content, size)
    return Judged(objections=tuple(found), imports=tuple(imports), arrays=arrays, size_bytes=size)


def _trailing(content: Content, begin: int) -> tuple[Objection, ...]:
    """Bytes behind the last pickle, if there are any."""
    stream = content.open()
    stream.skip(begin)
    rest = stream.skip(_ALL)
    if not rest:
        return ()
    why = f"{rest:,} bytes follow after its end that are no pickle, and were not read"
    return (Objection(rule="trailing", what="", why=why, offset=begin),)


_ALL = 1 << 62
"""More bytes than any content has."""
