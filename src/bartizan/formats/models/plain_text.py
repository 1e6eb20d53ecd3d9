"""Text: how far content is nothing but UTF-8, and its lines."""

import codecs
import re
from collections.abc import Iterator

from bartizan.core.errors import LimitError
from bartizan.formats.content import CHUNK_BYTES, Content

_CONTROLS = bytes(range(9)) + b"\x0b" + bytes(range(14, 32)) + b"\x7f"
"""Signs that no text holds: all below a blank but tabulators, ends of lines and form feeds."""
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
"""A Latin letter as an escape of JSON: no writer does that."""
_LONGEST_WORD = 32
_MAX_LINE = 1 << 16
"""Characters of a line; longer ones are cut into several."""


def no_controls(head: bytes) -> bool:
    """Whether these bytes hold no sign that no text holds."""
    return len(head.translate(None, _CONTROLS)) == len(head)


def text_bytes(content: Content) -> int:
    """How many bytes, from the front, are text; ends at the first chunk that is none.

    Cost: one pass; memory for a chunk.
    """
    stream, decoder, passed = content.open(), codecs.getincrementaldecoder("utf-8")(), 0
    while chunk := stream.read(CHUNK_BYTES):
        if not no_controls(chunk):
            return passed
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return passed
        passed += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return 0
    return passed


def mentions(content: Content, words: tuple[bytes, ...]) -> bool:
    """Whether a word occurs anywhere, or letters are spelled by escapes, as if to hide one.

    Zeros are passed over, so that text of two bytes a sign is searched too.

    Cost: one pass; memory for a chunk.
    """
    stream, last = content.open(), b""
    while chunk := stream.read(CHUNK_BYTES):
        text = last + chunk.replace(b"\x00", b"")
        if any(word in text for word in words) or _ESCAPED_LETTER.search(text):
            return True
        last = text[-_LONGEST_WORD:]
    return False


def lines(content: Content, *, limit_bytes: int) -> Iterator[str]:
    """Lines without their ends; what is no UTF-8 is replaced.

    Raises:
        LimitError: there is more text; the lines before have been told.
    """
    stream, rest, passed = content.open(), "", 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while chunk := stream.read(CHUNK_BYTES):
        passed += len(chunk)
        if passed > limit_bytes:
            message = f"more than {limit_bytes:,} bytes of text"
            raise LimitError(message)
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from whole
        if len(rest) > _MAX_LINE:
            yield rest
            rest = ""
    yield rest + decoder.decode(b"", final=True)
