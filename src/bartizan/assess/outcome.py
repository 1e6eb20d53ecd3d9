"""From blocks to one table of what happened to every attacked row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.assess.block import BlockResult
from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.constraint import within


@dataclass(frozen=True)
class Attacked:
    """All finished rows of one planned item."""

    rows: Ints
    """Positions in the data, shape (n,)."""
    points: Array
    price: Array
    """Infinity where the model held."""
    decided: Ints
    """What the model says about the changed row; -1 where it held."""
    queries: Ints
    needed: Ints
    """Queries until the budget was met; -1 where it never was."""
    lower: Array
    """Proven: nothing cheaper exists; 0 = nothing is proven."""
    vanished: Array
    """Share of gradients that were zero; NaN where none were asked for."""
    rejected: int
    """Claims of the attack that the validator did not confirm."""
    unfinished: Mask | None = None
    """Rows whose proof a time limit ended; none where proofs have no such limit."""

    @classmethod
    def joined(cls, rows: Sequence[Ints], results: Sequence[BlockResult]) -> Self:
        """Put the finished blocks together; crashed ones have no rows."""
        done = [(r, b) for r, b in zip(rows, results, strict=True) if not b.error]
        width = results[0].points.shape[1] if results else 0
        return cls(
            rows=np.concatenate([r for r, _ in done] or [np.zeros(0, dtype=np.int64)]),
            points=np.concatenate([b.points for _, b in done] or [np.zeros((0, width))]),
            price=np.concatenate([b.price for _, b in done] or [np.zeros(0)]),
            decided=np.concatenate([b.decided for _, b in done] or [np.zeros(0, dtype=np.int64)]),
            queries=np.concatenate([b.queries for _, b in done] or [np.zeros(0, dtype=np.int64)]),
            needed=np.concatenate([b.needed for _, b in done] or [np.zeros(0, dtype=np.int64)]),
            lower=np.concatenate([_or(b.lower, 0.0, like=r) for r, b in done] or [np.zeros(0)]),
            vanished=np.concatenate(
                [_or(b.vanished, np.nan, like=r) for r, b in done] or [np.zeros(0)]
            ),
            unfinished=_limited(done),
            rejected=sum(int((b.claimed & ~b.success).sum()) for _, b in done),
        )

    def within(self, budget: float) -> Mask:
        """Rows broken for at most a budget, shape (n,)."""
        return within(self.price, budget)

    def holds(self, budgets: Array) -> Array:
        """Share of the rows that no attack broke for at most each budget; (b,) -> (b,)."""
        return np.asarray((self.price[None] > budgets[:, None]).mean(axis=1))

    def proven(self, budgets: Array) -> Array:
        """Share of the rows that nothing can break for at most each budget; (b,) -> (b,)."""
        return np.asarray((self.lower[None] > budgets[:, None]).mean(axis=1))


def _limited(done: Sequence[tuple[Ints, BlockResult]]) -> Mask | None:
    """Rows of all blocks that a limit ended; none where no block has a limit."""
    if all(block.unfinished is None for _, block in done):
        return None
    return np.concatenate([_or(block.unfinished, 0.0, like=rows) > 0 for rows, block in done])


def _or(values: AnyArray | None, blank: float, *, like: Ints) -> Array:
    return np.full(len(like), blank) if values is None else values
