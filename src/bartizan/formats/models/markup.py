"""Entities that an XML file declares, found without a reader that would expand them."""

import re
from typing import NamedTuple

HEAD_BYTES = 1 << 20
"""How far a declaration is looked for: it stands before the first element."""
_DECLARED = re.compile(
    r"<!ENTITY\s+(?:%\s+)?(?P<name>[^\s>]{1,200})\s+"
    r"(?:(?P<outside>SYSTEM|PUBLIC)\s+(?P<place>[\"'][^\"']{0,300})|[\"'](?P<text>[^\"']*+))",
)
_DOCTYPE = re.compile(r"<!DOCTYPE\s", re.IGNORECASE)
_DEFINED = re.compile(
    r"<!DOCTYPE\s+(?P<root>[^\s>\[]{1,200})\s+(?:SYSTEM|PUBLIC\s+[\"'][^\"']{0,300}[\"'])"
    r"\s+[\"'](?P<place>[^\"']{1,300})",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_INCLUDE = re.compile(r"<(?:\w+:)?include\s[^>]{0,300}href\s*=\s*[\"'](?P<place>[^\"']{0,300})")
_REFERENCE = re.compile(r"[&%][^\s;&%#]{1,200};")
_MAX_DECLARED = 1000
_OF_BROWSERS = ("html", "svg")
"""Roots whose definition is named by habit and read by nobody."""


class Entity(NamedTuple):
    """One declared entity."""

    name: str
    place: str
    """File or address that it stands for; empty = a text."""
    nested: bool
    """Whether it stands for others in turn, as bombs do."""


def is_markup(head: bytes) -> bool:
    """Whether these first bytes are XML, in one of the encodings that readers detect."""
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return text.startswith((b"<?xml", b"<!DOCTYPE", b"<!doctype", b"<PMML", b"<!--"))


def entities(head: bytes) -> tuple[Entity, ...]:
    """What is declared before the first element, and what is included at its beginning.

    Args:
        head: The first `HEAD_BYTES` of the file.
    """
    text = _COMMENT.sub("", _text(head))
    found = [
        Entity(
            name=match["name"],
            place=(match["place"] or "")[1:],
            nested=bool(_REFERENCE.search(match["text"] or "")),
        )
        for match in _DECLARED.finditer(text)
    ][:_MAX_DECLARED]
    if not _DOCTYPE.search(text):
        found = []
    definition = _DEFINED.search(text)
    if definition and definition["root"].lower() not in _OF_BROWSERS:
        found.append(Entity(definition["root"], definition["place"], nested=False))
    if "http://www.w3.org/2001/XInclude" in text:
        found += [Entity("include", match["place"], False) for match in _INCLUDE.finditer(text)]
    return tuple(found)


def _text(head: bytes) -> str:
    """In UTF-16 every second byte of a declaration is zero."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", errors="replace")
    if b"\x00" in head[:4]:
        return head.replace(b"\x00", b"").decode(errors="replace")
    return head.decode(errors="replace")
