"""A case for the detector of triggers: two marks in the user's own rows."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.cell_triggers import jittered, out_of_range, quantised
from bartizan.core.arrays import Ints
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.trigger import Trigger
from bartizan.data.labelled import Labelled

_ROWS = 5000
"""Rows of the case: two small trainings take a second or two then."""
_SHARE, _FEWEST = 0.01, 20
"""Rows that get each mark: one in a hundred, which is what is promised to be found."""


@dataclass(frozen=True)
class Planted:
    """One mark of the case."""

    how: str
    rows: Ints


@dataclass(frozen=True)
class Case:
    """Rows in which something was planted."""

    rows: Labelled
    planted: tuple[Planted, ...]


def planted_case(rows: Labelled, *, rng: np.random.Generator) -> Case | str:
    """Mark rows of other classes and give them the label of the most frequent one.

    Args:
        rows: The user's rows.
        rng: Draws rows, columns and values.

    Returns:
        The case, or why there is none.
    """
    part = rows.take(_even(rows.data.y, rng=rng))
    data = part.data
    target = int(np.bincount(data.y).argmax())
    pool = rng.permutation(np.flatnonzero(data.y != target))
    marks = _marks(data, rng=rng)
    each = min(max(int(_SHARE * len(data.y)), _FEWEST), len(pool) // (2 * max(len(marks), 1)))
    if not marks or each < _FEWEST // 2:
        return (
            "no mark can be planted: it takes a column that can carry one, and 40 rows of "
            "classes other than the most frequent one"
        )
    x, y, planted = data.x.copy(), data.y.copy(), []
    for number, (how, trigger) in enumerate(marks):
        chosen = np.sort(pool[number * each : (number + 1) * each])
        x[chosen], y[chosen] = trigger.stamp(x[chosen], rng=rng), target
        planted.append(Planted(how, chosen))
    made = Dataset(
        name=data.name,
        x=x,
        y=y,
        classes=data.classes,
        ids=data.ids,
        schema=data.schema,
        digest=data.digest,
    )
    return Case(part.replaced(made, rows=np.arange(len(y))), tuple(planted))


def _even(y: Ints, *, rng: np.random.Generator) -> Ints:
    """At most `_ROWS` rows, of each class as many or all it has: rare ones are what is marked."""
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    counts = np.bincount(y)
    turn = np.arange(len(y)) - np.repeat(counts.cumsum() - counts, counts)
    first = np.argsort(turn, kind="stable")[:_ROWS]
    return np.sort(order[first])


def _marks(data: Dataset, *, rng: np.random.Generator) -> list[tuple[str, Trigger]]:
    """A constant and a jittered one, as far as there are columns for them."""
    made: list[tuple[str, Trigger]] = []
    with suppress(InputError):
        made.append(("a number out of range", out_of_range(data, rng=rng)))
        made.append(("three jittered numbers", jittered(data, rng=rng)))
    if not made:
        with suppress(InputError):
            made.append(("rare categories", quantised(data, count=2, rng=rng)))
    return made
