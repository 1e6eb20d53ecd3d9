"""What scanners keep of an item, and how they show what strangers wrote."""

import pytest

from bartizan.core.errors import LimitError
from bartizan.formats.content import Content, Expanded, Window
from bartizan.supply.scanners.held import KEPT_BYTES, held, plain, whole
from bartizan.supply.scanners.scanner import Item

LARGE = Window(lambda _, size: bytes(size), start=0, size=KEPT_BYTES + 1)


def item(content: Content) -> Item:
    return Item(content=content, path="x")


def test_a_file_of_any_size_is_a_window_and_compressed_content_is_kept() -> None:
    assert held(item(LARGE)) is LARGE
    assert held(item(Expanded(Window.of(b"abc").open))).at(1, 9) == b"bc"


def test_more_than_is_kept_is_refused() -> None:
    with pytest.raises(LimitError):
        held(item(Expanded(LARGE.open)))
    with pytest.raises(LimitError):
        whole(item(LARGE))


def test_texts_of_strangers_are_one_short_line() -> None:
    shown = plain("a\n\x1b[31m\u202e" + "x" * 1000)
    assert shown.isprintable()
    assert shown.startswith("a\\n\\x1b[31m\\u202e")
    assert len(shown) < 200
