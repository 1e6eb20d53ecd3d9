"""Bands, elements, badges and arrows as SVG."""

from collections.abc import Mapping, Sequence
from html import escape

from bartizan.core.risk import Priority
from bartizan.core.system import Flow, System, Zone
from bartizan.core.threat import Threat
from bartizan.report.threat.landscape.lettering import width, wrapped
from bartizan.report.threat.landscape.places import INSET, KIND, LINE, SIZE, Box, Placed
from bartizan.report.threat.landscape.routes import Way
from bartizan.report.threat.landscape.shapes import shape
from bartizan.report.threat.terms import (
    KINDS,
    TRUST,
    by_priority,
    flat,
    flow_name,
    name,
)

BADGE = 17.0
"""Height of a badge."""
_TIP = 160
"""Characters of what appears under the pointer."""
_KIND_SIZE = 10.5
_TITLE_SIZE = 13.5


def band(zone: Zone, box: Box) -> str:
    """The ground of one zone."""
    return (
        f'<g class="zone {zone.trust}"><rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" '
        f'height="{box.height:g}" rx="6"/></g>'
    )


def zone_name(zone: Zone, box: Box) -> str:
    """What a zone is called, and how far it is trusted; over the arrows, so that it is read."""
    trust = f"trust: {TRUST[zone.trust]}"
    room = box.width - 2 * INSET - width(trust, size=_TITLE_SIZE) - LINE
    title = wrapped(name(zone), size=_TITLE_SIZE * 1.1, room=room, most=1)  # bold is wider
    return text(
        f'{escape(title[0])} <tspan class="trust" dx="6">{trust}</tspan>',
        x=box.x + INSET,
        y=box.y + 21,
        style="name",
    )


def element(placed: Placed, *, threats: Sequence[Threat]) -> str:
    """One element with its name, its kind, and badges for its open threats."""
    box, one = placed.box, placed.element
    counts = by_priority(threats)
    middle = box.middle[0]
    top = box.y + KIND + (box.height - KIND - LINE * len(placed.lines)) / 2
    lines = [
        text(escape(line), x=middle, y=top + LINE * at + SIZE * 0.72, style="label")
        for at, line in enumerate(placed.lines)
    ]
    opened = ", ".join(f"{count} {priority}" for priority, count in counts.items() if count)
    tip = f"{name(one)[:_TIP]} ({KINDS[one.kind]}): open threats: {opened or 0}"
    return "".join(
        (
            f'<g class="element"><title>{escape(tip)}</title>',
            shape(one.kind, box),
            text(KINDS[one.kind], x=middle, y=box.y + 24, style="kind label"),
            *lines,
            badges(counts, right=box.right - 4, top=box.y - BADGE / 2),
            "</g>",
        )
    )


def badges(counts: Mapping[Priority, int], *, right: float, top: float) -> str:
    """How many open threats there are, by priority, the worst at the left.

    The letter says what the colour says.
    """
    found: list[str] = []
    for priority, count in reversed(list(counts.items())):
        if not count:
            continue
        label = f"{priority[0].upper()} {count}"
        wide = width(label, size=11.5) + 9
        right -= wide
        found.append(
            f'<g class="badge-{priority}"><rect x="{right:g}" y="{top:g}" width="{wide:g}" '
            f'height="{BADGE:g}" rx="4"/>'
            f"{text(label, x=right + wide / 2, y=top + 12.6)}</g>"
        )
        right -= 2
    return f'<g class="badges">{"".join(reversed(found))}</g>' if found else ""


def arrow(way: Way, *, crossing: bool, system: System, prefix: str) -> str:
    """One flow."""
    flow = way.flow
    style = " ".join(("flow", *(["crossing"] if crossing else []), *_line(flow)))
    head = f"{prefix}-{'crossing' if crossing else 'tip'}"
    return (
        f'<path class="{style}" d="{way.path}" marker-end="url(#{head})">'
        f"<title>{escape(_tip(flow, system))}</title></path>"
    )


def arrow_heads(prefix: str) -> str:
    """What flows end in."""
    return "".join(
        f'<marker id="{prefix}-{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" '
        f'markerHeight="{size}" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path class="tip {name}" d="M0,0 L10,5 L0,10 Z"/></marker>'
        for name, size in (("tip", 8), ("crossing", 12))
    )


def text(inner: str, *, x: float, y: float, style: str = "") -> str:
    """One line of letters.

    Args:
        inner: Escaped.
        x: Of its start, or of its middle where the style says so.
        y: Of its base line.
        style: Class.
    """
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{round(x, 1):g}" y="{round(y, 1):g}">{inner}</text>'


def _line(flow: Flow) -> list[str]:
    """How the line of a flow is broken."""
    if flow.encrypted is None:
        return ["unsaid"]
    return [] if flow.encrypted else ["plain"]


def _tip(flow: Flow, system: System) -> str:
    titles = {one.id: name(one) for one in system.assets}
    carried = ", ".join(titles[one] for one in flow.carries)
    said = {None: "encryption not said", True: "encrypted", False: "not encrypted"}
    parts = [
        flow_name(flow, system)[: 2 * _TIP],
        flat(flow.title)[:_TIP],
        f"carries {carried[:_TIP]}" if carried else "",
        said[flow.encrypted],
        f"proof of identity: {flow.auth or 'not said'}",
    ]
    return "; ".join(part for part in parts if part)
