"""What looking for near duplicates finds, whatever the rows are."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Ints
from bartizan.detect.clusters import crowds, joined

_LABEL_SEED = 1
"""Of the hash of labels; any number does, labels are only compared."""


@dataclass(frozen=True, kw_only=True)
class Near:
    """Rows that are copies of others but for small changes."""

    share: float
    """Among different rows, beyond what is expected."""
    looked: int
    """Different rows that were looked at."""
    rows: Ints
    """Their row ids, ascending."""
    twins: Ints
    """For each, the id of a row it is like."""
    divided: AnyArray
    """For each, whether a row that it is like has another label."""
    method: str
    """What was done, in one sentence."""


class Look(Protocol):
    """Looks for near duplicates among rows of one kind."""

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        ...

    def found(self) -> Near:
        """Called once, after the last."""
        ...


def label_hashes(batch: Batch, target: str | None) -> AnyArray:
    """A number for each row's label, 0 where it has none; shape (n,), uint64."""
    if target is None or target not in batch.frame.columns:
        return np.zeros(batch.rows, dtype=np.uint64)
    labels = batch.frame[target]
    hashes = labels.hash(_LABEL_SEED).to_numpy().astype(np.uint64)
    return np.where(labels.is_null().to_numpy(), np.uint64(0), hashes)


def column_hashes(column: pl.Series, *, seed: int) -> AnyArray:
    """A number for each value, shape (n,), uint64."""
    return column.hash(seed).to_numpy().astype(np.uint64)


def different(keys: AnyArray) -> Ints:
    """Positions of the first of all equal keys, ascending."""
    _, first = np.unique(keys, return_index=True)
    found: Ints = np.sort(first).astype(np.int64)
    return found


def of_pairs(
    pairs: tuple[Ints, Ints],
    *,
    rows: Ints,
    labels: AnyArray,
    keep: Ints,
    method: str,
    share: float | None = None,
) -> Near:
    """What near pairs amount to.

    Args:
        pairs: Positions of near things among those kept.
        rows: Ids of all things, shape (n,).
        labels: Of all things, shape (n,).
        keep: Positions of the different things among all, shape (m,).
        method: What was done.
        share: Share beyond what is expected; none = nothing is expected, all in clusters count.
    """
    left, right = pairs
    numbers = joined(left, right, n=len(keep))
    members = crowds(numbers)
    twins, divided = np.zeros(len(keep), np.int64), np.zeros(len(keep), dtype=bool)
    for one, other in ((left, right), (right, left)):
        twins[one] = other
        divided[one] |= labels[keep[one]] != labels[keep[other]]
    return Near(
        share=len(members) / max(len(keep), 1) if share is None else share,
        looked=len(keep),
        rows=rows[keep[members]],
        twins=rows[keep[twins[members]]],
        divided=divided[members],
        method=method,
    )
