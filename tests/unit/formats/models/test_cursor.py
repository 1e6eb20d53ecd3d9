"""A place in untrusted bytes: never past the end, never more than allowed."""

import pytest

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Window
from bartizan.formats.models.cursor import Cursor


def test_it_reads_and_passes_over_in_order() -> None:
    cursor = Cursor(Window.of(bytes(range(200)) * 1000))
    assert (cursor.take(2), cursor.number("<H"), cursor.left) == (b"\x00\x01", 0x0302, 199_996)
    cursor.skip(100_000)
    assert cursor.take(1) == b"\x04"


def test_the_end_is_the_end() -> None:
    cursor = Cursor(Window.of(b"abc"))
    for ask in (lambda: cursor.take(4), lambda: cursor.skip(4), lambda: cursor.skip(-1)):
        with pytest.raises(InputError, match="expected"):
            ask()
    assert cursor.take(3) == b"abc"


def test_long_pieces_are_not_read() -> None:
    with pytest.raises(LimitError):
        Cursor(Window.of(bytes(100))).take(50, limit=49)
