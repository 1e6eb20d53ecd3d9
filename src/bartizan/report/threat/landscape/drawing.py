"""The drawing itself: bands, arrows, elements with their badges, and a legend."""

from dataclasses import dataclass
from html import escape

from bartizan.core.system import System, crosses, trusted
from bartizan.core.threat import ThreatModel
from bartizan.report.threat.landscape.legend import legend
from bartizan.report.threat.landscape.palette import style
from bartizan.report.threat.landscape.pieces import arrow, arrow_heads, band, element, zone_name
from bartizan.report.threat.landscape.places import Places, places
from bartizan.report.threat.landscape.routes import ways
from bartizan.report.threat.terms import by_priority, counted, flat

_EDGE = 14.0
"""Around the drawing: room for flows that pass above the first and below the last element."""
_GAP = 18.0
"""Between the drawing and its legend."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A system as a picture."""

    title: str
    desc: str
    """What the picture says, in sentences, for those who do not see it."""
    body: str
    """SVG elements."""
    width: float
    height: float
    prefix: str
    """Of the ids in it."""

    @property
    def view(self) -> str:
        """What of the plane is seen."""
        left, top = -_EDGE, -_EDGE
        return f"{left:g} {top:g} {self.width + 2 * _EDGE:g} {self.height + 2 * _EDGE:g}"

    def inside(self) -> str:
        """As an element of a page, whose style sheet holds `palette.rules`."""
        return self._element(f'class="landscape" width="{self.width + 2 * _EDGE:g}"', "")

    def alone(self) -> str:
        """As a file."""
        size = f'width="{self.width + 2 * _EDGE:g}" height="{self.height + 2 * _EDGE:g}"'
        found = self._element(
            f'xmlns="http://www.w3.org/2000/svg" class="landscape" {size}',
            f"<style>\n{style()}</style>\n",
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{found}\n'

    def _element(self, more: str, rules: str) -> str:
        at = self.prefix
        return (
            f'<svg {more} viewBox="{self.view}" role="img" '
            f'aria-labelledby="{at}-title {at}-desc">\n'
            f'<title id="{at}-title">{escape(self.title)}</title>\n'
            f'<desc id="{at}-desc">{escape(self.desc)}</desc>\n'
            f"{rules}{self.body}\n</svg>"
        )


def drawn(model: ThreatModel, *, prefix: str) -> Drawing:
    """Draw the system of a threat model.

    Args:
        model: With its threats, which the badges count.
        prefix: Of ids, unique in the page; letters, digits and hyphens.

    Returns:
        Equal models give equal text. Every text in it is escaped.

    Cost:
        4 ms for 21 elements and 25 flows, 25 ms for 100 and 150 (processor time).
    """
    system = model.system
    at = places(system)
    key, height = legend(system, top=at.height + _GAP, room=at.width, prefix=prefix)
    parts = [
        f"<defs>{arrow_heads(prefix)}</defs>",
        *(band(zone, box) for zone, box in at.bands),
        *_arrows(system, at=at, prefix=prefix),
        *(zone_name(zone, box) for zone, box in at.bands),
        *(
            element(one, threats=[two for two in model.threats if two.element == name])
            for name, one in at.elements.items()
        ),
        key,
    ]
    return Drawing(
        title=f"{flat(system.system.name)}: landscape of threats",
        desc=_described(model),
        body="\n".join(parts),
        width=at.width,
        height=at.height + _GAP + height,
        prefix=prefix,
    )


def _arrows(system: System, *, at: Places, prefix: str) -> list[str]:
    """All flows, those that enter a zone of more trust on top."""
    trust = trusted(system)
    routes = [(crosses(one.flow, trust), one) for one in ways(system.flows, places=at)]
    return [
        arrow(one, crossing=crossing, system=system, prefix=prefix)
        for crossing, one in sorted(routes, key=lambda each: each[0])
    ]


def _described(model: ThreatModel) -> str:
    """What the picture says, in sentences."""
    system, trust = model.system, trusted(model.system)
    inwards = sum(crosses(one, trust) for one in system.flows)
    found = by_priority(model.threats)
    opened = ", ".join(f"{count} {name}" for name, count in found.items())
    bare = sum(one.encrypted is False for one in system.flows)
    return (
        f"{counted(len(system.elements), 'element')} in {counted(len(system.zones), 'zone')}, from "
        f"the least trusted at the top to the most trusted at the bottom, with "
        f"{counted(len(system.flows), 'flow')}: {inwards} into a zone of more trust, {bare} not "
        f"encrypted. Open threats by priority: {opened}."
    )
