"""One way to poison training data, as the checks see it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bartizan.core.trigger import Poisoned, Trigger


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One poisoning, for one seed and all rates."""

    poison: Callable[[float, np.random.Generator], Poisoned]
    """``poison(rate, rng)``: the training data with that share of its rows poisoned."""
    mark: Trigger | None = None
    """What calls the damage up; none = it shows without a mark."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to poison the training rows of a check; one curve."""

    name: str
    begin: Callable[[np.random.Generator], Plot]
    """Draws the mark, if there is one."""
    about: str = ""
    """What a reader must know of it, a sentence."""

    @classmethod
    def unmarked(
        cls,
        name: str,
        poison: Callable[[float, np.random.Generator], Poisoned],
        *,
        about: str = "",
    ) -> "Way":
        """A way whose damage shows without a mark."""
        return cls(name=name, begin=lambda _: Plot(poison=poison), about=about)

    @classmethod
    def marked(
        cls,
        name: str,
        *,
        draw: Callable[[np.random.Generator], Trigger],
        poison: Callable[[Trigger, float, np.random.Generator], Poisoned],
    ) -> "Way":
        """A way that draws a mark for each seed and plants it at every rate."""

        def begin(rng: np.random.Generator) -> Plot:
            mark = draw(rng)
            return Plot(mark=mark, poison=lambda rate, rng: poison(mark, rate, rng))

        return cls(name=name, begin=begin)
