"""Text: how far it goes, what it mentions, and its lines."""

import pytest

from bartizan.core.errors import LimitError
from bartizan.formats.content import CHUNK_BYTES, Window
from bartizan.formats.models.plain_text import lines, mentions, text_bytes


@pytest.mark.parametrize("place", range(CHUNK_BYTES - 12, CHUNK_BYTES + 2))
def test_a_word_across_two_chunks_is_found(place: int) -> None:
    raw = b"x" * place + b"class_name" + b"y" * 50
    assert mentions(Window.of(raw), (b"class_name",))


def test_words_in_two_bytes_a_sign_and_escaped_letters_are_found() -> None:
    assert mentions(Window.of("class_name".encode("utf-16")), (b"class_name",))
    assert mentions(Window.of(b'"\\u0063lass_name"'), (b"class_name",))
    assert not mentions(Window.of(b'"\\u00e9", "class"'), (b"class_name",))


def test_text_ends_at_the_chunk_that_is_none() -> None:
    assert text_bytes(Window.of("é".encode() * CHUNK_BYTES)) == 2 * CHUNK_BYTES
    assert text_bytes(Window.of(b"x" * CHUNK_BYTES + b"\x00")) == CHUNK_BYTES


def test_lines_are_those_of_the_text_and_long_ones_are_cut() -> None:
    text = "a\n\n" + "é" * 300_000 + "\nlast"
    found = list(lines(Window.of(text.encode()), limit_bytes=1 << 20))
    assert found[:2] == ["a", ""]
    assert found[-1] == "last"
    assert "".join(found) == text.replace("\n", "")
    with pytest.raises(LimitError):
        list(lines(Window.of(bytes(100)), limit_bytes=99))
