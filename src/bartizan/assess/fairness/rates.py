"""Rates of groups, and the same rates in samples drawn anew from the rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.assess.fairness.partition import Question
from bartizan.core.arrays import Array, Ints
from bartizan.core.groups import Grouping

RATES = (
    "selection-rate",
    "true-positive-rate",
    "false-positive-rate",
    "precision",
    "accuracy",
)
_HELD = 1 << 22
"""Numbers of drawn counts that are held at once: 32 MiB."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Rows that no audit can tell apart, counted: same groups, same class, same decision."""

    counts: Ints
    """Shape (m,)."""
    first: Ints
    """Position of one row of each cell, shape (m,)."""

    @classmethod
    def of(cls, columns: Sequence[Ints]) -> "Cells":
        """Count rows by the values of some columns, each shape (n,) and not negative."""
        code = np.zeros(len(columns[0]), dtype=np.int64)
        for column in columns:
            code = code * (int(column.max(initial=0)) + 1) + column
            _, code = np.unique(code, return_inverse=True)
        _, first, counts = np.unique(code, return_index=True, return_counts=True)
        return cls(counts=counts.astype(np.int64), first=first.astype(np.int64))

    def drawn(self, draws: int, *, rng: np.random.Generator) -> Iterator[Ints]:
        """Counts in samples of as many rows, drawn with replacement: shape (b, m), some at a time.

        Drawing rows and counting them is drawing the counts, a multinomial: the same numbers in a
        thousandth of the time.
        """
        n, step = int(self.counts.sum()), max(_HELD // len(self.counts), 1)
        for start in range(0, draws, step):
            size = min(step, draws - start)
            yield rng.multinomial(n, self.counts / n, size=size)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One way to share rows out into groups, and one question."""

    part: Grouping
    question: Question
    kinds: Ints
    """Of each cell, shape (m,): 4 * group + 2 * (is yes) + (is said to be yes)."""

    @classmethod
    def of(
        cls, part: Grouping, question: Question, *, rows: Ints, y: Ints, decided: Ints
    ) -> "Side":
        """Sort cells, each by one of its rows, into groups, truth and decision."""
        yes, said = question.wanted[y[rows]], question.wanted[decided[rows]]
        kinds = 4 * part.codes[rows] + 2 * yes + said
        return cls(part=part, question=question, kinds=kinds.astype(np.int64))

    def tallied(self, counts: Ints) -> "Tally":
        """Hits and rows of every rate; counts has the shape (b, m)."""
        order = np.argsort(self.kinds, kind="stable")
        found, starts = np.unique(self.kinds[order], return_index=True)
        four = np.zeros((len(counts), 4 * len(self.part.names)), dtype=np.int64)
        four[:, found] = np.add.reduceat(counts[:, order], starts, axis=1)
        spared, alarms, missed, caught = np.moveaxis(four.reshape(len(counts), -1, 4), 2, 0)
        said, yes = alarms + caught, missed + caught
        no = spared + alarms
        n = yes + no
        hits = np.stack([said, caught, alarms, caught, caught + spared], axis=1)
        return Tally(hits=hits, rows=np.stack([n, yes, no, said, n], axis=1))


@dataclass(frozen=True)
class Tally:
    """What rates are made of."""

    hits: Ints
    """Shape (b, rates, groups)."""
    rows: Ints
    """Shape (b, rates, groups)."""

    @property
    def rates(self) -> Array:
        """Shape (b, rates, groups); 0 where there is no row."""
        return np.asarray(self.hits / np.maximum(self.rows, 1))


def drawn(
    sides: Sequence[Side], cells: Cells, *, draws: int, rng: np.random.Generator
) -> list[Tally]:
    """Hits and rows of every side in the same drawn samples.

    Cost:
        draws * (cells + sides * (cells + rates * groups)) numbers.
    """
    parts: list[list[Tally]] = [[] for _ in sides]
    for counts in cells.drawn(draws, rng=rng):
        for side, made in zip(sides, parts, strict=True):
            made.append(side.tallied(counts))
    return [
        Tally(
            hits=np.concatenate([one.hits for one in made]),
            rows=np.concatenate([one.rows for one in made]),
        )
        for made in parts
    ]
