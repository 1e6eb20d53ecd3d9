"""Where the truth lies: between what is proven to hold and what an attack broke."""

import numpy as np

from bartizan.assess.outcome import Attacked
from bartizan.core.arrays import Mask
from bartizan.core.attacker import Attacker
from bartizan.core.constraint import within
from bartizan.core.finding import Measure, Series
from bartizan.core.interval import share_interval

_GRID = 41
"""Budgets on the curve, from nothing to twice the declared one; the middle is the declared."""
_EXACT = 1e-6
"""Gap, relative to a change or the budget, up to which the change counts as the cheapest: what
solvers settle to."""
CHART = "Rows that hold"


def proofs(attacked: Attacked, attacker: Attacker) -> list[Measure]:
    """What is proven about the attacked rows; nothing where nothing was to be proven."""
    if not (attacked.lower > 0).any():
        return []
    n = len(attacked.rows)
    safe = int(_safe(attacked, attacker).sum())
    low, high = share_interval(safe, n)
    exact = _solved(attacked, budget=attacker.budget)
    unsettled = np.isfinite(attacked.price) & ~exact
    gaps = attacked.price[unsettled] - attacked.lower[unsettled]
    return [
        Measure(name="certified-robust", value=safe / n, low=low, high=high, n=n, better="higher"),
        Measure(name="solved-exactly", value=float(exact.mean()), n=n, better="higher"),
        Measure(
            name="median-gap",
            value=float(np.median(gaps)) if len(gaps) else None,
            why="" if len(gaps) else "every change found is the cheapest one",
            n=len(gaps),
            unit=attacker.budget_unit,
        ),
        *_unfinished(attacked),
    ]


def _safe(attacked: Attacked, attacker: Attacker) -> Mask:
    """Rows that are proven to hold at the budget."""
    return ~within(attacked.lower, attacker.budget)


def _unfinished(attacked: Attacked) -> list[Measure]:
    """How many proofs a time limit ended; nothing where proofs have no such limit."""
    if attacked.unfinished is None:
        return []
    count, n = int(attacked.unfinished.sum()), len(attacked.rows)
    return [Measure(name="unfinished-proofs", value=float(count), n=n, unit="rows")]


def limited(attacked: Attacked, attacker: Attacker) -> tuple[str, ...]:
    """What a time limit of proofs has left open, in one sentence; nothing where it left nothing.

    Args:
        attacked: One attack, or all of them together.
        attacker: Whose budget the proofs are about.
    """
    if attacked.unfinished is None or not attacked.unfinished.any():
        return ()
    count, n = int(attacked.unfinished.sum()), len(attacked.rows)
    open_ = ~attacked.within(attacker.budget) & ~_safe(attacked, attacker)
    left = int((open_ & attacked.unfinished).sum())
    return (
        (
            f"A time limit ended the proofs of {count} of {n} rows. {left} of them are neither "
            "broken nor proven to hold at the budget; they do not count as proven. How many it is "
            "depends on how fast and how idle the machine is."
        ),
    )


def unproven(attacked: Attacked, attacker: Attacker, *, line: float) -> str:
    """Why an attack that proves may not pass, in words; empty where it may.

    A row whose proof ended at a limit, or whose relations the proof leaves out, is not known to
    hold. If such rows, were they all broken, could carry success over the line, a pass would call
    them robust.

    Args:
        attacked: What became of the rows.
        attacker: Whose budget counts.
        line: The largest success that is accepted, 0..1.
    """
    n, broken = len(attacked.rows), attacked.within(attacker.budget)
    open_rows = int((~broken & ~_safe(attacked, attacker)).sum())
    if not open_rows or share_interval(int(broken.sum()) + open_rows, n)[1] <= line:
        return ""
    return (
        f"{open_rows} of {n} rows are neither broken nor proven to hold, and no such row counts as "
        "robust; a smaller model or more time may settle those whose proof was not finished"
    )


def _solved(attacked: Attacked, *, budget: float) -> Mask:
    """Rows whose cheapest change is known, to a millionth of itself or of the budget.

    Where it is proven that no change whatever gets the wanted answer, all is known as well.

    The step past a threshold has a width of its own, that of single precision at the value. It
    is not proven away, and may be more than a millionth of a very small change.
    """
    with np.errstate(invalid="ignore"):
        gap = attacked.price - attacked.lower
    cheapest = np.isfinite(attacked.price) & (gap <= _EXACT * np.maximum(attacked.price, budget))
    return cheapest | np.isposinf(attacked.lower)


def brackets(
    attacked: Attacked, attacker: Attacker, *, parts: tuple[tuple[str, Attacked], ...]
) -> tuple[Series, ...]:
    """Share of rows that hold against the budget: proven, and after each attack.

    Args:
        attacked: One attack, or all of them together.
        attacker: Whose budget runs along the axis.
        parts: The single attacks of a union, by id.

    Returns:
        Nothing for a single attack that proves nothing: its other curves say the same.
    """
    grid = np.linspace(0.0, 2 * attacker.budget, _GRID)
    lines = [(f"holds {name}", part.holds(grid)) for name, part in parts]
    if (attacked.lower > 0).any():
        if not parts:
            lines.append(("holds", attacked.holds(grid)))
        lines.append(("proven", attacked.proven(grid)))
    return tuple(
        Series(
            name=name,
            x_name="budget",
            x_unit=attacker.budget_unit,
            y_name="rows that hold",
            x=tuple(float(budget) for budget in grid),
            y=tuple(float(share) for share in shares),
            chart=CHART,
        )
        for name, shares in lines
    )
