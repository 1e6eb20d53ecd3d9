"""Which character separates the fields of a text table."""

_SEPARATORS = (",", "\t", ";", "|")
_LINES = 20
"""Lines that must agree: a text with the same number of commas in 20 lines is a table."""
_BYTES = 1 << 20
"""Bytes of them at most; the first line counts whatever its length."""


def enough(text: bytes) -> bool:
    """Whether the begin of a table is long enough to see what separates its fields.

    What `separator_of` says of any text that is, it says of all that begins with it.
    """
    body = text.lstrip(b"\r\n")
    return body.count(b"\n") >= _LINES or (len(body) >= _BYTES and b"\n" in body)


def separator_of(text: bytes) -> str:
    """The character of which every line has as many, outside quotes; the most frequent of such.

    Where lines agree on none, one of them is damaged: then it is the most frequent of the first
    line.

    Args:
        text: The begin of a table, or all of it; only its first 20 lines are looked at.

    Returns:
        Comma, tab, semicolon or bar; empty where there is nothing but blank lines.
    """
    lines = _lines(_head(text.lstrip(b"\r\n")))
    if not lines:
        return ""
    counts = {mark: [line.count(mark.encode()) for line in lines] for mark in _SEPARATORS}
    agreed = [mark for mark in _SEPARATORS if len(set(counts[mark])) == 1 and counts[mark][0]]
    return max(agreed or _SEPARATORS, key=lambda mark: counts[mark][0])


def _head(body: bytes) -> bytes:
    """The first lines, of a number that does not depend on how much text there is."""
    first = body.find(b"\n") + 1 or len(body)
    few = body[: max(first, _BYTES)]
    if len(few) < len(body):
        few = few[: few.rfind(b"\n") + 1]
    return b"\n".join(few.split(b"\n")[:_LINES])


def _lines(head: bytes) -> list[bytes]:
    """Lines with what is in quotes left out; blank ones, and one in open quotes, are none."""
    parts = head.split(b'"')
    bare = b"".join(parts[::2])
    lines = bare.split(b"\n")
    if len(parts) % 2 == 0 and len(lines) > 1:
        lines.pop()
    return [line for line in lines if line.strip(b"\r")]
