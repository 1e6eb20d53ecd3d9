"""What the shapes, lines and badges mean, below the drawing."""

from collections.abc import Callable
from html import escape
from typing import Final, TypeAlias

from bartizan.core.risk import Priority
from bartizan.core.system import ElementKind, System
from bartizan.report.threat.landscape.lettering import width
from bartizan.report.threat.landscape.pieces import BADGE, badges, text
from bartizan.report.threat.landscape.places import Box
from bartizan.report.threat.landscape.shapes import shape
from bartizan.report.threat.terms import KINDS

_LINES: Final = (
    ("flow", "tip", "flow"),
    ("flow crossing", "crossing", "into a zone of more trust"),
    ("flow plain", "tip", "not encrypted"),
    ("flow unsaid", "tip", "encryption not said"),
)
_LETTERS = 11.5
_ROW = 30.0
_SHAPE = (34.0, 20.0)
_ARROW = 44.0
_SPACE = 20.0
"""Between two entries."""
_MEANINGS: Final[dict[Priority, str]] = {
    "high": "one open threat of high priority",
    "medium": "medium",
    "low": "low",
}
_Entry: TypeAlias = tuple[float, str, Callable[[float, float], str]]
"""Its width, what it means, and what draws it at a place."""


def legend(system: System, *, top: float, room: float, prefix: str) -> tuple[str, float]:
    """The key to a drawing.

    Args:
        system: Only kinds of elements that it has are explained.
        top: Where the key begins.
        room: How broad it may be.
        prefix: Of the arrow heads.

    Returns:
        SVG elements, and their height in pixels.
    """
    entries = [*_kinds(system), *_lines(prefix), *_badges()]
    parts, x, row = [], 0.0, 0
    for wide, meaning, draw in entries:
        needed = wide + 8 + width(meaning, size=_LETTERS)
        if x and x + needed > room:
            x, row = 0.0, row + 1
        y = top + row * _ROW
        parts.append(draw(x, y))
        parts.append(text(escape(meaning), x=x + wide + 8, y=y + _ROW / 2 + 4, style="key"))
        x += needed + _SPACE
    return f'<g class="legend">{"".join(parts)}</g>', (row + 1) * _ROW


def _kinds(system: System) -> list[_Entry]:
    """One for each kind of element that there is."""
    used = {one.kind for one in system.elements}
    return [(_SHAPE[0], KINDS[kind], _shape(kind)) for kind in KINDS if kind in used]


def _shape(kind: ElementKind) -> Callable[[float, float], str]:
    def draw(x: float, y: float) -> str:
        box = Box(x=x, y=y + (_ROW - _SHAPE[1]) / 2, width=_SHAPE[0], height=_SHAPE[1])
        return shape(kind, box)

    return draw


def _lines(prefix: str) -> list[_Entry]:
    """One for each way to draw a flow."""
    return [(_ARROW, meaning, _line(style, f"{prefix}-{head}")) for style, head, meaning in _LINES]


def _line(style: str, head: str) -> Callable[[float, float], str]:
    def draw(x: float, y: float) -> str:
        path = f"M{x:g},{y + _ROW / 2:g} h{_ARROW:g}"
        return f'<path class="{style}" d="{path}" marker-end="url(#{head})"/>'

    return draw


def _badges() -> list[_Entry]:
    """One for each priority."""
    return [(30.0, meaning, _badge(priority)) for priority, meaning in _MEANINGS.items()]


def _badge(priority: Priority) -> Callable[[float, float], str]:
    def draw(x: float, y: float) -> str:
        return badges({priority: 1}, right=x + 28, top=y + (_ROW - BADGE) / 2)

    return draw
