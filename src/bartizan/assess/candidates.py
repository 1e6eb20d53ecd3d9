"""Rows whose membership is in question: as many that trained the model as did not."""

import hashlib
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Mask
from bartizan.core.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Rows in question, and rows that shadow models may be trained on beside them."""

    rows: Dataset
    """First the members, then as many others; no two of them alike."""
    member: Mask
    """Shape (n,)."""
    spare: Dataset
    """Rows not in question, and not alike any that is."""
    size: int
    """Rows that the model in question was trained on."""
    doubles: int
    """Rows of either side that stand on the other side too: they count for neither."""

    @property
    def each(self) -> int:
        """Rows on each side."""
        return len(self.rows.y) // 2

    @property
    def trained(self) -> int:
        """Rows that each shadow model is trained on: as many as the model, if there are enough."""
        return self.each + min(self.size - self.each, len(self.spare.y))

    def training(self, inside: Mask, *, rng: np.random.Generator) -> Dataset:
        """Rows for one shadow model.

        Args:
            inside: Which of the rows in question are among them, half of them; shape (n,).
            rng: Picks the others.
        """
        more = rng.permutation(len(self.spare.y))[: self.trained - self.each]
        return _joined(self.rows.take(np.flatnonzero(inside)), self.spare.take(np.sort(more)))


def candidates(
    train: Dataset, data: Dataset, *, limit: int, rng: np.random.Generator
) -> Candidates:
    """Draw equally many rows from both sides.

    A row that stands on both sides is neither in nor out, so it is left out of the question. Of
    equal rows on one side only one is in question, and the others train no shadow model: it
    would see a row that it is taken not to have seen.

    Args:
        train: Rows the model was trained on.
        data: Rows it was not trained on, of the same columns and classes.
        limit: Rows in question at most, on each side.
        rng: Draws them.
    """
    keys, others = row_keys(train.x), row_keys(data.x)
    both = np.isin(keys, others), np.isin(others, keys)
    usable = _first(keys) & ~both[0], _first(others) & ~both[1]
    each = min(limit, *(int(side.sum()) for side in usable))
    picked = [
        np.sort(rng.choice(np.flatnonzero(side), each, replace=False)).astype(np.int64)
        for side in usable
    ]
    asked = np.concatenate([keys[picked[0]], others[picked[1]]])
    spare = [
        np.flatnonzero(~np.isin(keys, asked)),
        np.flatnonzero(~np.isin(others, asked) & ~both[1]),
    ]
    return Candidates(
        rows=_joined(train.take(picked[0]), data.take(picked[1])),
        member=np.arange(2 * each) < each,
        spare=_joined(train.take(spare[0]), data.take(spare[1])),
        size=len(train.y),
        doubles=int(both[0].sum() + both[1].sum()),
    )


def _joined(first: Dataset, second: Dataset) -> Dataset:
    """Rows of two data sets of one schema; their ids are new."""
    n = len(first.y) + len(second.y)
    return first.holding(
        x=np.concatenate([first.x, second.x]),
        y=np.concatenate([first.y, second.y]),
        ids=np.arange(n),
    )


def _first(keys: AnyArray) -> Mask:
    """Whether no equal row stands before, shape (n,)."""
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def row_keys(x: Array) -> AnyArray:
    """Sixteen bytes for each row, equal where rows are equal; missing equals missing."""
    plain = x + 0.0  # minus zero is zero
    plain[np.isnan(plain)] = np.nan
    made = [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in plain]
    return np.array(made, dtype="S16")
