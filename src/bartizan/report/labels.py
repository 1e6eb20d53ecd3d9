"""Names at the right end of a chart's lines."""

from collections.abc import Sequence
from typing import Any

from bartizan.core.finding import Series
from bartizan.report import words
from bartizan.report.curves import Line, is_share

_LABEL = 15
"""Letters of a curve's name that fit beside its value."""
_GAP = 0.085
"""Least distance of two labels, as a share of the height: one line of text."""


def label(
    axes: Any, group: tuple[Series, ...], *, colours: Sequence[str], line: Line | None
) -> None:
    """Name the lines at their right end, moved apart where they would overlap.

    Args:
        axes: Axes with their final vertical limits.
        group: The curves that were drawn.
        colours: One a curve, used again from the start where there are more curves.
        line: The line between pass and fail, if there is one.
    """
    unit = "share" if is_share(group) else ""
    steep = group[0].y_scale == "log"  # such curves meet at the right end: names say enough
    wanted = [
        (
            one.y[-1],
            colours[position % len(colours)],
            _cut(words.curve(one.name)) + ("" if steep else f" {_short(one.y[-1], unit)}"),
        )
        for position, one in enumerate(group)
    ]
    if line is not None:
        name = f"{_cut(line.curve)} limit" if len(group) > 1 else "Limit"
        wanted.append((line.height, "#a10004", f"{name} {_short(line.height, unit)}"))
    wanted.sort(key=lambda label: label[0])
    if steep:
        wanted.reverse()  # equal at the end: the first curve, which is the highest, on top
    heights = spread([_height(axes, y) for y, _, _ in wanted], gap=_GAP)
    for height, (_, colour, text) in zip(heights, wanted, strict=True):
        axes.annotate(
            text,
            (1.02, height),
            xycoords="axes fraction",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def _height(axes: Any, value: float) -> float:
    """Where a value stands on the vertical axis, 0 to 1."""
    place = axes.transData.transform((axes.get_xlim()[1], value))
    return float(axes.transAxes.inverted().transform(place)[1])


def _cut(name: str) -> str:
    """A name that fits beside the chart; the table and the description have the whole one."""
    return name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"


def _short(value: float, unit: str) -> str:
    return f"{100 * value:.0f} %" if unit == "share" else words.number(value)


def spread(heights: list[float], *, gap: float) -> list[float]:
    """Move sorted heights apart until neighbours are `gap` away, staying at or below 1.

    Example:
        >>> [round(h, 2) for h in spread([0.5, 0.52, 0.99, 1.0], gap=0.1)]
        [0.5, 0.6, 0.9, 1.0]
    """
    up: list[float] = []
    for height in heights:
        up.append(max(height, up[-1] + gap) if up else height)
    down: list[float] = []
    for height in reversed(up):
        down.append(min(height, (down[-1] - gap) if down else 1.0))
    return down[::-1]
