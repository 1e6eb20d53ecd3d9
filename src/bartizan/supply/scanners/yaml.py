"""YAML files: tags that build Python objects, and classes that Hydra and NeMo call."""

import re
import sys

from bartizan.formats.models.plain_text import lines
from bartizan.formats.models.yaml_asks import YamlAsk, asks
from bartizan.supply.scanners.held import plain
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation

_SUFFIXES = (".yaml", ".yml")
_KEY = re.compile(rb"(?m)^[ \t]*(?:- )*[\"']?[\w.-]{1,80}[\"']?\s*:(?:\s|$)")
_MARKS = (b"%YAML", b"%TAG", b"---", b"!!python/", b"!<tag:")
_PROSE = (".py", ".ipynb", ".md", ".rst", ".txt", ".html", ".json", ".csv")
"""Names of files that no reader of YAML is given: they may speak of tags."""
_WHY = {
    "call": "A reader that builds Python objects calls this while it reads the file.",
    "name": "A reader that builds Python objects imports this while it reads the file.",
    "target": "A framework that follows `_target_` imports this and calls it.",
}
_MAX_BYTES = 64 << 20
"""Of a file; configurations and environments have some kilobytes, and a second reads this much."""


def _plausible(head: bytes, item: Item) -> bool:
    name = item.path.lower()
    if name.endswith(_SUFFIXES):
        return True
    if name.endswith(_PROSE) or b"\x00" in head:
        return False
    return head.lstrip().startswith(_MARKS) or (
        bool(_KEY.search(head)) and (b"_target_" in head or b"python/" in head)
    )


def _scan(item: Item, situation: Situation) -> Reading:
    for ask in asks(lines(item.content, limit_bytes=_MAX_BYTES)):
        situation.budget.spend("opcodes", 1)
        if ask.name not in situation.allowed:
            yield _notice(ask)
    return 0  # as text it is accounted for elsewhere


def _notice(ask: YamlAsk) -> Notice:
    """Calls of Python's own modules are attacks; others may be a framework's."""
    root = ask.name.partition(".")[0]
    attack = ask.way != "name" and root in sys.stdlib_module_names
    return Notice(
        verdict="malicious" if attack or ask.way == "call" else "suspicious",
        rule="yaml.target" if ask.way == "target" else "yaml.tag",
        where=f"line {ask.line}",
        what=plain(ask.name),
        why=_WHY[ask.way],
    )


SCANNER = Scanner(name="yaml", plausible=_plausible, scan=_scan)
