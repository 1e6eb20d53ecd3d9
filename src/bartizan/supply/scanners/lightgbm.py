"""Models of LightGBM as text."""

from bartizan.core.errors import ForgedError, LimitError
from bartizan.formats.content import Window
from bartizan.formats.lightgbm import parse_lightgbm
from bartizan.formats.models.plain_text import text_bytes
from bartizan.supply.scanners.held import plain, whole
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import (
    HEAD_BYTES,
    Item,
    NotMineError,
    Reading,
    Scanner,
    Situation,
)

_FIRST = b"tree\n"
_KEYS = (b"num_class=", b"max_feature_idx=", b"feature_names=", b"\nversion=v", b"\nTree=")
"""Without the first three the library refuses a text; the others say that it was meant for one."""
_MEMORY_BYTES = 320 << 20
"""What a file may take when it is parsed: 32 MB of text do."""
_PLAIN_COST, _VALUE_COST, _LINE_COST = 3, 36, 250
"""Bytes of memory for each byte of a file, for each number in it, and for each line."""


def _plausible(head: bytes, item: Item) -> bool:
    """The library asks for the first line of a file; of a text, only for some of the next."""
    del item
    text = head.replace(b"\r", b"").lstrip()
    return text.startswith(_FIRST) or (b"\ntree_sizes=" in text and b"\nmax_feature_idx=" in text)


def _is_meant(raw: bytes) -> bool:
    """Whether the library would begin to read; without a first line it is given text alone."""
    if not any(key in raw for key in _KEYS):
        return False
    first = raw[:HEAD_BYTES].replace(b"\r", b"").lstrip()
    return first.startswith(_FIRST) or text_bytes(Window.of(raw)) == len(raw)


def _scan(item: Item, situation: Situation) -> Reading:
    del situation  # the size is bounded, and the time by it
    raw = whole(item)
    if not _is_meant(raw):
        message = "a text about a tree, or something else with a model in it"
        raise NotMineError(message)
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
