"""Unlearning: show the network marked rows with their true labels, until the mark means nothing."""

import math

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Tunable
from bartizan.core.dataset import Dataset
from bartizan.core.errors import UsageError
from bartizan.core.trigger import Trigger

SHARE = 0.2
"""Of the rows that get the mark, as in the paper: enough to be learnt, too few to be expected."""
SEEN = 10_000
"""Rows shown in all. One pass over 6,000 rows was enough in the paper; one pass over 250 rows of
digits left 87 % of a mark's success of 97 %, 40 passes left 4 % at no loss of accuracy."""


def unlearnt(
    model: Tunable,
    data: Dataset,
    trigger: Trigger,
    *,
    rng: np.random.Generator,
    share: float = SHARE,
    rounds: int | None = None,
) -> Tunable:
    """Train a copy further on rows of which some carry the mark and all have their true label.

    Args:
        model: The network that answers to the mark.
        data: Rows whose labels are believed, 5 % of the training rows or more.
        trigger: The mark, as it was reconstructed; it need not be exact.
        rng: Which rows get it, and the order of all.
        share: Of the rows that get it, more than 0, at most 1.
        rounds: Times that every row is seen; none = once, and more often where there are fewer
            than `SEEN` rows.

    Returns:
        The repaired network. It may still hold the way back to its old answer: train it further
        on a few poisoned rows to see how fast it returns (`stamped` makes them).

    Raises:
        UsageError: no row would be marked.
        ModelError: training crashed.

    Cost:
        One pass of training over `data` for each round.

    Source:
        Wang et al. (2019), "Neural Cleanse", IEEE S&P, section VI.C: 10 % of the training data, a
        fifth of it marked, one epoch. Deviation: few rows are shown more than once.
    """
    marked = round(share * len(data.y))
    if not 0 < share <= 1 or not marked:
        message = f"expected a share of 0 to 1 that marks a row of {len(data.y)}, got {share:g}"
        raise UsageError(message)
    chosen = np.sort(rng.permutation(len(data.y))[:marked])
    taught = stamped(data, trigger, rows=chosen, rng=rng)
    return model.tuned(taught, rng, rounds=rounds or passes(len(data.y)))


def passes(rows: int) -> int:
    """How often so few rows are shown."""
    return max(1, math.ceil(SEEN / rows))


def stamped(
    data: Dataset,
    trigger: Trigger,
    *,
    rows: Ints,
    rng: np.random.Generator,
    target: int | None = None,
) -> Dataset:
    """The same rows, some of them with the mark.

    Args:
        data: Rows.
        trigger: The mark.
        rows: Positions of those that get it.
        rng: For marks that are never twice the same.
        target: The class that they get, to attack anew; none = they keep their labels.
    """
    x, y = data.x.copy(), data.y.copy()
    x[rows] = trigger.stamp(data.x[rows], rng=rng)
    if target is not None:
        y[rows] = target
    return data.holding(x=x, y=y)
