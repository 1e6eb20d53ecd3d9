"""Small parts that every component is made of: hashes, properties, licences, people, references."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from bartizan.supply.bom.facts import LinkFact

Part: TypeAlias = dict[str, Any]
"""One object of the document."""
PREFIX = "bartizan:"
"""Of the names of our properties: CycloneDX asks for a namespace."""
_IDSTRING = r"[A-Za-z0-9.-]+"
_LICENSE = rf"(DocumentRef-{_IDSTRING}:)?{_IDSTRING}\+?( WITH {_IDSTRING})?"
_EXPRESSION = re.compile(rf"\(*{_LICENSE}\)*( (AND|OR) \(*{_LICENSE}\)*)*")


def filled(part: Part) -> Part:
    """The same without what is empty: what nobody said is left out, not written down as nothing."""
    return {name: value for name, value in part.items() if value not in ("", None, [], {}, ())}


def sha256(digest: str) -> list[Part]:
    """Hashes of a component; none for an empty digest."""
    return [{"alg": "SHA-256", "content": digest}] if digest else []


def properties(values: Mapping[str, object]) -> list[Part]:
    """Name and value of what CycloneDX has no field for, sorted; empty values are left out.

    Example:
        >>> properties({"rows": 10, "root": ""})
        [{'name': 'bartizan:rows', 'value': '10'}]
    """
    return [
        {"name": f"{PREFIX}{name}", "value": str(value)}
        for name, value in sorted(values.items())
        if value not in ("", None)
    ]


def listed(name: str, values: Iterable[str]) -> list[Part]:
    """One property that has several values, in their order."""
    return [{"name": f"{PREFIX}{name}", "value": value} for value in values]


def licenses(text: str) -> list[Part]:
    """A declared licence: as an expression where it has the form of one, as a name otherwise.

    The identifiers are not looked up: the list changes, and a wrong one is for a person to see.

    Example:
        >>> licenses("MIT OR Apache-2.0")
        [{'expression': 'MIT OR Apache-2.0', 'acknowledgement': 'declared'}]
        >>> licenses("ask our lawyers")
        [{'license': {'name': 'ask our lawyers', 'acknowledgement': 'declared'}}]

    Source:
        SPDX 2.3 annex D, without its rule that words such as AND may be in lower case. CycloneDX
        1.6 takes one expression and nothing beside it.
    """
    if _EXPRESSION.fullmatch(text) and text.count("(") == text.count(")"):
        return [{"expression": text, "acknowledgement": "declared"}]
    return named_license(text)


def named_license(text: str) -> list[Part]:
    """A licence that is called something, and is no expression; none for an empty name."""
    return [{"license": {"name": text, "acknowledgement": "declared"}}] if text else []


def organisation(name: str) -> Part | None:
    """A company or a team, by the name that was declared."""
    return {"name": name} if name else None


def references(links: Iterable[LinkFact]) -> list[Part]:
    """Documents beside this one, with their digests, sorted."""
    found = [
        filled(
            {
                "type": link.kind,
                "url": relative_url(link.path),
                "comment": link.comment,
                "hashes": sha256(link.sha256),
            }
        )
        for link in links
    ]
    return sorted(found, key=lambda one: (one["type"], one["url"]))


def relative_url(path: str) -> str:
    """A relative path as a reference: whatever it holds, it names no scheme and no other machine.

    Example:
        >>> relative_url("out/report 1.json"), relative_url("javascript:alert(1)")
        ('out/report%201.json', 'javascript%3Aalert%281%29')
    """
    return "/".join(quote(part, safe="") for part in path.split("/") if part)
