"""The landscape as a Mermaid flowchart, for wikis and pull requests.

Source: Mermaid's documentation of flowcharts: labels in double quotes, entity codes such as
``#35;``, subgraphs. Identifiers are made here, so that no name of an element is a word of the
language (``end``), and labels hold no character that the language uses.
"""

import re
from typing import Final

from bartizan.core.system import TRUSTS, Element, ElementKind, Flow, crosses, trusted
from bartizan.core.threat import Threat, ThreatModel
from bartizan.report.threat.sheet import Sheet
from bartizan.report.threat.terms import (
    KINDS,
    TRUST,
    by_priority,
    flat,
    name,
)

_SHAPES: Final[dict[ElementKind, tuple[str, str]]] = {
    "actor": ("([", "])"),
    "process": ("(", ")"),
    "store": ("[(", ")]"),
    "model": ("{{", "}}"),
    "pipeline": (">", "]"),
    "api": ("[[", "]]"),
    "registry": ("[/", "/]"),
    "third-party": ("[", "]"),
}
_CALM = re.compile(r"[^\w .,:()/'\u2192-]")
"""Any other character is written as its number: quotes, markup, entities, directives."""
_MOST = 80
"""Characters of a label: Mermaid refuses texts above 50,000 characters."""


def render(sheet: Sheet) -> bytes:
    """Write the chart. Equal models give equal bytes."""
    return chart(sheet.model).encode()


def chart(model: ThreatModel) -> str:
    """The chart, for a file of its own or a block in Markdown."""
    trust = trusted(model.system)
    lines = ["flowchart LR"]
    for zone in sorted(model.system.zones, key=lambda one: (TRUSTS.index(one.trust), one.id)):
        title = f"{name(zone)} (trust: {TRUST[zone.trust]})"
        lines.append(f'  subgraph {_id("zone", zone.id)}["{_label(title)}"]')
        lines += [
            f"    {_node(one, threats=model.threats)}"
            for one in sorted(model.system.elements, key=lambda one: one.id)
            if one.zone == zone.id
        ]
        lines.append("  end")
    flows = sorted(model.system.flows, key=lambda one: one.id)
    lines += [f"  {_edge(one)}" for one in flows]
    inwards = [str(at) for at, one in enumerate(flows) if crosses(one, trust)]
    if inwards:
        lines.append(f"  linkStyle {','.join(inwards)} stroke-width:3px")
    return "\n".join(lines) + "\n"


def _node(one: Element, *, threats: tuple[Threat, ...]) -> str:
    """An element: its name, its kind, and how many threats are open there."""
    found = by_priority(two for two in threats if two.element == one.id)
    opened = ", ".join(f"{count} {priority}" for priority, count in found.items() if count)
    second = KINDS[one.kind] + (f", open: {opened}" if opened else "")
    start, end = _SHAPES[one.kind]
    return f'{_id("e", one.id)}{start}"{_label(name(one))}<br/>{_label(second)}"{end}'


def _edge(one: Flow) -> str:
    """A flow, dashed where it is not encrypted or nobody says so."""
    line = "-->" if one.encrypted else "-.->"
    text = f'|"{_label(one.title)}"|' if one.title else ""
    return f"{_id('e', one.source)} {line}{text} {_id('e', one.target)}"


def _id(kind: str, identity: str) -> str:
    """A name of letters, digits and underscores that no other id has.

    Ids hold no capital letters, so they are free for what an identifier must not hold.
    """
    safe = re.sub(
        "[^a-z0-9-]", lambda found: "U" if found[0] == "_" else f"X{ord(found[0]):x}X", identity
    )
    return f"{kind}_{safe.replace('-', '_')}"


def _label(raw: str) -> str:
    """Text that Mermaid shows and does not read."""
    text = flat(raw)
    cut = text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
    return _CALM.sub(lambda found: f"#{ord(found[0])};", cut)
