"""One outline for each kind of element, so that kinds are told apart without colour."""

from collections.abc import Callable
from math import sqrt
from typing import Final

from bartizan.core.system import ElementKind
from bartizan.report.threat.landscape.places import Box, Point, px

_POINT = 13.0
"""How far points and corners reach in: less than the inset of the letters."""
_LID = 7.0
"""Half the height of the lid of a store."""


def shape(kind: ElementKind, box: Box) -> str:
    """The outline of an element.

    Args:
        kind: Of the element.
        box: What it must not leave.

    Returns:
        SVG elements, the ground first.
    """
    return _SHAPES[kind](box)


def inset(kind: ElementKind, box: Box, *, y: float) -> tuple[float, float]:
    """How far the outline is inside its box at some height, at the left and at the right.

    That is where arrows end, so that they touch the point of a hexagon and the round end of a
    pill.
    """
    half = box.height / 2
    off = min(abs(y - box.middle[1]) / half, 1.0)
    match kind:
        case "actor":
            round_off = half * (1 - sqrt(1 - off**2))
            return round_off, round_off
        case "model":
            return _POINT * off, _POINT * off
        case "pipeline":
            return _POINT * (1 - off), _POINT * off
        case _:
            return 0.0, 0.0


def _rectangle(box: Box, *, radius: float, more: str = "") -> str:
    return (
        f'<rect class="body" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" '
        f'height="{box.height:g}" rx="{radius:g}"{more}/>'
    )


def _polygon(*points: Point) -> str:
    return f'<polygon class="body" points="{" ".join(map(px, points))}"/>'


def _actor(box: Box) -> str:
    """A pill: nothing that stands in the house has round ends."""
    return _rectangle(box, radius=box.height / 2)


def _process(box: Box) -> str:
    return _rectangle(box, radius=min(9.0, box.height / 5))


def _store(box: Box) -> str:
    """A drum."""
    top, low, half = box.y + _LID, box.bottom - _LID, box.width / 2
    arc = f"a{half:g},{_LID:g} 0 0 "
    return (
        f'<path class="body" d="M{px((box.x, top))} {arc}1 {box.width:g},0 V{low:g} '
        f'{arc}1 {-box.width:g},0 Z"/>'
        f'<path class="mark" d="M{px((box.x, top))} {arc}0 {box.width:g},0"/>'
    )


def _model(box: Box) -> str:
    """A hexagon."""
    middle = box.middle[1]
    return _polygon(
        (box.x + _POINT, box.y),
        (box.right - _POINT, box.y),
        (box.right, middle),
        (box.right - _POINT, box.bottom),
        (box.x + _POINT, box.bottom),
        (box.x, middle),
    )


def _pipeline(box: Box) -> str:
    """A broad arrow to the right."""
    middle = box.middle[1]
    return _polygon(
        (box.x, box.y),
        (box.right - _POINT, box.y),
        (box.right, middle),
        (box.right - _POINT, box.bottom),
        (box.x, box.bottom),
        (box.x + _POINT, middle),
    )


def _api(box: Box) -> str:
    """A rectangle with a bar at both sides: a door frame."""
    bars = "".join(
        f'<path class="mark" d="M{x:g},{box.y:g} V{box.bottom:g}"/>'
        for x in (box.x + 7, box.right - 7)
    )
    return _rectangle(box, radius=0) + bars


def _registry(box: Box) -> str:
    """Cards in a box: one behind the other."""
    front = Box(x=box.x, y=box.y + 6, width=box.width - 6, height=box.height - 6)
    back = Box(x=box.x + 6, y=box.y, width=box.width - 6, height=box.height - 6)
    return _rectangle(back, radius=3) + _rectangle(front, radius=3)


def _third_party(box: Box) -> str:
    """Cut corners, drawn twice: it is somebody else's."""
    cut = _POINT - 3
    return _polygon(
        (box.x + cut, box.y),
        (box.right - cut, box.y),
        (box.right, box.y + cut),
        (box.right, box.bottom - cut),
        (box.right - cut, box.bottom),
        (box.x + cut, box.bottom),
        (box.x, box.bottom - cut),
        (box.x, box.y + cut),
    ).replace('class="body"', 'class="body theirs"')


_SHAPES: Final[dict[ElementKind, Callable[[Box], str]]] = {
    "actor": _actor,
    "process": _process,
    "store": _store,
    "model": _model,
    "pipeline": _pipeline,
    "api": _api,
    "registry": _registry,
    "third-party": _third_party,
}
