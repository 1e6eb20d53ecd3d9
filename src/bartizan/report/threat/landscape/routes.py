"""The ways of flows: curves that bend between columns and pass elements through the gaps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, TypeAlias

from bartizan.core.system import Flow
from bartizan.report.threat.landscape.places import Placed, Places, Point, px
from bartizan.report.threat.landscape.shapes import inset

Side: TypeAlias = Literal["left", "right", "top", "bottom"]

_LANE = 6.0
"""Between two flows in one gap."""
_PORT = 13.0
"""Between two flows at one side of an element, where there is room."""
_AWAY = 8.0
"""Least distance of a flow from an element that it passes."""
_UPRIGHT = 0.38
"""Where a flow from above meets an element, of its width: to the left of the badges."""
_BULGE = 30.0
"""How far a flow to an element of the same column swings out."""
_SHIFT = 9.0
"""How far that differs from flow to flow."""
_TURNS = (0.0, 1.0, -1.0, 0.5, -0.5)
"""In turn."""
_EDGE = 12.0
"""Above the first and below the last element: room for flows to pass there too."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One flow, as it is drawn."""

    flow: Flow
    points: tuple[Point, ...]
    """Where it starts, leaves its column, enters and leaves gaps, enters its last column, and ends.
    Between elements of one column: where it starts and ends."""
    sides: tuple[Side, Side]
    """Where it leaves its source and meets its target."""
    turn: float
    """-1 to 1: how far to the left or right it bends, so that neighbours do not lie on it."""

    @property
    def path(self) -> str:
        """As an SVG path."""
        if self.sides == ("right", "right"):
            return _swung(self.points, turn=self.turn)
        if "top" in self.sides:
            return _hung(self.points)
        return _bent(self.points, turn=self.turn)


def ways(flows: Iterable[Flow], *, places: Places) -> list[Way]:
    """The way of each flow, in the order of their ids.

    Args:
        flows: Between elements of the drawing.
        places: Where these stand.
    """
    routes = [
        _Route(flow=one, source=places.elements[one.source], target=places.elements[one.target])
        for one in sorted(flows, key=lambda one: one.id)
    ]
    gaps = _gaps(places)
    for one in routes:
        one.sides = _sides(one, places=places)
    _choose_gaps(routes, gaps)
    ports = _ports(routes)
    return [
        Way(
            flow=one.flow,
            sides=one.sides,
            turn=_TURNS[at % len(_TURNS)],
            points=_points(
                one,
                start=ports[one.flow.id, "source"],
                end=ports[one.flow.id, "target"],
                columns=places.columns,
            ),
        )
        for at, one in enumerate(routes)
    ]


@dataclass(kw_only=True)
class _Route:
    """A flow on its way to be drawn."""

    flow: Flow
    source: Placed
    target: Placed
    sides: tuple[Side, Side] = ("right", "left")
    lanes: dict[int, float] = field(default_factory=dict)
    """By column that it passes: the height at which it does."""

    @property
    def between(self) -> Sequence[int]:
        """Columns that it passes, in its own direction."""
        start, end = self.source.column, self.target.column
        return range(start + 1, end) if start < end else range(start - 1, end, -1)

    def height(self, column: int) -> float:
        """Where the straight line is in a column."""
        start, end = self.source.column, self.target.column
        low, high = self.source.box.middle[1], self.target.box.middle[1]
        return low + (high - low) * (column - start) / (end - start)


def _sides(one: _Route, *, places: Places) -> tuple[Side, Side]:
    start, end = one.source.column, one.target.column
    if start < end:
        return "right", "left"
    if start > end:
        return "left", "right"
    top, bottom = sorted((one.source.box.y, one.target.box.y))
    between = any(
        other.column == start and top < other.box.y < bottom for other in places.elements.values()
    )
    if between:
        return "right", "right"
    return ("bottom", "top") if one.source.box.y < one.target.box.y else ("top", "bottom")


def _gaps(places: Places) -> Mapping[int, list[tuple[float, float]]]:
    """By column: the stretches in which no element stands, from top to bottom."""
    found: dict[int, list[tuple[float, float]]] = {}
    for column in range(len(places.columns)):
        boxes = sorted(
            (one.box.y, one.box.bottom) for one in places.elements.values() if one.column == column
        )
        edges = [-_EDGE, *(edge for box in boxes for edge in box), places.height + _EDGE]
        found[column] = [
            (low + _AWAY, high - _AWAY) for low, high in zip(edges[::2], edges[1::2], strict=True)
        ]
    return found


