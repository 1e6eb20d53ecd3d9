"""Models of LightGBM as text."""

from bartizan.core.errors import ForgedError, LimitError
from bartizan.formats.lightgbm import parse_lightgbm
from bartizan.supply.scan.held import plain, whole
from bartizan.supply.scan.notice import Notice
from bartizan.supply.scan.scanner import Item, Reading, Scanner, Situation

_FIRST = b"tree\n"
_MEMORY_BYTES = 320 << 20
"""What a file may take when it is parsed: 32 MB of text do."""
_PLAIN_COST, _VALUE_COST, _LINE_COST = 3, 36, 250
"""Bytes of memory for each byte of a file, for each number in it, and for each line."""


def _plausible(head: bytes, item: Item) -> bool:
    """The library asks for the first line of a file; of a text, only for some of the next."""
    del item
    text = head.replace(b"\r", b"").lstrip()
    return text.startswith(_FIRST) or (b"\ntree_sizes=" in text and b"\nmax_feature_idx=" in text)


def _scan(item: Item, situation: Situation) -> Reading:
    del situation  # the size is bounded, and the time by it
    raw = whole(item)
    cost = _PLAIN_COST * len(raw) + _VALUE_COST * raw.count(b" ") + _LINE_COST * raw.count(b"\n")
    if cost > _MEMORY_BYTES:
        message = f"a text of {len(raw):,} bytes takes more than {_MEMORY_BYTES >> 20} MiB"
        raise LimitError(message)
    try:
        parse_lightgbm(raw)
    except ForgedError as error:
        yield Notice(
            verdict="suspicious",
            rule="lightgbm.structure",
            where="",
            what="",
            why=f"The library walks trees without looking, out of bounds or in a circle: "
            f"{plain(str(error))}.",
        )
    return len(raw)


SCANNER = Scanner(name="lightgbm", plausible=_plausible, scan=_scan)
