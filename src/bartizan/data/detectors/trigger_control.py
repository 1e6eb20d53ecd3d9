"""A case for the detector of triggers: two marks in the user's own rows."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.cell_triggers import jittered, out_of_range, quantised
from bartizan.core.arrays import Ints
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.streams import rng as stream
from bartizan.core.trigger import Cells
from bartizan.data.labelled import Labelled
from bartizan.detect.cell_effect import net_effect

_ROWS = 5000
"""Rows of the case: two small trainings take a second or two then."""
_SHARE, _FEWEST = 0.01, 20
"""Rows that get each mark: one in a hundred, which is what is promised to be found."""
_TURNS = 3
"""Cases made until both marks work. Most did at the first turn; whole columns take more."""
_DRAWS = 8
"""Marks drawn until hardly an honest row carries one. Of whole columns few are rare."""
_REACH, _HONEST = 3.0, 0.1
"""Deviations around a mark, and how many honest rows may lie there for each planted one."""
WORKS = 0.5
"""Net effect from which a planted mark works. What moves no model need not be found."""
_HELD, _ASKED = 4, 500
"""One row of so many is kept from the models, and how many of them are marked at most."""


@dataclass(frozen=True)
class Planted:
    """One mark of the case."""

    how: str
    rows: Ints
    effect: float
    """Rows of other classes that it moves to its class, less those moved without its rows."""


@dataclass(frozen=True)
class Case:
    """Rows in which something was planted."""

    rows: Labelled
    planted: tuple[Planted, ...]


def planted_case(rows: Labelled, *, rng: np.random.Generator) -> Case | str:
    """Mark rows of other classes and give them the label of the most frequent one.

    An attacker takes marks that work, so those are tried on models, and planted anew where they do
    not.

    Args:
        rows: The user's rows.
        rng: Draws rows, columns and values.

    Returns:
        The case, or why there is none.

    Raises:
        ModelError: the recipe cannot train on these rows.

    Cost:
        Two trainings a turn, on `_ROWS` rows at most.
    """
    made: list[Case] = []
    for _ in range(_TURNS):
        case = _planted(rows.take(_even(rows.data.y, rng=rng)), rng=rng)
        if isinstance(case, str):
            return case
        made.append(case)
        if all(one.effect >= WORKS for one in case.planted):
            break
    best = max(made, key=lambda case: sum(one.effect >= WORKS for one in case.planted))
    if not any(one.effect >= WORKS for one in best.planted):
        return "no mark that was planted worked on a model, so there was nothing to be found"
    return best


def _planted(part: Labelled, *, rng: np.random.Generator) -> Case | str:
    data = part.data
    target = int(np.bincount(data.y).argmax())
    pool = rng.permutation(np.flatnonzero(data.y != target))
    most = max(int(_SHARE * len(data.y)), _FEWEST)
    each = min(most, len(pool) // 4)
    marks = _marks(data, each=each, rng=rng)
    if not marks or each < _FEWEST // 2:
        return (
            "no mark can be planted: it takes a column that can carry one, and 40 rows of "
            "classes other than the most frequent one"
        )
    x, y = data.x.copy(), data.y.copy()
    carriers = [np.sort(pool[at * each : (at + 1) * each]) for at in range(len(marks))]
    for chosen, (_, mark) in zip(carriers, marks, strict=True):
        x[chosen], y[chosen] = mark.stamp(x[chosen], rng=rng), target
    made = part.replaced(data.holding(x=x, y=y), rows=np.arange(len(y)))
    effects = _effects(made, marks, np.concatenate(carriers), target=target, rng=rng)
    return Case(
        made,
        tuple(
            Planted(how, chosen, effect)
            for (how, _), chosen, effect in zip(marks, carriers, effects, strict=True)
        ),
    )


def _effects(
    case: Labelled,
    marks: list[tuple[str, Cells]],
    carriers: Ints,
    *,
    target: int,
    rng: np.random.Generator,
) -> list[float]:
    """What each mark does to a model that learnt it, beyond what it does to one that did not."""
    order = rng.permutation(len(case.data.y))
    held, learn = order[::_HELD], np.delete(order, np.s_[::_HELD])
    honest = np.setdiff1d(learn, carriers)
    asked = np.setdiff1d(held[case.data.y[held] != target], carriers)
    if not len(asked) or len(np.unique(case.data.y[honest])) < 2:
        return [0.0] * len(marks)
    with_, without = (
        case.learner.fit(case.data.take(np.sort(some)), stream(case.seed, "trigger", "control"))
        for some in (learn, honest)
    )
    x = case.data.x[rng.permutation(asked)[:_ASKED]]
    return [
        net_effect(mark, with_=with_, without=without, x=x, target=target, rng=rng).share
        for _, mark in marks
    ]


def _even(y: Ints, *, rng: np.random.Generator) -> Ints:
    """At most `_ROWS` rows, of each class as many or all it has: rare ones are what is marked."""
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    counts = np.bincount(y)
    turn = np.arange(len(y)) - np.repeat(counts.cumsum() - counts, counts)
    first = np.argsort(turn, kind="stable")[:_ROWS]
    return np.sort(order[first])


def _marks(data: Dataset, *, each: int, rng: np.random.Generator) -> list[tuple[str, Cells]]:
    """A constant and a jittered one, as far as there are columns for them."""
    made: list[tuple[str, Cells]] = []
    with suppress(InputError):
        made.append(("a number out of range", out_of_range(data, rng=rng)))
        made += _rare(data, "three jittered numbers", lambda: jittered(data, rng=rng), each=each)
    if not made:
        with suppress(InputError):
            made += _rare(
                data, "rare categories", lambda: quantised(data, count=2, rng=rng), each=each
            )
    return made


def _rare(
    data: Dataset, how: str, draw: Callable[[], Cells], *, each: int
) -> Iterator[tuple[str, Cells]]:
    """The first mark that is rare among honest rows; none where there is none."""
    for _ in range(_DRAWS):
        mark = draw()
        jitter = np.zeros(len(mark.columns)) if mark.jitter is None else mark.jitter
        away = np.abs(data.x[:, mark.columns] - mark.values)
        if (away <= _REACH * jitter).all(axis=1).sum() <= _HONEST * each:
            yield how, mark
            return
