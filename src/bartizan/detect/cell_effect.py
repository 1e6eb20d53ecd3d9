"""What a suspected mark does to a model, beyond what it does to one that never saw it."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.interval import paired_gap
from bartizan.core.trigger import Trigger


@dataclass(frozen=True)
class NetEffect:
    """How many rows a mark moves to its target."""

    share: float
    """Moved with the suspicious rows in training, less those moved without; -1..1."""
    low: float
    high: float
    moved: int
    """Rows that answer with the target once they are marked, by the model that learnt all rows."""
    moved_anyway: int
    """The same by the model that did not see the suspicious rows."""
    rows: int
    p: float
    """Chance that rows drawn like these tell the two models apart so much, were both alike on
    marked rows. It says that the models differ, not that the carriers taught them to."""


def net_effect(
    trigger: Trigger,
    *,
    with_: Classifier,
    without: Classifier,
    x: Array,
    target: int,
    rng: np.random.Generator,
) -> NetEffect:
    """Put a mark on rows and compare two models.

    Values that go with a label by nature move both models alike: what they tell is told by other
    rows too. A planted mark moves only the model that learnt from its carriers.

    Args:
        trigger: The mark.
        with_: Trained on all rows.
        without: Trained the same way, but not on the rows that carry the mark.
        x: Rows of other classes than the target that neither model learnt from, shape (n, d),
            n >= 1.
        target: The class the mark leads to.
        rng: For marks that are never twice the same.

    Returns:
        The difference with its 95 % interval. Rows are marked once, both models see the same. The
        p-value is that of an exact sign test on the rows on which the models differ.

    Source:
        McNemar (1947), Psychometrika 12, exact; interval: `paired_gap`.
    """
    from scipy.stats import binom  # noqa: PLC0415 (a second, and rarely needed)

    marked = trigger.stamp(x, rng=rng)
    there = decisions(with_.scores(marked)) == target
    anyway = decisions(without.scores(marked)) == target
    n = len(x)
    share, low, high = paired_gap(there, anyway)
    only, other = int((there & ~anyway).sum()), int((anyway & ~there).sum())
    p = float(binom.sf(only - 1, only + other, 0.5)) if only + other else 1.0
    return NetEffect(share, low, high, int(there.sum()), int(anyway.sum()), n, p)
