"""Arrays of NumPy: a header, and then numbers or, for objects, a pickle."""

from collections.abc import Generator
from dataclasses import replace

from bartizan.formats.archives.stretch import stretch
from bartizan.formats.content import ENDLESS, Window
from bartizan.formats.npy import MAGIC, NpyHeader, npy_header
from bartizan.supply.scanners.inside import inner, odd, unread
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation


def _plausible(beginning: bytes, item: Item) -> bool:
    """By the magic number; what has none is a pickle to NumPy."""
    del item
    return beginning.startswith(MAGIC)


def _scan(item: Item, situation: Situation) -> Reading:
    """One array after another: NumPy saves several into one file that is open."""
    at = 0
    while True:
        situation.budget.spend("entries", 1)
        header = npy_header(stretch(item.content, at, ENDLESS).open())
        begin = at + header.size_bytes
        if header.objects or not header.known:
            yield from _judged_objects(header, at=at)
            yield _following(item, situation, at=begin, name="(objects)")
            return _reached(item, ENDLESS)
        at = begin + header.array_bytes
        stream = item.content.open()
        found = stream.skip(at) - begin
        if found < header.array_bytes:
            message = (
                f"the array claims {header.array_bytes:,} bytes and has {max(found, 0):,}: it is "
                "cut off or made up"
            )
            yield unread("npy.length", where=f"byte {begin}", why=message)
            return _reached(item, begin + max(found, 0))
        more = stream.read(len(MAGIC))
        if not more:
            return at
        if more != MAGIC:
            yield from _judged_rest(item, situation, at=at)
            return at


def _judged_objects(header: NpyHeader, *, at: int) -> Generator[Notice, None, None]:
    """Objects are a pickle, which is scanned as one; an unknown type may be objects."""
    if not header.known:
        why = "the type of its elements is not understood: what follows may be a pickle"
        yield unread("npy.dtype", where=f"byte {at}", why=why)


def _judged_rest(
    item: Item, situation: Situation, *, at: int
) -> Generator[Notice | Item, None, None]:
    """Something after the last array."""
    why = "bytes follow after the array that NumPy does not read"
    yield odd("npy.length", where=f"byte {at}", why=why)
    yield replace(_following(item, situation, at=at, name="(after its end)"), inside="")


def _following(item: Item, situation: Situation, *, at: int, name: str) -> Item:
    """What stands from a place on."""
    rest = stretch(item.content, at, ENDLESS)
    return replace(inner(item, situation, content=rest, name=name), inside="npy")


def _reached(item: Item, at: int) -> int:
    return min(at, item.content.size) if isinstance(item.content, Window) else at


SCANNER = Scanner(name="npy", plausible=_plausible, scan=_scan)
