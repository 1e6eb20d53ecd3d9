"""Items inside of items."""

from bartizan.formats.content import Content, Window
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Situation


def inner(item: Item, situation: Situation, *, content: Content, name: str) -> Item:
    """Something inside of an item, one step deeper.

    Args:
        item: Where it lies.
        situation: Its budget pays for one entry.
        content: Its bytes.
        name: What the item calls it.

    Raises:
        LimitError: it lies too deep, or there are too many.
    """
    situation.budget.require_depth(item.depth + 1)
    situation.budget.spend("entries", 1)
    return Item(
        content=content,
        path=f"{item.path}/{name}",
        depth=item.depth + 1,
        size_bytes=content.size if isinstance(content, Window) else None,
    )


def size_of(item: Item) -> int | None:
    """Bytes of an item, where they are known without unpacking it."""
    return item.content.size if isinstance(item.content, Window) else item.size_bytes


def unread(rule: str, *, where: str = "", what: str = "", why: str) -> Notice:
    """Something was not read to its end."""
    return Notice(verdict="inconclusive", rule=rule, where=where, what=what, why=why)


def odd(rule: str, *, where: str = "", what: str = "", why: str) -> Notice:
    """Something that no honest writer does."""
    return Notice(verdict="suspicious", rule=rule, where=where, what=what, why=why)


def hostile(rule: str, *, where: str = "", what: str = "", why: str) -> Notice:
    """Something that harms whoever opens it."""
    return Notice(verdict="malicious", rule=rule, where=where, what=what, why=why)
