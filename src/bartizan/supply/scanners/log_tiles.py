"""Files of a transparency log, as a workspace keeps one: entries are read, hashes cannot be.

Hashes look like nothing, and are what the path says only if they have the length that it says.
They are told, never called clean: whoever plants bytes at such a place gains nothing by it.
"""

import re
from itertools import pairwise

from bartizan.core.errors import LedgerError
from bartizan.formats.content import Window, head
from bartizan.formats.models.plain_text import text_bytes
from bartizan.ledger.merkle import HASH_BYTES
from bartizan.ledger.tile import BUNDLE_BYTES, ENTRIES, Tile, parse
from bartizan.ledger.tile import ends as ends_of
from bartizan.supply.scanners.inside import unread
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

RULE = "file.hashes"
_PLACE = re.compile(r"(?:^|/)(tile/[^/]+/[x0-9p./]+)$")


def _plausible(beginning: bytes, item: Item) -> bool:
    del beginning
    return item.depth == 0 and _tile(item) is not None


def _scan(item: Item, situation: Situation) -> Reading:
    """Entries must be text from the first to the last; hashes must be as many as the path says."""
    del situation
    tile, raw = _tile(item), head(item.content, BUNDLE_BYTES + 1)
    if tile is None or len(raw) > BUNDLE_BYTES:
        message = "no tile has that path, or so many bytes"
        raise NotMineError(message)
    if tile.level == ENTRIES:
        _require_text(raw, tile=tile)
    elif len(raw) != tile.width * HASH_BYTES:
        message = "not as many hashes as its path says"
        raise NotMineError(message)
    else:
        why = f"{tile.width} hashes of a log: numbers without form, which are not read here"
        yield unread(RULE, why=why)
    return len(raw)


def _require_text(raw: bytes, *, tile: Tile) -> None:
    """Refuse what is no bundle of texts.

    Raises:
        NotMineError: an entry is cut off or no text, or something follows after the last.
    """
    try:
        ends = ends_of(raw, tile=tile)
    except LedgerError as error:
        raise NotMineError(str(error)) from error
    entries = [raw[start + 2 : end] for start, end in pairwise(ends)]
    if ends[-1] != len(raw) or any(text_bytes(Window.of(one)) < len(one) for one in entries):
        message = "no bundle of texts"
        raise NotMineError(message)


def _tile(item: Item) -> Tile | None:
    """The tile that its path says it is."""
    found = _PLACE.search(item.path)
    return parse(found[1]) if found else None


SCANNER = Scanner(name="log", plausible=_plausible, scan=_scan)
