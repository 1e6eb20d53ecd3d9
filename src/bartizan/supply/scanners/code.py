"""Source code, and models that ask for some: nobody here reads code, nor calls it clean."""

from bartizan.formats.models.plain_text import mentions, text_bytes
from bartizan.formats.source_code import source_code
from bartizan.supply.scanners.inside import unread
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

RULE = "file.code"
_ASKS = b'"auto_map"'
"""Key of the configurations of Hugging Face models: classes in files beside the model."""


def _plausible(head: bytes, item: Item) -> bool:
    if item.path.lower().endswith(".json"):
        return True
    return bool(source_code(item.path, head)) and b"\x00" not in head


def _scan(item: Item, situation: Situation) -> Reading:
    """Say what it is. All of it must be text: what is not has another form, or none."""
    del situation
    kind = source_code(item.path, item.content.open().read(2))
    if not kind:
        yield from _asking(item)
        return 0  # as text it is accounted for elsewhere
    passed = text_bytes(item.content)
    if not passed:
        message = "no text"
        raise NotMineError(message)
    why = f"it is {kind}, which is not read here: whoever runs it does what it says"
    yield unread(RULE, why=why)
    return passed


def _asking(item: Item) -> Reading:
    """A configuration that names code."""
    if not mentions(item.content, (_ASKS,)):
        message = "it asks for no code"
        raise NotMineError(message)
    yield unread(
        "file.asks-for-code",
        what="auto_map",
        why="a loader that trusts the code beside the model (trust_remote_code) runs the files "
        "that this names, which are not read here",
    )
    return 0


SCANNER = Scanner(name="code", plausible=_plausible, scan=_scan)
