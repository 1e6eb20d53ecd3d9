"""Rows in blocks of one size, however they came."""

import polars as pl

_CELLS = 1 << 21
"""Values of a block: 16 MiB of numbers, more than enough for each call to be worth its overhead."""
_ROWS = 1 << 16


class Recut:
    """Collects rows until a block is full.

    Sums of floating-point numbers depend on the order of addition. Blocks that begin at multiples
    of one number of rows give the same sums whatever the batches were.
    """

    def __init__(self, columns: int) -> None:
        self._size = max(256, min(_ROWS, _CELLS // max(columns, 1)))
        self._parts: list[pl.DataFrame] = []
        self._held = 0

    def see(self, frame: pl.DataFrame) -> list[pl.DataFrame]:
        """Take the next rows; the blocks that are full now."""
        self._parts.append(frame)
        self._held += frame.height
        if self._held < self._size:
            return []
        whole = pl.concat(self._parts)
        full = whole.height // self._size
        blocks = [whole.slice(i * self._size, self._size) for i in range(full)]
        rest = whole.slice(full * self._size)
        self._parts, self._held = ([rest] if rest.height else []), rest.height
        return blocks

    def rest(self) -> list[pl.DataFrame]:
        """The last block, if a row is left."""
        return [pl.concat(self._parts)] if self._parts else []
