"""Collects the places in the data that an inspection points at."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.core.entry import FLAGGED
from bartizan.core.finding import Flagged
from bartizan.core.schema import Schema

_LONGEST = 80
"""Characters of a value that are shown: a line of a report."""


def hidden(schema: Schema) -> frozenset[str]:
    """Columns whose values no report shows: personal data, and what names a row."""
    return frozenset(one.name for one in schema.features if one.personal or one.identifier)


class Places:
    """Rows and cells that are wrong, whatever batches they came in.

    Of each column the first `FLAGGED` cells are kept, and the id of every wrong row: 8 bytes for
    each row that is wrong, none for one that is not.
    """

    def __init__(self, *, hide: Iterable[str] = ()) -> None:
        self._hide = frozenset(hide)
        self._first: dict[str, list[Flagged]] = {}
        self._rows: list[Ints] = []
        self.by_column: Counter[str] = Counter()
        """Wrong cells of each column."""

    def add(
        self,
        batch: Batch,
        wrong: Mapping[str, pl.Series],
        *,
        why: Callable[[str, str], str],
    ) -> None:
        """Note the wrong cells of one batch.

        Args:
            batch: The rows.
            wrong: By column, which cells are wrong: Boolean, shape (n,).
            why: What is wrong with a cell, from its column and its value; the value is empty
                where it must not be shown.
        """
        rows = np.zeros(batch.rows, dtype=np.bool_)
        for column, mask in wrong.items():
            at = mask.fill_null(value=False).arg_true().to_numpy()
            if not len(at):
                continue
            rows[at] = True
            self.by_column[column] += len(at)
            self._keep(batch, column, at=at, why=why)
        self.rows(np.flatnonzero(rows) + batch.start)

    def rows(self, ids: Ints) -> None:
        """Note wrong rows by their ids."""
        if len(ids):
            self._rows.append(ids.astype(np.int64))

    def cell(self, row: int | None, *, column: str = "", why: str) -> None:
        """Note one place without a value: a row as a whole, or a column."""
        kept = self._first.setdefault(column or why, [])
        if len(kept) < FLAGGED:
            kept.append(Flagged(row=row, column=column, why=why))

    def _keep(self, batch: Batch, column: str, *, at: Ints, why: Callable[[str, str], str]) -> None:
        kept = self._first.setdefault(column, [])
        for place in at[: FLAGGED - len(kept)]:
            value = "" if column in self._hide else _spelled(batch, column, at=int(place))
            row = batch.start + int(place)
            kept.append(Flagged(row=row, column=column, value=value, why=why(column, value)))

    @property
    def flagged(self) -> tuple[Flagged, ...]:
        """The first places, so chosen that every column has its turn, in the order of the rows."""
        turns = [(turn, one) for kept in self._first.values() for turn, one in enumerate(kept)]
        turns.sort(key=lambda pair: (pair[0], _order(pair[1])))
        return tuple(sorted((one for _, one in turns[:FLAGGED]), key=_order))

    @property
    def ids(self) -> Ints | None:
        """Ids of all wrong rows, ascending and each once; none if there are none."""
        if len(self._rows) > 1:
            self._rows = [np.unique(np.concatenate(self._rows))]
        return self._rows[0] if self._rows else None

    @property
    def wrong_rows(self) -> int:
        """Rows with at least one wrong cell."""
        return 0 if self.ids is None else len(self.ids)


def _order(place: Flagged) -> tuple[int, str]:
    return (-1 if place.row is None else place.row, place.column)


def _spelled(batch: Batch, column: str, *, at: int) -> str:
    """A cell as the source spells it; empty where nothing stands there."""
    cells = batch.raw.get_column(column, default=None)
    if cells is None:
        cells = batch.frame.get_column(column, default=None)
    value = None if cells is None else cells[at]
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
