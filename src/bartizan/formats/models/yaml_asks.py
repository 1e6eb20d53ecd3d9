"""What a YAML file asks of readers that build objects: Python by tag, classes by `_target_`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import unquote

Way: TypeAlias = Literal["call", "name", "target"]

_TAG = re.compile(
    r"(?:^|[\s\[\]{},:?-])"
    r"(?P<tag>!!python/|!<tag:yaml\.org,2002:python/|!\w*!?(?:tag:yaml\.org,2002:)?python/)"
    r"(?P<kind>[a-z/]+)(?::(?P<name>[^\s,\[\]{}>]{0,300}))?",
)
"""A tag stands where a value begins. Short forms may be given another name by a directive."""
_TARGET = re.compile(
    r"""(?:^|[\s{,'"?-])_target_["']?\s*:\s*(?:[&!]\S+\s+)*["']?(?P<name>[^\s"',}#]{1,300})"""
)
_BREAK = re.compile("[\r\x85\u2028\u2029]")
"""Ends of lines beside the usual one: a comment ends there."""
_QUOTE = re.compile("[\"']")
"""Before a number sign it may be part of a text, so that nobody knows where a comment begins."""
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HANDLE = re.compile(r"^%TAG\s+!\w*!?\s+(?P<prefix>\S*)")
_PYTHON = "tag:yaml.org,2002:python"
_CALLS = ("object/apply", "object/new")
_VALUES = {
    *("none", "bool", "bytes", "str", "unicode", "int", "long", "float", "complex", "list"),
    *("tuple", "dict"),
}
"""Tags of plain values, which any reader may build."""


@dataclass(frozen=True, kw_only=True)
class YamlAsk:
    """One thing that a reader would look up."""

    way: Way
    """`call`: it is called while the file is read; `name`: it is looked up, or made without a
    call; `target`: Hydra calls it when the configuration is used."""
    name: str
    line: int
    """From 1."""


def asks(lines: Iterator[str]) -> Iterator[YamlAsk]:
    """Search a text line by line, outside of comments.

    Source: PyYAML 6, yaml.constructor; Hydra 1.3, "Instantiating objects" (CVE-2025-23304).
    """
    for number, line in enumerate(lines, 1):
        for part in _BREAK.split(line):
            yield from _of(_bare(part), line=number)


def _bare(part: str) -> str:
    """A line without its comment; a tag may be spelled by escapes of addresses."""
    sign = part.find("#")
    if sign >= 0 and not _QUOTE.search(part, 0, sign):
        part = _COMMENT.sub("", part)
    return unquote(part) if "%" in part and "!" in part else part


def _of(bare: str, *, line: int) -> Iterator[YamlAsk]:
    handle = _HANDLE.match(bare)
    if handle and _PYTHON.startswith(handle["prefix"][: len(_PYTHON)]):
        yield YamlAsk(way="name", name=handle["prefix"][:300], line=line)
    for match in _TAG.finditer(bare) if "python/" in bare else ():
        if match["kind"] not in _VALUES:
            way: Way = "call" if match["kind"] in _CALLS else "name"
            yield YamlAsk(way=way, name=match["name"] or match["kind"], line=line)
    for match in _TARGET.finditer(bare) if "_target_" in bare else ():
        yield YamlAsk(way="target", name=match["name"], line=line)
