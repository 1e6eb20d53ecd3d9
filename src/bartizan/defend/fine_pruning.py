"""Fine-pruning: take out hidden units that honest rows never wake, then train on.

A planted behaviour needs units that speak when the mark is there. Units that stay silent on honest
rows are of no use to anybody else.
"""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Classifier, Tunable, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.errors import UsageError
from bartizan.defend.unlearning import passes

MOST = 0.3
"""Share of the last hidden layer that may go: beyond it, small networks lost accuracy for nothing
in comparisons of repairs (BackdoorBench 2022)."""
_LOSS = 0.02
"""Balanced accuracy that pruning may cost before the rows are shown again."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """A network without its sleeping units."""

    model: Tunable
    units: Ints
    """Positions that were taken out of the last hidden layer, ascending."""
    width: int
    """Units that it had."""
    before: float
    """Balanced accuracy on the rows of the check."""
    pruned: float
    """The same after units were taken out, before training on."""
    after: float
    """The same at the end."""


def fine_pruned(
    model: Tunable,
    clean: Dataset,
    *,
    rng: np.random.Generator,
    most: float = MOST,
    loss: float = _LOSS,
    rounds: int | None = None,
) -> Pruned:
    """Prune the last hidden layer, the most silent units first, then train a copy further.

    Args:
        model: The network.
        clean: Rows whose labels are believed; four fifths train it further, one fifth says what
            it costs.
        rng: Which rows do what, and their order.
        most: Share of the units that may go.
        loss: Balanced accuracy that may go with them.
        rounds: Times that every row is seen afterwards; none = as in `unlearning`.

    Returns:
        The repaired network, and what it cost.

    Raises:
        UsageError: too few rows to say anything.
        ModelError: training crashed.

    Cost:
        One pass forward, one for each of at most ten steps of pruning, and the training.

    Source:
        Liu, Dolan-Gavitt and Garg (2018), "Fine-Pruning", RAID, sections 4.1 and 4.2. Deviations:
        the last hidden layer stands for the last convolution; units go in ten steps instead of
        one by one; no more than `most` of them go.
    """
    if len(clean.y) < 10:
        message = f"expected at least 10 rows whose labels are believed, got {len(clean.y)}"
        raise UsageError(message)
    order = rng.permutation(len(clean.y))
    held, taught = np.split(order, [len(order) // 5])
    check = clean.take(np.sort(held))
    before = balanced_accuracy(model, check)
    layers = model.features(clean.x)
    width = layers[-1].shape[1]
    silent = np.abs(layers[-1]).mean(axis=0).argsort(kind="stable")
    best, gone, kept = model, silent[:0], before
    for count in _steps(width, most=most):
        tried = model.without([*([silent[:0]] * (len(layers) - 1)), silent[:count]])
        accuracy = balanced_accuracy(tried, check)
        if accuracy < before - loss:
            break
        best, gone, kept = tried, silent[:count], accuracy
    made = best.tuned(clean.take(np.sort(taught)), rng, rounds=rounds or passes(len(taught)))
    return Pruned(
        model=made,
        units=np.sort(gone),
        width=width,
        before=before,
        pruned=kept,
        after=balanced_accuracy(made, check),
    )


def balanced_accuracy(model: Classifier, data: Dataset) -> float:
    """Mean recall of the classes that occur."""
    right = decisions(model.scores(data.x)) == data.y
    return float(np.mean([right[data.y == one].mean() for one in np.unique(data.y)]))


def _steps(width: int, *, most: float) -> list[int]:
    """Numbers of units to take out, ascending, at most ten; one at least stays."""
    last = min(int(most * width), width - 1)
    return sorted({int(count) for count in np.linspace(0, last, 11)[1:]} - {0})
