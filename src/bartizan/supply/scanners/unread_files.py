"""Files that are recognised and not read, so that nobody takes them for clean."""

from bartizan.formats.content import head
from bartizan.formats.unread import native_code, other_kind, unread_archive
from bartizan.supply.scanners.inside import odd, unread
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item, Reading, Scanner, Situation

OTHER = "file.other"
"""The rule for what belongs to no model."""


def _plausible(beginning: bytes, item: Item) -> bool:
    """By the first bytes."""
    del item
    return any(said(beginning) for said in (unread_archive, native_code, other_kind))


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
    if kind := other_kind(beginning):
        why = f"it is {kind}, which is not read here: no loader of models opens one"
        yield unread(OTHER, why=why)
    return 0


SCANNER = Scanner(name="unread", plausible=_plausible, scan=_scan)
