"""How well a copy agrees with the model it was made of, with 95 % intervals."""

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.finding import Better, Measure
from bartizan.core.interval import share_interval

_DRAWS = 20_000
"""Random draws behind an interval: the ends are then stable to three digits."""
_PRIOR = 0.5
"""Jeffreys' prior, whose intervals cover close to 95 % for few rows too."""
_ENDS = (0.025, 0.975)


def agreement(name: str, agree: Mask, *, better: Better = "lower") -> Measure:
    """The share of rows on which two models decide alike."""
    n, hits = len(agree), int(agree.sum())
    if not n:
        return Measure(name=name, value=None, why="there are no such rows")
    low, high = share_interval(hits, n)
    return Measure(name=name, value=hits / n, low=low, high=high, n=n, better=better)


def above_floor(agree: Mask, usual: Mask, *, rng: np.random.Generator) -> Measure:
    """What a copy gets right beyond what a constant answer gets right.

    (fidelity - floor) / (1 - floor), where the floor is the share of the model's commonest
    decision: 0 = no better than a constant, 1 = a perfect copy, below 0 = worse than constant.
    It is 1 minus the rows on which the copy differs, for each row with another decision than
    the commonest; both counts come from the same rows, and the interval takes that into account.

    Args:
        agree: Whether copy and model decide alike, shape (n,).
        usual: Whether the model decides for its commonest class, shape (n,).
        rng: For the interval.

    Source:
        The interval is that of a ratio of multinomial shares under Jeffreys' prior: Agresti and
        Hitchcock (2005), "Bayesian inference for categorical data analysis", section 2.
    """
    name = "fidelity-above-floor"
    if usual.all():
        why = "the model decides all these rows alike, so there is nothing to tell a copy by"
        return Measure(name=name, value=None, why=why)
    value = 1 - (~agree).sum() / (~usual).sum()
    cells = [~agree & ~usual, ~agree & usual, agree & ~usual, agree & usual]
    missed, false, caught, _ = _shares(cells, rng)
    low, high = np.quantile(1 - (missed + false) / (missed + caught), _ENDS)
    return Measure(
        name=name,
        value=float(value),
        low=float(min(low, value)),
        high=float(max(high, value)),
        n=len(agree),
    )


def lost(name: str, full: Mask, less: Mask, *, rng: np.random.Generator) -> Measure:
    """How much less a thief agrees who is told less, on the same rows.

    Args:
        name: Of the measure.
        full: Whether the better informed thief's copy agrees, shape (n,).
        less: The same for the other one.
        rng: For the interval.
    """
    cells = [full & ~less, less & ~full, full == less]
    more, fewer, _ = _shares(cells, rng)
    low, high = np.quantile(more - fewer, _ENDS)
    value = float(full.mean() - less.mean())
    return Measure(
        name=name,
        value=value,
        low=float(min(low, value)),
        high=float(max(high, value)),
        n=len(full),
        better="higher",
    )


def _shares(cells: list[Mask], rng: np.random.Generator) -> Array:
    """Draws of the true shares of cells that share out the rows, shape (cells, draws)."""
    counts = np.array([cell.sum() for cell in cells])
    return np.asarray(rng.dirichlet(counts + _PRIOR, _DRAWS).T)


def best_of(agree: Mask) -> Mask:
    """The agreement of the best of several copies, without the luck of having been chosen.

    Which copy is best is found out on every other row, and measured on the rows between.

    Args:
        agree: One row a copy, shape (copies, n); rows of the data are in random order.

    Returns:
        Shape (n,).
    """
    even = np.arange(agree.shape[1]) % 2 == 0
    if agree.shape[1] < 2:
        return agree[0]
    by_odd, by_even = (int(agree[:, part].mean(axis=1).argmax()) for part in (~even, even))
    return np.where(even, agree[by_odd], agree[by_even])
