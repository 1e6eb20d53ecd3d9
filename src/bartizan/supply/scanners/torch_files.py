"""Files that PyTorch wrote before it took to zip archives."""

from bartizan.formats.archives.stretch import stretch
from bartizan.formats.content import ENDLESS, Window
from bartizan.formats.torch_legacy import is_torch_legacy, torch_legacy
from bartizan.supply.scanners.inside import inner, odd, unread
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation

_OBJECT = "object"
_PARTS = ("magic number", "protocol", "machine", _OBJECT, "keys")


def _plausible(beginning: bytes, item: Item) -> bool:
    """By the magic number, which is the first pickle; its own parts begin so too."""
    return item.inside not in ("torch", "torch-keys", "script") and is_torch_legacy(beginning)


def _scan(item: Item, situation: Situation) -> Reading:
    """The five pickles, and whatever stands where it does not belong."""
    facts = torch_legacy(item.content, budget=situation.budget)
    for name, (offset, size) in zip(_PARTS, facts.pickles, strict=False):
        part = stretch(item.content, offset, size)
        inside = inner(item, situation, content=part, name=f"({name})")
        yield Item(
            content=part,
            path=inside.path,
            inside="torch" if name == _OBJECT else "torch-keys",
            depth=inside.depth,
            size_bytes=size,
        )
    where = f"byte {facts.end}"
    rest = stretch(item.content, facts.end, ENDLESS)
    if facts.problem:
        yield unread("torch.legacy", where=where, why=facts.problem)
    elif rest.open().read(1):
        why = "bytes follow after the last tensor, which PyTorch never reads"
        yield odd("torch.trailing", where=where, why=why)
    if rest.open().read(1):
        yield inner(item, situation, content=rest, name="(after its tensors)")
    size = item.content.size if isinstance(item.content, Window) else facts.end
    return min(facts.end, size)


SCANNER = Scanner(name="torch-legacy", plausible=_plausible, scan=_scan)
