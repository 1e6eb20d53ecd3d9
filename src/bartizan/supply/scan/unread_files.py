"""Files that are recognised and not read, so that nobody takes them for clean."""

from bartizan.formats.content import head
from bartizan.formats.unread import native_code, unread_archive
from bartizan.supply.scan.inside import odd, unread
from bartizan.supply.scan.scanner import HEAD_BYTES, Item, Reading, Scanner, Situation


def _plausible(beginning: bytes, item: Item) -> bool:
    """By the first bytes."""
    del item
    return bool(unread_archive(beginning) or native_code(beginning))


def _scan(item: Item, situation: Situation) -> Reading:
    """Say what it is."""
    del situation
    beginning = head(item.content, HEAD_BYTES)
    if kind := unread_archive(beginning):
        why = f"it is {kind}, which is not read: unpack it, and scan what comes out"
        yield unread("archive.unread", what=kind, why=why)
    if kind := native_code(beginning):
        why = f"it is {kind}: whatever loads it runs it, and a model needs none"
        yield odd("file.native", what=kind, why=why)
    return 0


SCANNER = Scanner(name="unread", plausible=_plausible, scan=_scan)