def _choose_gaps(
    routes: Sequence[_Route], gaps: Mapping[int, Sequence[tuple[float, float]]]
) -> None:
    """Send each flow through the gap nearest to its straight line, side by side with others."""
    inside: dict[tuple[int, tuple[float, float]], list[tuple[float, str, _Route]]]
    inside = defaultdict(list)
    for one in routes:
        level = one.source.box.middle[1]
        for column in one.between:
            straight = one.height(column)
            gap = min(gaps[column], key=lambda gap: (_off(straight, gap), gap))
            level = min(max(level, gap[0]), gap[1])  # bends only where it must
            inside[column, gap].append((level, one.flow.id, one))
    for (column, gap), some in inside.items():
        order = sorted(some, key=lambda each: (each[0], each[1]))
        heights = _apart([each[0] for each in order], low=gap[0], high=gap[1], least=_LANE)
        for height, (_, _, one) in zip(heights, order, strict=True):
            one.lanes[column] = height


def _off(wanted: float, gap: tuple[float, float]) -> float:
    return max(gap[0] - wanted, wanted - gap[1], 0.0)


def _apart(wanted: Sequence[float], *, low: float, high: float, least: float) -> list[float]:
    """Sorted places, moved until neighbours stand apart, inside a stretch; closer if too many."""
    if not wanted:
        return []
    step = min(least, (high - low) / max(len(wanted) - 1, 1))
    found: list[float] = []
    for one in wanted:
        found.append(max(one, found[-1] + step if found else low))
    limit = high
    for at in range(len(found) - 1, -1, -1):
        found[at] = min(found[at], limit)
        limit = found[at] - step
    return found


def _ports(routes: Iterable[_Route]) -> dict[tuple[str, str], Point]:
    """Where each flow meets its elements: beside each other, in the order of where they go."""
    at: dict[tuple[str, Side], list[tuple[float, str, str, Placed]]] = defaultdict(list)
    for one in routes:
        ahead = [one.lanes[column] for column in one.between]
        first = ahead[0] if ahead else one.target.box.middle[1]
        last = ahead[-1] if ahead else one.source.box.middle[1]
        leaves, meets = one.sides
        at[one.source.element.id, leaves].append((first, one.flow.id, "source", one.source))
        at[one.target.element.id, meets].append((last, one.flow.id, "target", one.target))
    found = {}
    for (_, side), some in at.items():
        some.sort(key=lambda each: each[:3])
        for place, (_, flow, end, placed) in enumerate(some):
            found[flow, end] = _port(placed, side, place=place, amount=len(some))
    return found


def _port(placed: Placed, side: Side, *, place: int, amount: int) -> Point:
    box = placed.box
    length = box.height if side in ("left", "right") else box.width
    step = min(_PORT, 0.7 * length / amount)
    shift = (place - (amount - 1) / 2) * step
    x, y = box.x + _UPRIGHT * box.width, box.middle[1]
    match side:
        case "left":
            return box.x + inset(placed.element.kind, box, y=y + shift)[0], y + shift
        case "right":
            return box.right - inset(placed.element.kind, box, y=y + shift)[1], y + shift
        case "top":
            return x + shift, box.y
        case "bottom":
            return x + shift, box.bottom


def _points(
    one: _Route, *, start: Point, end: Point, columns: Sequence[tuple[float, float]]
) -> tuple[Point, ...]:
    """The whole way: within a column it is straight, so that no neighbour is touched."""
    if one.source.column == one.target.column:
        return start, end
    leaves, meets = (
        placed.box.right if side == "right" else placed.box.x
        for placed, side in zip((one.source, one.target), one.sides, strict=True)
    )
    return start, (leaves, start[1]), *_passed(one, columns), (meets, end[1]), end


def _passed(one: _Route, columns: Sequence[tuple[float, float]]) -> list[Point]:
    """Where a flow enters and leaves each column that it passes."""
    found = []
    for column in one.between:
        edges = columns[column] if one.source.column < one.target.column else columns[column][::-1]
        found += [(edge, one.lanes[column]) for edge in edges]
    return found


def _bent(points: Sequence[Point], *, turn: float) -> str:
    """Curves between columns, straight lines through them."""
    parts = [f"M{px(points[0])}"]
    for at, (start, end) in enumerate(pairwise(points)):
        if start == end:
            continue
        if at % 2 == 0:
            parts.append(f"L{px(end)}")
        else:
            half = (start[0] + end[0]) / 2 + turn * _SHIFT
            parts.append(f"C{px((half, start[1]))} {px((half, end[1]))} {px(end)}")
    return " ".join(parts)


def _hung(points: Sequence[Point]) -> str:
    """From one element down or up to the next."""
    start, end = points
    if start[0] == end[0]:
        return f"M{px(start)} L{px(end)}"
    half = (start[1] + end[1]) / 2
    return f"M{px(start)} C{px((start[0], half))} {px((end[0], half))} {px(end)}"


def _swung(points: Sequence[Point], *, turn: float) -> str:
    """Out to the right, past what stands between, and back."""
    start, end = points
    out = max(start[0], end[0]) + _BULGE + turn * _SHIFT
    return f"M{px(start)} C{px((out, start[1]))} {px((out, end[1]))} {px(end)}"
