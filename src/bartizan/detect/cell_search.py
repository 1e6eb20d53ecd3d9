"""Writes cells into rows, and finds those that move one model and not clean models of its kind."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.trigger import Cells

Says: TypeAlias = Callable[[Array], Array]
"""Rows (n, d) -> probabilities (n, k)."""
_BLOCK = 65_536
"""Rows sent at once: their scores stay within a few megabytes."""
_BLOCK_VALUES = 8_000_000
"""Numbers sent at once, 64 MB."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One column and its value."""

    column: int
    value: float


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one cell does, for every cell that was tried."""

    cells: tuple[Cell, ...]
    share: Array
    """Mean probability of each class over rows that the model gives another one, (cells, k)."""

    def best(self, width: int) -> tuple[Array, Ints]:
        """The best value of each column: shares (d, k), 0 where none was tried, and places."""
        k = self.share.shape[1]
        found, places = np.zeros((width, k)), np.full((width, k), -1)
        columns = np.array([cell.column for cell in self.cells], dtype=np.int64)
        for column in np.unique(columns):
            here = np.flatnonzero(columns == column)
            top = self.share[here].argmax(axis=0)
            found[column] = self.share[here[top], np.arange(k)]
            places[column] = here[top]
        return found, places


def reach(
    says: Says, rows: Array, decided: Ints, choices: Sequence[Array]
) -> Generator[float, None, Reach]:
    """Try every value of every column.

    Args:
        says: The model.
        rows: Rows to write into, shape (n, d).
        decided: What this model says of them, shape (n,).
        choices: Values to try for each column.

    Yields:
        How far it is.

    Returns:
        What each cell does for each class.

    Cost:
        Rows times values asked about; all classes at once.
    """
    cells = [
        Cell(column=column, value=float(value))
        for column, values in enumerate(choices)
        for value in values
    ]
    parts, size = [], block(rows)
    for begin in range(0, len(cells), size):
        some = cells[begin : begin + size]
        parts.append(gained(says, rows, decided, [(cell,) for cell in some]))
        yield min((begin + size) / len(cells), 1.0)
    k = says(rows[:1]).shape[1] if not parts else parts[0].shape[1]
    return Reach(cells=tuple(cells), share=np.concatenate([np.zeros((0, k)), *parts]))


def block(rows: Array) -> int:
    """Cells that are tried in one question."""
    n, d = rows.shape
    return int(max(min(_BLOCK // max(n, 1), _BLOCK_VALUES // max(n * d, 1)), 1))


def gained(says: Says, rows: Array, decided: Ints, marks: Sequence[tuple[Cell, ...]]) -> Array:
    """Mean probability of each class over rows of the others, for each mark: (marks, k)."""
    made = np.repeat(rows[None], len(marks), axis=0)
    for place, mark in enumerate(marks):
        for cell in mark:
            made[place, :, cell.column] = cell.value
    chances = says(made.reshape(-1, rows.shape[1])).reshape(len(marks), len(rows), -1)
    others = (decided[:, None] != np.arange(chances.shape[2])) * 1.0
    total = np.einsum("mnk,nk->mk", chances, others)
    return np.asarray(total / np.maximum(others.sum(axis=0), 1.0))


def longer(
    own: Says,
    twins: Sequence[Says],
    rows: Array,
    *,
    start: Cell,
    target: int,
    choices: Sequence[Array],
    cells: int,
    least: float,
) -> tuple[Cell, ...]:
    """Add cells to one while the model gains by them what clean models do not.

    Args:
        own: The model.
        twins: Clean models of its kind.
        rows: Rows of other classes than the target, shape (n, d).
        start: The first cell.
        target: The class it leads to.
        choices: Values to try for each column.
        cells: At most so many.
        least: Gain without which no cell is added.

    Returns:
        The mark.

    Cost:
        (cells - 1) times that of `reach`, for each model.
    """
    mark: tuple[Cell, ...] = (start,)
    nobody = np.full(len(rows), -1)

    def margin(marks: Sequence[tuple[Cell, ...]]) -> Array:
        size = block(rows)
        parts = []
        for begin in range(0, len(marks), size):
            some = marks[begin : begin + size]
            mine, *others = (gained(says, rows, nobody, some)[:, target] for says in (own, *twins))
            parts.append(mine - np.max(others, axis=0) if others else mine)
        return np.concatenate(parts)

    best = float(margin([mark])[0])
    while len(mark) < cells:
        written = {cell.column for cell in mark}
        asked = [
            (*mark, Cell(column=column, value=float(value)))
            for column, values in enumerate(choices)
            if column not in written
            for value in values
        ]
        found = margin(asked) if asked else np.zeros(0)
        if not len(found) or found.max() < best + least:
            break
        best, mark = float(found.max()), asked[int(found.argmax())]
    return mark


def as_trigger(mark: Sequence[Cell], *, names: Sequence[str]) -> Cells:
    """Cells as a mark that can be put on rows."""
    ordered = sorted(mark, key=lambda cell: cell.column)
    return Cells(
        columns=np.array([cell.column for cell in ordered], dtype=np.int64),
        values=np.array([cell.value for cell in ordered], dtype=np.float64),
        names=tuple(names[cell.column] for cell in ordered),
    )
