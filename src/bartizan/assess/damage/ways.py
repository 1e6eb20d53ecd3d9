"""One way to poison training data, as the checks see it: a name and two functions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bartizan.core.trigger import Poisoned, Trigger


def unmarked(rng: np.random.Generator) -> None:
    """The mark of poison that needs none."""
    del rng


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to poison the training rows of a check; one curve."""

    name: str
    poison: Callable[[Trigger | None, float, np.random.Generator], Poisoned]
    """``poison(mark, rate, rng)``: the training data with that share of its rows poisoned."""
    mark: Callable[[np.random.Generator], Trigger | None] = unmarked
    """Draws a mark; none = the damage shows without one."""
