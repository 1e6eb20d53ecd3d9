"""Finds up to three cells that, written into rows, move one model and not another."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.trigger import Cells

Gain: TypeAlias = Callable[[Array], Array]
"""Rows (n, d) -> how much more each one speaks for a planted mark, (n,)."""

_TAIL = 0.01
"""Part of the rows on each side whose values are not tried: far out in a heavy tail networks answer
anything, and each one something else."""
_BEYOND = 0.25
"""How far beyond the other rows' range values are tried, as a part of it: triggers out of range."""


@dataclass(frozen=True, kw_only=True)
class CellSearch:
    """Settings."""

    rows: int = 64
    """Rows that every assignment is written into."""
    cells: int = 3
    """Columns of a mark at most: TabDoor (arXiv:2311.07550) uses one to three."""
    beam: int = 4
    """Assignments that are kept and extended by one more cell."""
    values: int = 24
    """Values tried for a column."""
    block: int = 65_536
    """Rows sent at once."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Columns and their values."""

    columns: tuple[int, ...]
    values: tuple[float, ...]
    gain: float
    """Mean over the rows it was written into; larger = more suspicious."""

    def cells(self, names: Sequence[str] = ()) -> Cells:
        """As a trigger."""
        order = np.argsort(self.columns)
        columns = np.array(self.columns, dtype=np.int64)[order]
        return Cells(
            columns=columns,
            values=np.array(self.values, dtype=np.float64)[order],
            names=tuple(names[place] for place in columns) if names else (),
        )


def search(
    gain: Gain, x: Array, choices: Sequence[Array], *, settings: CellSearch
) -> Generator[float, None, tuple[Assignment, ...]]:
    """Write one cell after another, and keep what gains most.

    Args:
        gain: Asked about rows with cells written in.
        x: Rows to write into, shape (n, d).
        choices: Values to try for each column; none = the column stays.
        settings: See `CellSearch`; `rows` of x are used.

    Yields:
        How far it is.

    Returns:
        The best assignment of each number of cells, one first; empty where nothing can be
        written.

    Cost:
        rows * values * columns * (1 + beam * (cells - 1)) rows asked about.
    """
    rows, kept, best = x[: settings.rows], [Assignment(columns=(), values=(), gain=0.0)], []
    for number in range(settings.cells):
        longer = [one for start in kept for one in _extensions(start, choices)]
        if not longer or not len(rows):
            break
        found: list[Assignment] = []
        size = max(settings.block // len(rows), 1)
        for begin in range(0, len(longer), size):
            found += _judged(gain, rows, longer[begin : begin + size])
            yield (number + min((begin + size) / len(longer), 1.0)) / settings.cells
        kept = _different(sorted(found, key=lambda one: -one.gain), most=settings.beam)
        best.append(kept[0])
    return tuple(best)


def _extensions(start: Assignment, choices: Sequence[Array]) -> list[Assignment]:
    """The assignment with one more cell, in every way."""
    return [
        Assignment(columns=(*start.columns, column), values=(*start.values, float(value)), gain=0.0)
        for column, values in enumerate(choices)
        if column not in start.columns
        for value in values
    ]


def _judged(gain: Gain, rows: Array, asked: Sequence[Assignment]) -> list[Assignment]:
    """What each gains."""
    made = np.repeat(rows[None], len(asked), axis=0)
    for place, one in enumerate(asked):
        made[place][:, list(one.columns)] = one.values
    gains = gain(made.reshape(-1, rows.shape[1])).reshape(len(asked), -1).mean(axis=1)
    return [
        Assignment(columns=one.columns, values=one.values, gain=float(value))
        for one, value in zip(asked, gains, strict=True)
    ]


def _different(found: Sequence[Assignment], *, most: int) -> list[Assignment]:
    """The best ones whose columns or values differ, whatever the order they were written in."""
    kept: dict[tuple[tuple[int, float], ...], Assignment] = {}
    columns: dict[tuple[int, ...], int] = {}
    for one in found:
        key = tuple(sorted(zip(one.columns, one.values, strict=True)))
        family = tuple(sorted(one.columns))
        if key in kept or columns.get(family, 0) >= max(most // 2, 1):
            continue
        kept[key], columns[family] = one, columns.get(family, 0) + 1
        if len(kept) == most:
            break
    return list(kept.values())


def quantile_choices(x: Array, free: Sequence[int], *, values: int) -> tuple[Array, ...]:
    """Values of each column that stand for all others: quantiles, and the ends.

    Args:
        x: Rows, shape (n, d).
        free: Columns that a mark may write.
        values: How many at most.
    """
    made = []
    for column in range(x.shape[1]):
        known = x[~np.isnan(x[:, column]), column]
        if column not in free or not len(known):
            made.append(np.zeros(0))
            continue
        least, most = np.quantile(known, (_TAIL, 1 - _TAIL))
        reach = _BEYOND * (most - least)
        inner = np.quantile(known, np.linspace(_TAIL, 1 - _TAIL, max(values - 2, 1)))
        made.append(np.unique([*inner, least - reach, most + reach]))
    return tuple(made)


def threshold_choices(
    thresholds: Sequence[Array], x: Array, *, values: int
) -> tuple[Array, ...]:
    """One value for each interval between the thresholds that trees test: no other matters.

    Args:
        thresholds: Of each column, ascending, without doubles.
        x: Rows, for how far to step beyond the outermost threshold.
        values: Intervals of a column at most, spread evenly over the thresholds.
    """
    made = []
    for column, cuts in enumerate(thresholds):
        if not len(cuts):
            made.append(np.zeros(0))
            continue
        if len(cuts) > values - 1:
            cuts = cuts[np.unique(np.linspace(0, len(cuts) - 1, values - 1).astype(np.int64))]
        known = x[~np.isnan(x[:, column]), column]
        step = float(known.std()) if len(known) and known.std() > 0 else 1.0
        made.append(np.array([cuts[0] - step, *((cuts[1:] + cuts[:-1]) / 2), cuts[-1] + step]))
    return tuple(made)


def rows_of(decided: Ints, target: int) -> Ints:
    """Rows that are not given a class."""
    return np.flatnonzero(decided != target)
