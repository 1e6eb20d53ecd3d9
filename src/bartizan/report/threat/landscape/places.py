"""Where everything stands, in pixels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bartizan.core.system import Element, System, Zone
from bartizan.report.threat.landscape.lettering import wrapped
from bartizan.report.threat.landscape.rows import Grid, grid
from bartizan.report.threat.terms import name

SIZE = 13.0
"""Letters of an element's name: 9 px where eight columns stand on the width of A4 lying down."""
LINE = 16.0
"""From one line of a name to the next."""
INSET = 15.0
"""Beside the letters: what the points of a hexagon or a pipeline take."""
KIND = 29.0
"""Height above the name, where the kind of an element stands."""
BELOW = 11.0
"""Height below the name."""
_WIDTH = 146.0
"""Of an element: 14 of the widest letters a line."""
_ACROSS = 48.0
"""Between two columns: room for arrows to bend."""
_DOWN = 30.0
"""Between two rows: room for five arrows to pass, and for badges."""
_MARGIN = 22.0
_HEAD = 40.0
"""Of a band: its title."""
_FOOT = 18.0
_BETWEEN = 8.0
"""Between two bands."""
_LINES = 3
"""Of a name, at most."""
_LEAST = 720.0
"""Width. Narrower, and the legend needs more lines than the drawing."""


Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One element in the drawing."""

    element: Element
    box: Box
    column: int
    lines: tuple[str, ...]
    """Its name, cut into lines."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Everything with its place."""

    elements: Mapping[str, Placed]
    bands: tuple[tuple[Zone, Box], ...]
    columns: tuple[tuple[float, float], ...]
    """Left and right edge of each."""
    width: float
    height: float


def places(system: System) -> Places:
    """Lay the grid of a system out in pixels.

    All elements have one height, so that the gaps between rows go through from left to right, and
    flows can take them.
    """
    found = grid(system)
    room = _WIDTH - 2 * INSET
    lines = {
        one.id: tuple(wrapped(name(one), size=SIZE, room=room, most=_LINES))
        for one in system.elements
    }
    tall = KIND + LINE * max(map(len, lines.values()), default=1) + BELOW
    amount = max(found.column.values(), default=-1) + 1
    lefts = [_MARGIN + at * (_WIDTH + _ACROSS) for at in range(amount)]
    wide = max(lefts[-1] + _WIDTH + _MARGIN if lefts else 0.0, _LEAST)
    bands = _bands(found, tall=tall, wide=wide)
    tops = {zone.id: box.y + _HEAD for zone, box in bands}
    elements = {}
    for one in sorted(system.elements, key=lambda one: one.id):
        column, y = found.column[one.id], tops[one.zone] + found.row[one.id] * (tall + _DOWN)
        box = Box(x=lefts[column], y=y, width=_WIDTH, height=tall)
        elements[one.id] = Placed(element=one, box=box, column=column, lines=lines[one.id])
    return Places(
        elements=elements,
        bands=tuple(bands),
        columns=tuple((left, left + _WIDTH) for left in lefts),
        width=wide,
        height=bands[-1][1].bottom if bands else 0.0,
    )


def _bands(found: Grid, *, tall: float, wide: float) -> list[tuple[Zone, Box]]:
    """One for each zone, below each other."""
    bands, top = [], 0.0
    for zone in found.zones:
        rows = found.rows[zone.id]
        height = _HEAD + (rows * tall + (rows - 1) * _DOWN + _FOOT if rows else 0.0)
        bands.append((zone, Box(x=0.0, y=top, width=wide, height=height)))
        top += height + _BETWEEN
    return bands


def px(point: Point) -> str:
    """A point with one digit after the dot: the same on every machine."""
    return ",".join(f"{round(value, 1) + 0.0:g}" for value in point)
