"""The numbers of one attack: success, what is left of the model, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bartizan.assess.outcome import Attacked
from bartizan.assess.rows import Clean
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker
from bartizan.core.finding import Measure, Series
from bartizan.core.interval import share_interval

_GRID = 21
"""Budgets on the curve, from nothing to twice the declared one; the middle is the declared."""


@dataclass(frozen=True)
class Standing:
    """How good the model is, seen from the protected classes."""

    accuracy: float
    recall: float
    precision: float | None
    """None where nothing is decided as a protected class."""


def standing(confusion: Array, protected: Ints) -> Standing:
    """Accuracy, and recall and precision averaged over the protected classes that occur.

    Args:
        confusion: Rows of class i decided as j, shape (k, k); shares of rows are fine.
        protected: Protected classes.
    """
    occurring = [c for c in protected if confusion[c].sum() > 0]
    named = [c for c in occurring if confusion[:, c].sum() > 0]
    precisions = [confusion[c, c] / confusion[:, c].sum() for c in named]
    return Standing(
        accuracy=float(np.trace(confusion) / confusion.sum()),
        recall=float(np.mean([confusion[c, c] / confusion[c].sum() for c in occurring])),
        precision=float(np.mean(precisions)) if precisions else None,
    )


def unseen(clean: Clean, attacked: Attacked, protected: Ints) -> Ints:
    """Protected classes that the attack says nothing about: right rows, none of them attacked.

    There are such classes where there are more classes than attacked rows, and where a run ends
    early. A class without a right row is none of them: it is lost already.
    """
    right = clean.confusion.diagonal()[protected] > 0
    return protected[right & ~np.isin(protected, clean.y[attacked.rows])]


def seen(clean: Clean, attacked: Attacked, protected: Ints) -> Clean:
    """The same answers without the rows of classes that the attack says nothing about."""
    confusion = clean.confusion.copy()
    confusion[unseen(clean, attacked, protected)] = 0.0
    return replace(clean, confusion=confusion)


def under_attack(clean: Clean, attacked: Attacked, budget: float) -> Array:
    """The confusion matrix expected when every protected row is attacked with a budget.

    The attacked rows are a sample of the correctly classified ones of each class: the share of
    them that is moved to another class is applied to all of that class. Classes that were not
    attacked stay as they are: see `seen`.

    Returns:
        Shape (k, k).
    """
    confusion = clean.confusion.copy()
    broken = attacked.within(budget)
    classes = clean.y[attacked.rows]
    for c in np.unique(classes):
        sampled = classes == c
        moved = np.bincount(attacked.decided[sampled & broken], minlength=len(confusion))
        shift = clean.confusion[c, c] * moved / sampled.sum()
        confusion[c] += shift
        confusion[c, c] -= shift.sum()
    return confusion


def measures(
    clean: Clean, attacked: Attacked, attacker: Attacker, protected: Ints
) -> list[Measure]:
    """Every measure of one attack, without the classes it did not get to; the first decides."""
    clean = seen(clean, attacked, protected)
    budget = attacker.budget
    broken = attacked.within(budget)
    hits, n = int(broken.sum()), len(broken)
    low, high = share_interval(hits, n)
    after = standing(under_attack(clean, attacked, budget), protected)
    before = standing(clean.confusion, protected)
    found = [
        Measure(name="attack-success", value=hits / n, low=low, high=high, n=n),
        *_pair("accuracy", after.accuracy, before.accuracy, n=n),
        *_pair("recall", after.recall, before.recall, n=n),
        *_pair("precision", after.precision, before.precision, n=n),
        _median("median-price", attacked.price[broken], unit=attacker.budget_unit),
        _median("median-queries", attacked.needed[broken].astype(float), unit="queries"),
    ]
    found.append(
        Measure(
            name="unconfirmed-claims",
            value=float(attacked.rejected),
            n=n,
            unit="rows",
        )
    )
    return found


def _pair(name: str, after: float | None, before: float | None, *, n: int) -> list[Measure]:
    """A share under attack and without."""
    why = "the model decides no row as a protected class"
    return [
        Measure(
            name=f"{prefix}-{name}",
            value=value,
            why="" if value is not None else why,
            n=n,
            better="higher",
        )
        for prefix, value in (("robust", after), ("clean", before))
    ]


def _median(name: str, values: Array, *, unit: str) -> Measure:
    if not len(values):
        why = "no row was broken within the budget"
        return Measure(name=name, value=None, why=why, unit=unit, better="higher")
    return Measure(
        name=name, value=float(np.median(values)), n=len(values), unit=unit, better="higher"
    )


def curves(
    clean: Clean, attacked: Attacked, attacker: Attacker, protected: Ints
) -> tuple[Series, ...]:
    """What is left of the model against the attacker's budget and against their questions."""
    clean = seen(clean, attacked, protected)
    grid = [float(budget) for budget in np.linspace(0, 2 * attacker.budget, _GRID)]
    stands = [standing(under_attack(clean, attacked, budget), protected) for budget in grid]
    unit = attacker.budget_unit
    made = (
        _by_budget("recall", [s.recall for s in stands], grid=grid, unit=unit),
        _by_budget("accuracy", [s.accuracy for s in stands], grid=grid, unit=unit),
        _by_budget("precision", [s.precision for s in stands], grid=grid, unit=unit),
    )
    return (*made, *_by_queries(attacked, attacker.budget))


def _by_budget(
    name: str, values: Sequence[float | None], *, grid: Sequence[float], unit: str
) -> Series:
    """One curve; budgets at which the number is undefined are left out."""
    known = [(x, y) for x, y in zip(grid, values, strict=True) if y is not None]
    return Series(
        name=f"robust-{name}",
        x_name="budget",
        x_unit=unit,
        y_name=name,
        x=tuple(x for x, _ in known),
        y=tuple(y for _, y in known),
    )


def _by_queries(attacked: Attacked, budget: float) -> tuple[Series, ...]:
    """Share of rows broken against questions asked.

    Nothing where none was broken, or where all took as many questions: a single point is no
    curve, and the median says it already.
    """
    broken = attacked.within(budget) & (attacked.needed >= 0)
    asked = np.sort(attacked.needed[broken])
    if not asked.size or asked[0] == asked[-1]:
        return ()
    picks = np.unique(np.linspace(0, len(asked) - 1, _GRID).astype(int))
    return (
        Series(
            name="success-by-queries",
            x_name="questions per row",
            x_unit="queries",
            y_name="attack success",
            x=tuple(float(asked[i]) for i in picks),
            y=tuple(float((i + 1) / len(attacked.rows)) for i in picks),
        ),
    )
