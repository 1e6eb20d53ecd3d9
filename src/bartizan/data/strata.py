"""Which rows of a large data set detectors look at: some of every class."""

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Ints

_LEAST = 2
"""Rows of a class that are kept whatever its share: with one, nothing can be compared."""


class Strata:
    """Remembers the class of each row: 9 bytes a row."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._hashes: list[AnyArray] = []
        self._usable: list[AnyArray] = []
        self._first: str | None = None

    def see(self, batch: Batch) -> None:
        """Look at the next rows; pictures that could not be opened have no class."""
        labels = batch.frame[self._target]
        usable = labels.is_not_null().to_numpy().copy()
        if "decoded" in batch.raw.columns:
            usable &= batch.raw["decoded"].to_numpy()
        self._hashes.append(labels.hash().to_numpy())
        self._usable.append(usable)
        if self._first is None and usable.any():
            self._first = str(labels.drop_nulls()[0])

    @property
    def first(self) -> str:
        """Some label; empty where there is none."""
        return self._first or ""

    def codes(self) -> Ints:
        """A number for the class of each row, -1 where it cannot be used; shape (n,)."""
        if not self._hashes:
            return np.empty(0, dtype=np.int64)
        usable = np.concatenate(self._usable)
        made = np.full(len(usable), -1, dtype=np.int64)
        made[usable] = np.unique(np.concatenate(self._hashes)[usable], return_inverse=True)[1]
        return made


def stratified(codes: Ints, *, most: int | None, rng: np.random.Generator) -> Ints:
    """Draw rows so that every class keeps its share.

    Args:
        codes: Class of each row, shape (n,); -1 = the row cannot be used.
        most: Rows that are wanted; none = all.
        rng: Draws.

    Returns:
        Positions, ascending: about `most`, but at least two of every class that has two.

    Example:
        >>> rows = stratified(np.array([0] * 8 + [1] * 2), most=5, rng=np.random.default_rng(0))
        >>> int((rows < 8).sum()), int((rows >= 8).sum())
        (3, 2)
    """
    usable = np.flatnonzero(codes >= 0)
    if most is None or most >= len(usable):
        return usable
    counts = np.bincount(codes[usable])
    wanted = _quotas(counts, most=most)
    order = rng.permutation(usable)
    order = order[np.argsort(codes[order], kind="stable")]
    begins = np.cumsum(counts) - counts
    place = np.arange(len(order)) - np.repeat(begins, counts)
    return np.sort(order[place < np.repeat(wanted, counts)])


def _quotas(counts: Ints, *, most: int) -> Ints:
    """Rows of each class: its share, rounded so that they add up where small ones let them."""
    exact = counts * most / counts.sum()
    wanted = np.maximum(np.minimum(counts, _LEAST), np.floor(exact).astype(np.int64))
    left = most - int(wanted.sum())
    if left > 0:
        wanted[np.argsort(np.floor(exact) - exact, kind="stable")[:left]] += 1
    elif left < 0:  # what small classes got is taken from the largest
        wanted[counts.argmax()] = max(_LEAST, int(wanted[counts.argmax()]) + left)
    return np.minimum(wanted, counts)
