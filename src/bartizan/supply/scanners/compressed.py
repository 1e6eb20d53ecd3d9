"""Files that are compressed as a whole: gzip, zlib, bzip2, xz, lzma, LZ4."""

from bartizan.core.errors import MissingExtraError
from bartizan.formats.archives.packings import is_packed, packing_of
from bartizan.formats.archives.stretch import stretch
from bartizan.formats.archives.unpacking import Packing, Unpacked
from bartizan.formats.content import ENDLESS, Window, head
from bartizan.formats.models.plain_text import text_bytes
from bartizan.formats.pickles.plausible import plausible
from bartizan.supply.scanners.inside import inner, odd, size_of, unread
from bartizan.supply.scanners.scanner import (
    HEAD_BYTES,
    Item,
    NotMineError,
    Reading,
    Scanner,
    Situation,
)
from bartizan.supply.scanners.zip_members import hides_archive


def _plausible(beginning: bytes, item: Item) -> bool:
    """As joblib does it: by the first bytes, whatever the file is called."""
    del item
    return is_packed(beginning)


def _scan(item: Item, situation: Situation) -> Reading:
    """What comes out, and what follows after the end."""
    try:
        packing = packing_of(head(item.content, HEAD_BYTES))
    except MissingExtraError as error:
        yield unread("compressed.library", what="lz4", why=str(error))
        return 0
    if packing is None:
        message = "expected something compressed; nothing comes out of it"
        raise NotMineError(message)
    if packing.name == "zlib" and _is_prose(item, situation, packing=packing):
        message = "plain text that begins as zlib does, with x^ or the like"
        raise NotMineError(message)
    content = Unpacked(item.content, packing=packing, budget=situation.budget)
    yield inner(item, situation, content=content, name=f"({packing.name})")
    ending = content.finish()
    where = f"byte {ending.packed_bytes}"
    if ending.problem:
        why = f"the {packing.name} stream {ending.problem.removeprefix('it ')}"
        yield unread("compressed.broken", where=where, what=packing.name, why=why)
        return ending.packed_bytes
    if hides_archive(ending.tail, beginning=head(content, 4)):
        why = "it unpacks to something that ends as a zip archive and does not begin as one"
        yield odd("zip.prefix", what=packing.name, why=why)
    rest = stretch(item.content, ending.packed_bytes, ENDLESS)
    if rest.open().read(1):
        why = "bytes follow after the end of what is compressed"
        yield odd("compressed.trailing", where=where, what=packing.name, why=why)
        yield inner(item, situation, content=rest, name="(after its end)")
    size = item.content.size if isinstance(item.content, Window) else ending.packed_bytes
    return min(ending.packed_bytes, size)


def _is_prose(item: Item, situation: Situation, *, packing: Packing) -> bool:
    """Whether it is text, and the little that comes out of it before it breaks is no pickle.

    A pickle can be compressed into letters, so that text alone is no excuse.
    """
    if text_bytes(item.content) != size_of(item):
        return False
    content = Unpacked(item.content, packing=packing, budget=situation.budget)
    return not plausible(head(content, HEAD_BYTES)) and bool(content.finish().problem)


SCANNER = Scanner(name="compressed", plausible=_plausible, scan=_scan)
