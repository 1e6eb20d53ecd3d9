"""Web pages and drawings, such as reports: marks on text, and whether any of it is code.

No loader of models opens one, but people do. What holds no code is read like other text.
"""

from itertools import islice

from bartizan.formats.models.plain_text import text_bytes
from bartizan.formats.models.web_page import active_parts, is_page
from bartizan.supply.scanners.held import plain, whole
from bartizan.supply.scanners.inside import unread
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_MAX_TOLD = 20
"""Notices of one page; more say nothing new."""


def _plausible(head: bytes, item: Item) -> bool:
    return is_page(item.path, head)


def _scan(item: Item, situation: Situation) -> Reading:
    """All of it is text; code in it is told, and read by nobody."""
    del situation
    raw = whole(item)
    if text_bytes(item.content) < len(raw):
        message = "no text"
        raise NotMineError(message)
    for part in islice(active_parts(raw.decode("utf-8")), _MAX_TOLD):
        yield unread(
            "page.active",
            where=f"line {part.line}" if part.line else "",
            what=plain(part.what),
            why="a browser runs or fetches this when the page is opened, and nobody here reads it",
        )
    return len(raw)


SCANNER = Scanner(name="page", plausible=_plausible, scan=_scan)
