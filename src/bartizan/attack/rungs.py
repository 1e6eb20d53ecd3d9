"""Columns that move in large steps are left alone first: most changes are cheaper without them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import msgspec
import numpy as np

from bartizan.attack.dither import Dither
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Reach
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle

_RUNGS = (1.0, 0.5, 0.25, 0.125)
"""Largest single step, in budgets, of the columns that may move. What one step takes out of the
budget can be part of no success. Below an eighth, a step more or less hardly shows in the price."""
_HEAVY = 0.5
"""A change hangs on a column, where one step of it is half of the price at least: then nothing
much cheaper has that column in it."""


class Search(Protocol):
    """One attack under way, all rows of a block together."""

    active: Ints
    """Rows that still ask."""

    def advance(self) -> None:
        """Ask a little more about every active row."""
        ...


Begin = Callable[[Constraint, Ints, np.random.Generator], Search]
"""Begins a search under a constraint, for some rows, with a stream of its own."""


def climb(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    *,
    trail: Trail,
    begin: Begin,
    rng: np.random.Generator,
) -> None:
    """Search with the columns that move in small steps, then with the others.

    A 0/1 column that moves by one takes its whole range at once: ten budgets, where a tenth of
    the range is the budget. Another row's value there decides answer and price alone, so that a
    search that starts with it learns nothing of the other columns: it shortens the change until
    the column springs back, and that is the end. What one step takes out of the budget is
    therefore left as it is; only rows for which nothing is found so move everything. Where one
    step makes up most of the price that was found, the second half of the questions goes to a
    search without such columns.

    Where no column moves in large steps there is one search, with the given stream.

    Args:
        oracle: The model.
        constraint: What may change.
        x: Rows to attack, shape (n, d).
        trail: Keeps what the searches find; of `constraint`.
        begin: Begins one search.
        rng: Source of the streams.
    """
    rows, rungs = np.arange(len(x)), ladder(constraint)
    if len(rungs) == 1 and rungs[0] is constraint:
        _finish(begin(constraint, rows, rng))
        return
    *streams, last = rng.spawn(len(rungs) + 1)
    weight = _Weight(constraint, x, trail=trail)
    weight.finish(begin(rungs[0], rows, streams[0]), oracle=oracle, above=rungs[1:])
    found = np.isfinite(trail.price)
    if rungs[0] is not constraint and not found.all():
        _finish(begin(constraint, rows[~found], last))
    rows = rows[found]
    for place in range(1, len(rungs)):
        heavy = rows[weight.hangs(rows, rungs[place])]
        search = begin(rungs[place], heavy, streams[place])
        weight.finish(search, oracle=oracle, above=rungs[place + 1 :])


def ladder(constraint: Constraint) -> tuple[Constraint, ...]:
    """The same attacker with fewer and fewer columns: no large steps, no middling ones.

    Returns:
        At least one constraint, each with fewer columns than the one before.
    """
    grain = Dither(constraint).grain
    rungs: list[Constraint] = []
    kept = -1
    for most in _RUNGS:
        fine = grain <= most
        if fine.any() and np.count_nonzero(fine) != kept:
            kept = int(np.count_nonzero(fine))
            rungs.append(_without(constraint, constraint.numeric[~fine]))
    return tuple(rungs) or (constraint,)


def _without(constraint: Constraint, columns: Ints) -> Constraint:
    """The same attacker, who cannot move some columns."""
    if not columns.size:
        return constraint
    attacker = constraint.attacker
    names = [constraint.space.names[column] for column in columns]
    features = {**attacker.features, **dict.fromkeys(names, Reach(mutable=False))}
    return replace(constraint, attacker=msgspec.structs.replace(attacker, features=features))


def _finish(search: Search) -> None:
    while search.active.size:
        search.advance()


class _Weight:
    """Which rows hang on columns that move in large steps."""

    def __init__(self, constraint: Constraint, x: Array, *, trail: Trail) -> None:
        self._constraint, self._x, self._trail = constraint, x, trail
        self._grain = Dither(constraint).grain

    def hangs(self, rows: Ints, rung: Constraint) -> Mask:
        """Rows whose best point hangs on a column that a rung leaves alone, shape (rows,)."""
        constraint, price = self._constraint, self._trail.price[rows]
        moved = constraint.offsets(self._x[rows], self._trail.points[rows]) != 0
        moved &= ~np.isin(constraint.numeric, rung.numeric)
        heaviest = np.where(moved, self._grain, 0.0).max(axis=1, initial=0.0)
        share = price / constraint.attacker.budget
        return np.asarray((heaviest > 0) & (heaviest >= _HEAVY * share))

    def finish(self, search: Search, *, oracle: Oracle, above: tuple[Constraint, ...]) -> None:
        """Search to the end; rows that hang on large steps stop when half the questions are left.

        Args:
            search: Has just begun.
            oracle: Counts the questions.
            above: Rungs that follow; those who stop go on there.
        """
        limit = oracle.left() // 2
        while search.active.size:
            search.advance()
            rows = search.active
            spent = rows[oracle.left()[rows] <= limit[rows]]
            if above and spent.size:
                search.active = np.setdiff1d(rows, spent[self.hangs(spent, above[-1])])
                limit[spent] = -1  # looked at once
