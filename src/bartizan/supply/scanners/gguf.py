"""GGUF files: counts that cannot be true, and templates of chats that reach for the interpreter."""

from bartizan.formats.models.gguf import MAGICS, read_gguf
from bartizan.formats.models.jinja import reaches
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_PADDING = 1 << 12
"""Bytes that may follow the last tensor: one page, the largest alignment in use."""


def _plausible(head: bytes, item: Item) -> bool:
    return head[:4] in MAGICS or item.path.lower().endswith(".gguf")


def _scan(item: Item, situation: Situation) -> Reading:
    window = held(item)
    if window.at(0, 4) not in MAGICS:
        message = "expected the magic number of GGUF"
        raise NotMineError(message)
    found = read_gguf(window, budget=situation.budget)
    for key, template in found.templates:
        for what in reaches(template):
            yield Notice(
                verdict="malicious",
                rule="gguf.template",
                where=plain(key),
                what=what,
                why="A reader that fills this template in without a sandbox runs it as code.",
            )
    for fault in found.faults:
        yield Notice(
            verdict="suspicious",
            rule="gguf.tensor",
            where="",
            what="",
            why=f"A reader that believes the header reads foreign memory: {plain(fault)}.",
        )
    for kind in found.unknown_types:
        yield Notice(
            verdict="inconclusive",
            rule="gguf.type",
            where="",
            what=f"type {kind}",
            why="Tensors of this type are not known here, so that their size was not checked.",
        )
    return (
        window.size if found.faults or found.unknown_types else _accounted(found.end, window.size)
    )


def _accounted(end: int, size: int) -> int:
    """Tensors are padded to the alignment; anything longer after them is nobody's."""
    return size if size - end < _PADDING else end


SCANNER = Scanner(name="gguf", plausible=_plausible, scan=_scan)
