"""Instructions that put down texts and bytes, of which long ones are passed over."""

import re
from collections.abc import Callable
from sys import maxsize

from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.tape import LINE_BYTES
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import BUFFER, TEXT_CHARACTERS, Cut, Value, cut

_TEXT_BYTES = 4 * TEXT_CHARACTERS
"""What 200 characters take at most. Longer texts are read no further."""
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


def counted_text(size: int) -> Callable[[Unpickling], None]:
    """SHORT_BINUNICODE, BINUNICODE, BINUNICODE8: UTF-8; the length takes so many bytes."""

    def effect(it: Unpickling) -> None:
        length = it.tape.number(size)
        if length > _TEXT_BYTES:
            it.stack.push(_beginning(it, length, encoding="utf-8"))
            return
        try:
            text = it.tape.take(length).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            message = "a text that is no UTF-8"
            raise Broken(message) from error
        it.stack.push(text if length <= TEXT_CHARACTERS else cut(text))

    return effect


def counted_string(size: int) -> Callable[[Unpickling], None]:
    """SHORT_BINSTRING, BINSTRING: of Python 2, in an encoding that the opener chooses."""

    def effect(it: Unpickling) -> None:
        length = it.tape.number(size)  # the C unpickler knows no negative ones here
        if length > _TEXT_BYTES:
            it.stack.push(_beginning(it, length, encoding="latin-1"))
        else:
            it.stack.push(cut(it.tape.take(length).decode("latin-1")))

    return effect


def counted_bytes(size: int, *, value: Value) -> Callable[[Unpickling], None]:
    """SHORT_BINBYTES, BINBYTES, BINBYTES8, BYTEARRAY8: passed over."""

    def effect(it: Unpickling) -> None:
        length = _sane(it.tape.number(size))
        it.tape.skip(length)
        it.stack.push(value)

    return effect


def string(it: Unpickling) -> None:
    """STRING: text in quotes, with escapes."""
    line = it.tape.line()
    if len(line) > LINE_BYTES and line[:1] in (b"'", b'"'):
        it.stack.push(Cut(line[1 : TEXT_CHARACTERS + 1].decode("latin-1")))
        return
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        message = "STRING without quotes"
        raise Broken(message)
    it.stack.push(cut(_ESCAPE.sub(_unescaped, line[1:-1]).decode("latin-1")))


def unicode(it: Unpickling) -> None:
    """UNICODE: a line in the encoding `raw-unicode-escape`."""
    line = it.tape.line()
    if len(line) > LINE_BYTES:
        it.stack.push(Cut(line[:TEXT_CHARACTERS].decode("latin-1")))
        return
    try:
        it.stack.push(cut(line.decode("raw-unicode-escape")))
    except UnicodeDecodeError as error:
        message = "UNICODE with a wrong escape"
        raise Broken(message) from error


def next_buffer(it: Unpickling) -> None:
    """NEXT_BUFFER: bytes that whoever opens the pickle holds."""
    it.record.buffers += 1
    it.stack.push(BUFFER)


def readonly_buffer(it: Unpickling) -> None:
    """READONLY_BUFFER: a view of what lies on top."""
    it.stack.top()


def _beginning(it: Unpickling, length: int, *, encoding: str) -> Cut:
    """The first characters of a long text, the rest of which is passed over."""
    begin = it.tape.take(min(_sane(length), _TEXT_BYTES))
    it.tape.skip(length - len(begin))
    return Cut(begin.decode(encoding, "replace")[:TEXT_CHARACTERS])


def _sane(length: int) -> int:
    """A length that a memory can have."""
    if length > maxsize:
        message = "something is longer than any memory"
        raise Broken(message)
    return length


def _unescaped(found: re.Match[bytes]) -> bytes:
    r"""What an escape stands for, in those that ``bytes`` have; ``\q`` is itself."""
    text = found[1]
    if text[:1] == b"x" and len(text) > 1:
        return bytes([int(text[1:], 16)])
    if text[:1].isdigit() and text[:1] < b"8":
        return bytes([int(text, 8) & 0xFF])
    if text in (b"\\", b"'", b'"'):
        return text
    if text == b"\n":
        return b""
    return bytes([_LETTERS[text[0]]]) if text[0] in _LETTERS else found[0]
