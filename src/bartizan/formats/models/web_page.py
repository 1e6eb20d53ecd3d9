"""What a browser would run or fetch in on its own from a page or a drawing: told, never tried."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_OPENING = re.compile(r"<\s*(?:[\w.-]+:)?([A-Za-z][\w-]*)")
"""Where an element may begin. Browsers end comments, styles and quotes elsewhere than we would
guess, so that none is passed over: what looks like an element counts as one."""
_RUNNING = frozenset(
    ("applet", "embed", "fencedframe", "frame", "handler", "iframe", "import", "listener")
) | frozenset(("object", "portal", "script"))
"""Elements that are code, or bring another page."""
_HANDLER = re.compile(r"(?<![\w-])on[a-z]{2,30}\s*=", re.IGNORECASE)
"""An attribute that is code, whatever its event is: browsers add new ones."""
_ADDRESS = re.compile(
    r"(?:java|vb|live)script:|(?:=[\"']?|url\([\"']?)data:(?!image/(?:gif|jpeg|jpg|png|webp)[;,])",
    re.IGNORECASE,
)
"""Addresses that are code, or a page of their own."""
_CHARSET = re.compile(r"(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_READ_AS_WRITTEN = frozenset(("ascii", "iso-8859-1", "latin1", "us-ascii", "utf-8", "utf8")) | {
    "windows-1252"
}
"""Charsets in which every ASCII sign is itself."""
_DECLARATION = re.compile(r"<!ENTITY|<!DOCTYPE(?![^>\[]{0,300}>)|<\?xml-stylesheet", re.IGNORECASE)
"""What may stand for other marks, or turns the page into another one. A type of document that
declares nothing ends soon."""
_SHOWN = 40
"""Signs of a place that are told."""
_BLANKS = re.compile(r"[\x00-\x20]+")
_PAGE = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|svg)\b", re.IGNORECASE | re.DOTALL
)
_ENDINGS = (".html", ".htm", ".xhtml", ".svg")


class Active(NamedTuple):
    """One thing that a browser does not merely show."""

    line: int
    """From 1; 0 = it is hidden by escapes, and has no line of its own."""
    what: str


def is_page(path: str, head: bytes) -> bool:
    """Whether a browser would show it: by its name, or by its first bytes.

    Example:
        >>> is_page("a/b.HTML", b""), is_page("x", b"<!DOCTYPE html>"), is_page("x.md", b"<p>")
        (True, True, False)
    """
    text = head.decode("utf-8", errors="replace").lstrip("\ufeff")
    return path.lower().endswith(_ENDINGS) or bool(_PAGE.match(text))


def active_parts(text: str) -> Iterator[Active]:
    """Everything in a page that is code, or may be.

    Wide rather than narrow: a page that only talks about such things in signs that browsers would
    take for them is told too. What is written with entities, as by careful writers, is not.

    Args:
        text: The whole page.

    Returns:
        In no order; the same thing may be told twice.

    Cost: linear; memory for two copies of the text.

    Source: HTML standard (WHATWG), 13.2.5 tokenization, 8.1.8 event handlers; SVG 2, 15 scripting.
    """
    if "<" not in text:
        return
    for pattern, is_active in (
        (_OPENING, lambda match: match[1].lower() in _RUNNING),
        (_HANDLER, bool),
        (_DECLARATION, bool),
        (_CHARSET, lambda match: match[1].lower() not in _READ_AS_WRITTEN),
    ):
        line, passed = 1, 0
        for match in filter(is_active, pattern.finditer(text)):
            line, passed = line + text.count("\n", passed, match.start()), match.start()
            yield Active(line, match[0][:_SHOWN])
    for match in _ADDRESS.finditer(_BLANKS.sub("", html.unescape(text))):
        yield Active(0, match[0][:_SHOWN])
