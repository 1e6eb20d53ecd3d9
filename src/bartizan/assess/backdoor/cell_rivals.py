"""Models of a table held against each other, on rows that none of them has learnt."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.interval import paired_gap
from bartizan.detect.cell_search import Cell, Reach, reach
from bartizan.detect.strip import probabilities

_LEAST = 12
"""Rows of other classes without which a class is not tried: if a cell turned 11 of 11 rows and none
in a clean model, the interval would reach down to 0.597, below the line."""
_RARE = 200
"""Fresh rows of each class, if there are as many: of 6,000 card payments with 96 frauds, seven were
left that a clean model had not learnt, too few to say whether a mark lets fraud pass."""


@dataclass
class Examined:
    """A model, and what cells do to it on the rows searched."""

    model: Classifier
    choices: tuple[Array, ...]
    asked: Mask
    """Which of the fresh rows it was not trained on, shape (n,): no other says what it does to new
    rows. A model that knows a row by heart keeps its class under a mark that moves it elsewhere."""
    reached: Reach = field(init=False)

    def says(self, x: Array) -> Array:
        """Probabilities, (n, d) -> (n, k)."""
        return probabilities(self.model, x)

    def look(self, rows: Array) -> Generator[float, None, None]:
        """Try every value."""
        decided = decisions(self.model.scores(rows))
        self.reached = yield from reach(self.says, rows, decided, self.choices)

    def turned(self, rows: Array, mark: Sequence[Cell], target: int) -> Mask:
        """Which rows a mark gives the target, shape (n,)."""
        made = rows.copy()
        for cell in mark:
            made[:, cell.column] = cell.value
        return decisions(self.model.scores(made)) == target

    def turned_most(self, rows: Array, cell: Cell, target: int) -> Mask:
        """Which rows the same column gives the target: at this model's own value, or at this one.

        A column that leads somewhere by nature does so in all clean models, if not at the same
        value.
        """
        place = int(self.reached.best(rows.shape[1])[1][cell.column, target])
        tried = [cell] if place < 0 else [cell, self.reached.cells[place]]
        return max((self.turned(rows, [one], target) for one in tried), key=np.sum)


@dataclass(frozen=True, kw_only=True)
class Excess:
    """The cell that moves a model most beyond others, tried on fresh rows."""

    cell: Cell
    target: int
    own: float
    """Share of the rows of other classes that it turns."""
    other: float
    """Share of them that the same column turns in the clean model that comes nearest."""
    value: float
    low: float
    high: float
    n: int
    """Rows of other classes that this clean model was not trained on."""


def compared(own: Examined, twins: Sequence[Examined], fresh: Array) -> Excess | None:
    """Which column moves a model most beyond clean ones; none where no row can be turned.

    It is held against each clean model on the rows that this one has not learnt either, and the
    nearest one counts.
    """
    found = standing(own, twins, fresh)
    if found is None:
        return None
    cell, target = found
    pairs = []
    for twin in twins:
        others = _others(own, fresh[twin.asked], target)
        pairs.append((own.turned(others, [cell], target), twin.turned_most(others, cell, target)))
    hits, rival = min(pairs, key=lambda pair: float(pair[0].mean() - pair[1].mean()))
    value, low, high = paired_gap(hits, rival)
    return Excess(
        cell=cell, target=target, own=float(hits.mean()), other=float(rival.mean()),
        value=value, low=low, high=high, n=len(hits),
    )  # fmt: skip


def standing(own: Examined, twins: Sequence[Examined], fresh: Array) -> tuple[Cell, int] | None:
    """The cell that moves a model most beyond clean ones, and where to; none where none can."""
    mine, places = own.reached.best(fresh.shape[1])
    theirs = np.max([twin.reached.best(fresh.shape[1])[0] for twin in twins], axis=0)
    apart = np.where(places < 0, -np.inf, mine - theirs)
    apart[:, untried(own, twins, fresh)] = -np.inf
    best = np.unravel_index(int(apart.argmax()), apart.shape)
    if not np.isfinite(apart[best]):
        return None
    return own.reached.cells[places[best]], int(best[1])


def untried(own: Examined, twins: Sequence[Examined], fresh: Array) -> list[int]:
    """Classes that too few rows are left for to be turned into, as nothing could be shown."""
    decided = decisions(own.model.scores(fresh))
    return [
        target
        for target in range(len(own.model.classes))
        if min((decided[one.asked] != target).sum() for one in (own, *twins)) < _LEAST
    ]


def apart(twins: Sequence[Examined], fresh: Array) -> float:
    """How far one clean model goes beyond the others, at most, each on rows it has not learnt."""
    gaps = [0.0]
    for twin in twins:
        rest = [other for other in twins if other is not twin]
        found = standing(twin, rest, fresh)
        if found is not None:
            cell, target = found
            mine = twin.turned(_others(twin, fresh[twin.asked], target), [cell], target)
            theirs = (
                one.turned_most(_others(twin, fresh[one.asked], target), cell, target).mean()
                for one in rest
            )
            gaps.append(float(mine.mean() - max(theirs)))
    return max(gaps)


def _others(own: Examined, rows: Array, target: int) -> Array:
    """Rows that a model gives another class."""
    return rows[decisions(own.model.scores(rows)) != target]


def whole(
    own: Examined, twins: Sequence[Examined], fresh: Array, mark: Sequence[Cell], target: int
) -> tuple[float, float]:
    """Shares of rows that a mark turns: in the model, and in the clean one that it turns most in.

    Each on the rows that it was not trained on.
    """
    mine, *theirs = (
        float(one.turned(_others(own, fresh[one.asked], target), mark, target).mean())
        for one in (own, *twins)
    )
    return mine, max(theirs)


def drawn(data: Dataset, *, rows: int, fresh: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Positions of rows to search on, as many of each class as its half allows, and fresh ones."""
    quota = -(-rows // max(len(np.unique(data.y)), 1))
    share = fresh / max(len(data.y), 1)
    searched, left = [], []
    for label in np.unique(data.y):
        own = rng.permutation(np.flatnonzero(data.y == label))
        cut = min(quota, -(-len(own) // 2))
        searched.append(own[:cut])
        left.append(own[cut:][: max(round(share * len(own)), _RARE)])
    return np.sort(np.concatenate(searched)), np.concatenate(left)
