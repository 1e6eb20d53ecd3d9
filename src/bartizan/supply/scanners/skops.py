"""Schemas of skops files: every type and function in them, by the list that pickles go by."""

import sys
from collections.abc import Iterator

from bartizan.formats.models import json_text
from bartizan.formats.models.skops_schema import LOADERS, SkopsNode, nodes
from bartizan.formats.pickles.dangers import danger_of
from bartizan.formats.pickles.roles import role_of
from bartizan.formats.pickles.trace import Name
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.json_documents import described, doubled
from bartizan.supply.scanners.notice import Notice, Verdict
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_KEYS = (b"__loader__", b"__module__")
"""One of them stands in every schema."""
_PLAIN = {
    *(f"builtins.{name}" for name in ("bool", "bytearray", "bytes", "complex", "dict", "float")),
    *(f"builtins.{name}" for name in ("frozenset", "int", "list", "map", "range", "set", "slice")),
    *("builtins.str", "builtins.tuple", "builtins.NoneType", "collections.OrderedDict"),
    *("collections.defaultdict", "functools.partial", "datetime.timedelta", "datetime.datetime"),
}
"""Plain values, and the form in which partial applications come: what they call is a node of its
own."""
_GETTERS = {"attrgetter", "itemgetter"}


def _plausible(head: bytes, item: Item) -> bool:
    del item  # any JSON may be one: what is not is passed over quickly
    return json_text.begins(head)


def _scan(item: Item, situation: Situation) -> Reading:
    found = described(item, keys=_KEYS)
    schemas = [value for value in found.values if isinstance(value, dict)]
    if not schemas:
        message = "expected a schema, got another value"
        raise NotMineError(message)
    yield from doubled(found)
    seen: set[tuple[str, str, str, str, str]] = set()
    for node in (node for schema in schemas for node in nodes(schema)):
        key = (node.loader, node.module, node.name, node.method, node.owner)
        if key not in seen:
            seen.add(key)
            yield from _judged(node, allowed=situation.allowed)
    return held(item).size


def _judged(node: SkopsNode, *, allowed: frozenset[str]) -> Iterator[Notice]:
    if node.loader not in LOADERS:
        why = "This kind of node is not known here, so that nobody can say what it does."
        yield _notice(node, "inconclusive", "loader", what=node.loader, why=why)
    elif node.loader == "MethodNode":
        yield _method(node)
    elif node.loader == "OperatorFuncNode":
        usual = node.module == "operator" and node.name in _GETTERS
        why = (
            "It is called with arguments of the file, and not shown for what it is by skops "
            "before 0.12 (CVE-2025-54412)."
        )
        yield _notice(node, "suspicious" if usual else "malicious", "operator", why=why)
    elif f"{node.module}.{node.name}" not in allowed:
        yield from _looked_up(node)


def _method(node: SkopsNode) -> Notice:
    """A bound method; skops before 0.12 asked about one type and took another."""
    hides = node.owner != f"{node.module}.{node.name}"
    return _notice(
        node,
        "malicious" if hides else "suspicious",
        "method",
        what=f"{node.owner}.{node.method}",
        why="It says that it belongs to another type than it does (CVE-2025-54413)."
        if hides
        else "A method is looked up by a name that the file gives.",
    )


def _looked_up(node: SkopsNode) -> Iterator[Notice]:
    """Types and functions."""
    name = Name(node.module, node.name)
    if str(name) in _PLAIN or not (node.module or node.name):
        return
    role = role_of(name)
    if role is None:
        danger = danger_of(name)
        known = danger or node.module.partition(".")[0] in sys.stdlib_module_names
        verdict: Verdict = "malicious" if known else "suspicious"
        why = f"It {danger}." if danger else "It is none of the types that models are made of."
        yield _notice(node, verdict, "name", why=why)
    elif role != "class" and node.loader == "ConstructorFromReduceNode":
        why = "It is called with arguments of the file, which is not among its uses in models."
        yield _notice(node, "suspicious", "constructor", why=why)


def _notice(node: SkopsNode, verdict: Verdict, rule: str, *, why: str, what: str = "") -> Notice:
    spelled = what or f"{node.module}.{node.name}"
    return Notice(
        verdict=verdict,
        rule=f"skops.{rule}",
        where=plain(node.where),
        what=plain(spelled),
        why=why,
    )


SCANNER = Scanner(name="skops", plausible=_plausible, scan=_scan)
