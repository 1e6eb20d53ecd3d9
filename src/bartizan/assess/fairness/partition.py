"""Whom an audit compares, and by which question."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bartizan.core.arrays import Ints, Mask
from bartizan.core.groups import Grouping
from bartizan.core.schema import Label


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the rates are about: being said to be of some classes."""

    words: str
    wanted: Mask
    """Shape (k,): which classes count as yes."""


def questions(classes: Sequence[Label], protected: Sequence[int]) -> tuple[Question, ...]:
    """The questions of a model.

    Args:
        classes: Of the model.
        protected: Positions of the classes that the decision is about; empty = nobody said: the
            second of two classes, and each of more against all others.
    """
    named = [list(protected)] if protected else [[1]] if len(classes) == 2 else None
    chosen = named or [[c] for c in range(len(classes))]
    made = []
    for some in chosen:
        wanted = np.zeros(len(classes), dtype=np.bool_)
        wanted[some] = True
        words = " or ".join(repr(str(classes[c])) for c in some)
        made.append(Question(words=words, wanted=wanted))
    return tuple(made)


def crossings(groups: Sequence[Grouping]) -> tuple[Grouping, ...]:
    """Every two columns crossed; combinations that no row has are left out."""
    return tuple(_crossed(one, two) for one, two in combinations(groups, 2))


def _crossed(one: Grouping, two: Grouping) -> Grouping:
    both = one.codes * len(two.names) + two.codes
    found, codes = np.unique(both, return_inverse=True)
    names = tuple(
        f"{one.names[place // len(two.names)]}, {two.names[place % len(two.names)]}"
        for place in found.tolist()
    )
    return Grouping(
        column=f"{one.column} x {two.column}",
        names=names,
        codes=codes.astype(np.int64),
        least=max(one.least, two.least),
    )


def told(part: Grouping, yes: Mask) -> Ints:
    """Rows of each group that are of the class asked for, and that are not: (groups, 2)."""
    counts = np.bincount(part.codes * 2 + ~yes, minlength=2 * len(part.names))
    return counts.reshape(-1, 2).astype(np.int64)
