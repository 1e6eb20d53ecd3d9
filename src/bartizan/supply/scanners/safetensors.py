"""Files of safetensors: numbers only, as long as header and content agree."""

from bartizan.formats.models.safetensors import MAX_HEADER_BYTES, Fault, read_safetensors
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.hidden_pickles import code_in
from bartizan.supply.scanners.notice import Notice, Verdict
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_HIDING = ("overlap", "hole", "trailing")
"""What lets a file hold more than its tensors."""


def _plausible(head: bytes, item: Item) -> bool:
    return item.path.lower().endswith(".safetensors") or _begins(head)


def _begins(head: bytes) -> bool:
    """Whether a length stands before a header."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= MAX_HEADER_BYTES


def _scan(item: Item, situation: Situation) -> Reading:
    """Texts in the metadata are texts: only a whole pickle among them that runs code is told."""
    window = held(item)
    if not _begins(window.at(0, 9)):
        message = "expected the length of a header, and a header"
        raise NotMineError(message)
    found = read_safetensors(window)
    for fault in found.faults:
        yield _notice(fault)
    for name, text in found.texts:
        for what in code_in(text, situation=situation):
            yield Notice(
                verdict="suspicious",
                rule="safetensors.metadata-code",
                where=f"metadata {plain(name)}",
                what=what,
                why="This text is a pickle that runs code. It does nothing until somebody decodes "
                "and loads it, for which no model has a use.",
            )
    return window.size


def _notice(fault: Fault) -> Notice:
    verdict: Verdict = "suspicious" if fault.kind in _HIDING else "inconclusive"
    return Notice(
        verdict=verdict,
        rule=f"safetensors.{fault.kind}",
        where=f"tensor {plain(fault.tensor)}" if fault.tensor else "",
        what="",
        why=f"The library refuses this file, or reads something else from it: {fault.why}.",
    )


SCANNER = Scanner(name="safetensors", plausible=_plausible, scan=_scan)
