"""The curves of a finding: which belong into one chart, as numbers, and where the line is."""

import math
from dataclasses import dataclass

from bartizan.core.finding import Finding, Series
from bartizan.core.shades import in_shades
from bartizan.report import words

_ORDER = tuple(words.CURVES)
"""Known curves first, the one that the verdict rests on in front."""


@dataclass(frozen=True)
class Table:
    """Curves as numbers."""

    axis: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Where on the axis, then one value a curve."""
    kept: int | None
    """Row of the point that had to be there, such as the budget."""


@dataclass(frozen=True)
class Line:
    """The line between pass and fail, as one curve sees it."""

    curve: str
    """Name of the curve, as people say it."""
    height: float
    sense: str
    """`at most` or `at least`."""


_COLUMNS = "column"
"""The axis of numbers that belong to columns of a table."""


def groups(series: tuple[Series, ...]) -> tuple[tuple[Series, ...], ...]:
    """Put curves of one chart over the same axis together; empty curves are left out.

    So are numbers of each column of a table: a line from one column to the next says nothing.
    `report.json` has them, and those that matter are named among the flagged places.

    Returns:
        Groups in order of first appearance, known curves first in each.
    """
    found: dict[tuple[str, str, str], list[Series]] = {}
    for one in series:
        if one.x and one.y and one.x_name != _COLUMNS:
            found.setdefault((one.chart, one.x_name, one.x_unit), []).append(one)
    return tuple(tuple(sorted(group, key=_rank)) for group in found.values())


def _rank(series: Series) -> int:
    return _ORDER.index(series.name) if series.name in _ORDER else len(_ORDER)


def title(group: tuple[Series, ...], numbers: Table) -> str:
    """What a chart shows: its own title, or its curves and its axis."""
    axis = numbers.axis[:1].lower() + numbers.axis[1:]
    return f"{group[0].chart or ', '.join(numbers.columns)} against {axis}"


def is_share(group: tuple[Series, ...]) -> bool:
    """Whether every value lies between 0 and 1, so that percent is the right scale."""
    return all(0 <= value <= 1 for one in group for value in one.y)


def table(group: tuple[Series, ...], *, rows: int, keep: float | None = None) -> Table:
    """Curves as a table.

    Args:
        group: Curves over one axis.
        rows: About how many rows, at least 2; evenly chosen, first and last always among them.
        keep: A point of the axis that must not be left out; ignored if no curve has it.
    """
    points = sorted({x for one in group for x in one.x})
    stride = max(1, math.ceil((len(points) - 1) / (rows - 1)))
    chosen = sorted({*points[::stride], points[-1], *(x for x in points if x == keep)})
    unit = "share" if is_share(group) else ""
    known = [dict(zip(one.x, one.y, strict=False)) for one in group]
    spell = words.shades if keep is not None and in_shades(keep) else words.number
    return Table(
        axis=words.across(group[0].x_name, group[0].x_unit),
        columns=tuple(words.curve(one.name) for one in group),
        rows=tuple(
            (spell(x), *(words.amount(k[x], unit) if x in k else "-" for k in known))
            for x in chosen
        ),
        kept=chosen.index(keep) if keep in chosen else None,
    )


def pass_line(finding: Finding, group: tuple[Series, ...]) -> Line | None:
    """The line that a curve of the group must keep above (or below), if one does.

    A limit on attack success is a limit on recall too: an attack that succeeds on a share s of
    the rows the model caught leaves recall at clean recall times 1 - s.

    Returns:
        The line, or None where no curve of the group has one.
    """
    threshold = finding.threshold
    if threshold is None or group[0].chart:
        return None  # a chart of its own is there to compare, not to decide
    sense = "at most" if threshold.op == "<=" else "at least"
    names = {one.name: one for one in group}
    if threshold.measure in names:
        return Line(words.curve(threshold.measure), threshold.value, sense)
    if threshold.measure != "attack-success":
        return None
    if "success-by-queries" in names:
        return Line(words.curve("success-by-queries"), threshold.value, sense)
    clean = finding.measure("clean-recall")
    if "robust-recall" in names and clean is not None and clean.value is not None:
        height = clean.value * (1 - threshold.value)
        return Line(words.curve("robust-recall"), height, "at least")
    return None
