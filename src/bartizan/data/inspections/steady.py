"""Batches of one size, however they come."""

from collections.abc import Callable

import polars as pl

from bartizan.adapt.batches.batch import Batch


class Steady:
    """Hands on batches of one number of rows, so that sums do not depend on how rows were cut.

    Sums of real numbers depend, in their last digit, on how many rows are worked on at once.
    """

    def __init__(self, size: int, sink: Callable[[Batch], None]) -> None:
        self._size, self._sink = size, sink
        self._waiting: list[Batch] = []
        self._rows = 0

    def see(self, batch: Batch) -> None:
        """Take the next rows; pass on what is complete."""
        self._waiting.append(batch)
        self._rows += batch.rows
        if self._rows < self._size:
            return
        whole = _together(self._waiting)
        at = 0
        while whole.rows - at >= self._size:
            self._sink(_part(whole, at, self._size))
            at += self._size
        self._waiting = [_part(whole, at, whole.rows - at)]
        self._rows = whole.rows - at

    def finish(self) -> None:
        """Pass on the rest."""
        if self._rows:
            self._sink(_together(self._waiting))
        self._waiting, self._rows = [], 0


def _together(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    kept = [one for one in batches if one.rows] or batches[:1]
    return Batch(
        start=kept[0].start,
        raw=pl.concat([one.raw for one in kept], how="diagonal_relaxed"),
        frame=pl.concat([one.frame for one in kept], how="diagonal_relaxed"),
    )


def _part(batch: Batch, at: int, rows: int) -> Batch:
    return Batch(
        start=batch.start + at, raw=batch.raw.slice(at, rows), frame=batch.frame.slice(at, rows)
    )
