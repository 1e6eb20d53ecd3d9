"""One chart: what the model is still worth against what the attacker spends."""

import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from bartizan.core.finding import Series
from bartizan.report import words
from bartizan.report.curves import Line, is_share
from bartizan.report.labels import label
from bartizan.report.svg import inline

_SIZE = (6.6, 4.2)
"""Inches at 72 units each: close to the size it is shown at, so that text keeps its size."""
_PLACE = (0.115, 0.16, 0.58, 0.75)
"""Left, bottom, width, height of the plot: room for the labels at the right."""
STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be searched, read out and resized
    "svg.hashsalt": "bartizan",  # ids are the same in every run
    "text.parse_math": False,  # a name with dollar signs is a name
    "font.size": 13.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#a10006",
    "axes.labelcolor": "#a10006",
    "text.color": "#a10005",
    "xtick.color": "#a10006",
    "ytick.color": "#a10006",
}
_LINES = (
    ("#a10001", "-", 2.8),
    ("#a10002", (0, (5, 2)), 1.8),
    ("#a10003", (0, (1.5, 1.8)), 1.8),
    ("#a10009", (0, (8, 2, 2, 2)), 1.8),
    ("#a10010", (0, (3, 1)), 1.8),
    ("#a10011", (0, (1, 3)), 2.2),
    ("#a10012", (0, (10, 4)), 1.4),
)
"""Colour, dashes and width; told apart without colour. The first is what the verdict is about."""
_POINTS = 6
"""Points of a logarithmic axis that are all named, at most."""
_SMALLEST = 1e-4
"""Where a logarithmic axis of shares begins, unless its first value is smaller still."""


def draw(
    group: tuple[Series, ...],
    *,
    prefix: str,
    title: str,
    budget: float | None = None,
    line: Line | None = None,
) -> str:
    """Draw curves over one axis.

    Args:
        group: One to a few curves, none empty; more than three reuse the line styles.
        prefix: Unique in the page.
        title: What the chart shows.
        budget: Where the declared budget stands on the horizontal axis, if it does.
        line: The line between pass and fail, if there is one.

    Returns:
        An ``<svg>`` element; equal arguments give equal text.
    """
    with style.context(["default", STYLE]), warnings.catch_warnings():
        # The page's fonts show the text, not the one that is measured with here.
        warnings.filterwarnings("ignore", message=r"(?s)Glyph \d+ .* missing from font")
        figure = Figure(figsize=_SIZE, facecolor="none")
        axes = figure.add_axes(_PLACE, facecolor="none")
        _scales(axes, group, budget=budget)
        _curves(axes, group)
        _marks(axes, group, budget=budget, line=line)
        label(axes, group, colours=[colour for colour, _, _ in _LINES], line=line)
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    desc = describe(group, budget=budget, line=line)
    return inline(drawing.getvalue(), prefix=prefix, title=title, desc=desc)


def describe(group: tuple[Series, ...], *, budget: float | None, line: Line | None) -> str:
    """Say in words what the chart shows, for those who do not see it."""
    unit = "share" if is_share(group) else ""
    parts = [
        f"{words.curve(one.name)} goes from {words.amount(one.y[0], unit)} to "
        f"{words.amount(one.y[-1], unit)}"
        for one in group
    ]
    text = "; ".join(parts) + f", over: {words.axis(group[0].x_name, group[0].x_unit)}."
    if budget is not None:
        text += f" The budget is {words.length(budget)}."
    if line is not None:
        text += f" {line.curve} must be {line.sense} {words.amount(line.height, unit)}."
    return text


def _scales(axes: Any, group: tuple[Series, ...], *, budget: float | None) -> None:
    """Lay out both axes."""
    across = [x for one in group for x in one.x] + ([] if budget is None else [budget])
    low, high = min(across), max(across)
    if group[0].x_scale == "log":
        axes.set_xscale("log")
        low = _first(across)
        rates = max(across) <= 1 and group[0].y_scale == "log"  # else it may be money
        axes.xaxis.set_major_formatter(_ticks(share=rates))
        axes.xaxis.set_minor_formatter(NullFormatter())
        points = sorted(set(across))
        if len(points) <= _POINTS:  # decades may not even be among them
            axes.set_xticks(points)
            axes.set_xticks([], minor=True)
    axes.set_xlim(low, high if high > low else low + 1)
    axes.set_xlabel(words.axis(group[0].x_name, group[0].x_unit), labelpad=8)
    if group[0].x_scale == "linear":
        axes.locator_params(axis="x", nbins=5)
    if group[0].y_scale == "log":
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(_ticks(share=is_share(group)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(_first([y for one in group for y in one.y]), 1.0 if is_share(group) else None)
    elif is_share(group):
        axes.set_ylim(0, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="y", color="#a10007", linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0, pad=6)
    axes.set_axisbelow(True)


def _ticks(*, share: bool) -> Callable[[float, int], str]:
    """Names of the ticks of a logarithmic axis: plain numbers, or percent."""

    def name(value: float, _: int) -> str:
        return f"{100 * value:g} %" if share else f"{value:,.6g}"

    return name


def _first(values: Sequence[float]) -> float:
    """Where a logarithmic axis begins: at the smallest value above zero, within reason."""
    above = [value for value in values if value > 0]
    return max(min(above), _SMALLEST) if above else _SMALLEST


def _curves(axes: Any, group: tuple[Series, ...]) -> None:
    """Draw the lines, the deciding one on top."""
    for position, one in enumerate(group):
        colour, dashes, width = _LINES[position % len(_LINES)]
        n = min(len(one.x), len(one.y))
        axes.plot(
            one.x[:n],
            one.y[:n],
            color=colour,
            linestyle=dashes,
            linewidth=width,
            marker="o" if n == 1 else None,
            zorder=5 - position,
            solid_capstyle="round",
        )


def _marks(
    axes: Any, group: tuple[Series, ...], *, budget: float | None, line: Line | None
) -> None:
    """Draw the pass line, the budget, and the point where the deciding curve meets it."""
    if line is not None:
        edge = axes.get_ylim()[0 if line.sense == "at least" else 1]
        axes.axhspan(edge, line.height, color="#a10008", zorder=0, linewidth=0)
        axes.axhline(line.height, color="#a10004", linewidth=1.4, zorder=4)
    if budget is not None:
        axes.axvline(budget, color="#a10005", linewidth=1.2, linestyle=(0, (3, 3)), zorder=4)
        right = budget > sum(axes.get_xlim()) / 2
        axes.annotate(
            f"budget {words.length(budget)}",
            (budget, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 5),
            textcoords="offset points",
            ha="right" if right else "left",
        )
        n = min(len(group[0].x), len(group[0].y))
        if group[0].x[0] <= budget <= group[0].x[n - 1]:
            height = np.interp(budget, group[0].x[:n], group[0].y[:n])
            axes.plot(budget, height, "o", color=_LINES[0][0], markersize=8, zorder=6)
