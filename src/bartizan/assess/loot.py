"""What thieves got: curves of fidelity against questions and money."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bartizan.attack.surrogate import Answer
from bartizan.core.arrays import Ints, Mask
from bartizan.core.finding import Series

TOLD: Final[dict[Answer, str]] = {
    "scores": "scores",
    "rounded": "scores to one decimal",
    "labels": "labels only",
}
"""What a model tells, in words."""


@dataclass
class Loot:
    """What thieves who chose their questions in one way got."""

    way: str
    """How questions were chosen."""
    answer: Answer
    """What was told."""
    learner: str = ""
    asked: list[int] = field(default_factory=list)
    """Questions behind each copy, ascending."""
    decided: list[Ints] = field(default_factory=list)
    """What each copy decides on the rows that measure, shape (n,)."""

    def agree(self, truth: Ints) -> Mask:
        """Whether the copy made of all answers decides as the model does, shape (n,)."""
        return np.asarray(self.decided[-1] == truth)

    def fidelities(self, truth: Ints) -> tuple[float, ...]:
        """Agreement of each copy with the model."""
        return tuple(float((decided == truth).mean()) for decided in self.decided)


def curves(
    ways: Sequence[Loot], told: Sequence[Loot], *, truth: Ints, cost_per_1000: float | None
) -> tuple[Series, ...]:
    """Fidelity against questions, and against money where questions cost something.

    Args:
        ways: One loot for each way to ask.
        told: The best way, for each amount that the model can tell.
        truth: What the model decides, shape (n,).
        cost_per_1000: Money for a thousand questions, if the model is sold by them.
    """
    flat = Loot(way="constant answer", answer="labels", asked=ways[0].asked)
    flat.decided = [np.full(len(truth), np.bincount(truth).argmax())] * len(flat.asked)
    how = "Fidelity by the way questions are chosen"
    what = "Fidelity by what the model tells"
    lines = [(loot.way, loot, how) for loot in (*ways, flat)]
    lines += [(TOLD[loot.answer], loot, what) for loot in told if len(told) > 1]
    made = [_line(name, loot, chart, truth=truth) for name, loot, chart in lines]
    if cost_per_1000:
        priced = [(TOLD[loot.answer], loot, "Fidelity") for loot in told]
        price = cost_per_1000 / 1000
        made += [_line(name, loot, chart, truth=truth, price=price) for name, loot, chart in priced]
    return tuple(made)


def _line(name: str, loot: Loot, chart: str, *, truth: Ints, price: float | None = None) -> Series:
    """One curve."""
    return Series(
        name=name,
        x_name="questions to the model" if price is None else "price of the questions",
        x_unit="queries" if price is None else "",
        y_name="fidelity",
        x=tuple(float(n) * (1.0 if price is None else price) for n in loot.asked),
        y=loot.fidelities(truth),
        chart=chart,
        x_scale="log",
    )
