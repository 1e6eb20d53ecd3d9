"""One chart: how groups of rows are decided, a point and its interval for each rate."""

import io
import warnings
from typing import Any

from matplotlib import style
from matplotlib.figure import Figure

from bartizan.core.finding import GroupRates, Measure
from bartizan.report import words
from bartizan.report.chart import STYLE
from bartizan.report.svg import inline

SHOWN = ("selection-rate", "true-positive-rate", "false-positive-rate")
"""Rates that are drawn; precision and accuracy stand in the table."""
_MARKS = (("#a10006", "D", 4.5), ("#a10002", "o", 6.0), ("#a10001", "s", 5.5))
"""Colour, shape and size of each; told apart without colour."""
_APART = 0.24
"""Distance of the rates of one group; groups are 1 apart."""
_WIDTH, _HEAD, _EACH = 6.6, 1.1, 0.52
"""Inches: of the chart, of its axis and legend, and of each group."""
_NAME = 24
"""Letters of a group's name that fit at the left."""


def draw(groups: tuple[GroupRates, ...], *, prefix: str, title: str) -> str:
    """Draw the rates of groups under each other.

    Args:
        groups: Of one column and one question, at least one.
        prefix: Unique in the page.
        title: What the chart shows.

    Returns:
        An ``<svg>`` element; equal arguments give equal text.
    """
    height = _HEAD + _EACH * len(groups)
    with style.context(["default", STYLE]), warnings.catch_warnings():
        # The page's fonts show the text, not the one that is measured with here.
        warnings.filterwarnings("ignore", message=r"(?s)Glyph \d+ .* missing from font")
        figure = Figure(figsize=(_WIDTH, height), facecolor="none")
        bottom = 0.42 / height
        axes = figure.add_axes((0.31, bottom, 0.66, 1 - 0.95 / height), facecolor="none")
        for place, name in enumerate(SHOWN):
            _rate(axes, groups, name=name, place=place)
        _frame(axes, groups)
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    return inline(drawing.getvalue(), prefix=prefix, title=title, desc=describe(groups))


def describe(groups: tuple[GroupRates, ...]) -> str:
    """Say in words what the chart shows, for those who do not see it."""
    said = []
    for one in groups:
        rates = [(name, one.rate(name)) for name in SHOWN]
        known = [f"{words.measure(name)} {_shown(rate)}" for name, rate in rates if rate]
        said.append(f"{one.group}: {', '.join(known)}")
    return "; ".join(said) + "."


def _shown(rate: Measure) -> str:
    """A rate in percent, or why there is none."""
    return rate.why if rate.value is None else words.amount(rate.value, "share")


def _rate(axes: Any, groups: tuple[GroupRates, ...], *, name: str, place: int) -> None:
    """One rate of all groups: points with whiskers."""
    colour, shape, size = _MARKS[place]
    found = [(row, one.rate(name)) for row, one in enumerate(groups)]
    known = [(row, rate) for row, rate in found if rate is not None and rate.value is not None]
    heights = [row + (place - 1) * _APART for row, _ in known]
    values = [rate.value or 0.0 for _, rate in known]
    low = [(rate.value or 0.0) - (rate.low or 0.0) for _, rate in known]
    high = [(rate.high or 0.0) - (rate.value or 0.0) for _, rate in known]
    axes.errorbar(
        values,
        heights,
        xerr=(low, high),
        fmt=shape,
        color=colour,
        markersize=size,
        elinewidth=1.6,
        capsize=2.5,
        label=words.measure(name),
    )


def _frame(axes: Any, groups: tuple[GroupRates, ...]) -> None:
    """Axes, names of groups, legend."""
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_yticks(range(len(groups)), [_cut(one.group) for one in groups])
    axes.set_xlim(0, 1.0)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="x", color="#a10007", linewidth=0.8)
    for row in range(1, len(groups)):
        axes.axhline(row - 0.5, color="#a10007", linewidth=0.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0, pad=6)
    axes.set_axisbelow(True)
    for row, one in enumerate(groups):
        if all(rate is None or rate.value is None for rate in map(one.rate, SHOWN)):
            axes.annotate("too few rows to say", (0.02, row), va="center", color="#a10006")
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.02, 1.0),
        ncols=len(SHOWN),
        frameon=False,
        fontsize=11,
        handletextpad=0.2,
        columnspacing=0.9,
        borderpad=0.1,
    )


def _cut(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"
