"""JSON that may describe a model: what does not, what is damaged, what has two meanings."""

from collections.abc import Iterator

from bartizan.formats.content import Window
from bartizan.formats.models.json_text import BrokenJsonError, Documents, documents
from bartizan.formats.models.plain_text import mentions
from bartizan.supply.scanners.held import plain, whole
from bartizan.supply.scanners.inside import odd
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, NotMineError


def described(item: Item, *, keys: tuple[bytes, ...]) -> Documents:
    """The values of a text in which one of these keys stands.

    Args:
        item: What begins like JSON.
        keys: One of them stands in every description of the format.

    Raises:
        NotMineError: there is none, or no JSON up to it: every reader ends before it comes to one.
        InputError: there is one, and the text cannot be read on.
        LimitError: there is one, and the text is too large.
    """
    if not mentions(item.content, keys):
        message = "another kind of text"
        raise NotMineError(message)
    try:
        return documents(whole(item))
    except BrokenJsonError as error:
        if mentions(Window.of(error.before), keys):
            raise
        raise NotMineError(str(error)) from error


def doubled(found: Documents, *, where: str = "") -> Iterator[Notice]:
    """Keys that stand twice in one object."""
    for key in found.doubled:
        why = "this key stands twice in one object: readers differ in which value they take"
        yield odd("json.doubled", where=where, what=plain(key), why=why)
