"""How many decisions are certified, beside those of a model that always says the same."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.interval import mean_interval, share_interval
from bartizan.defend.partition import Certified


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is certified against so many changed rows, each with its 95 % interval."""

    radius: int
    """Training rows added or removed."""
    share: tuple[float, float, float]
    """Rows whose decision is right and certified, low end, high end."""
    balanced: tuple[float, float, float]
    """Mean of the share over the classes."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What is certified, and what nothing at all would certify."""

    points: tuple[Standing, ...]
    """By radius, ascending; radius 0 is the accuracy."""
    constant: float
    """Share that the class which is most frequent certifies for every radius: it never changes."""
    constant_balanced: float
    """The same, as mean over the classes: 1 / number of classes."""


def certified_curve(found: Certified, y: Ints, *, radii: tuple[int, ...]) -> Curve:
    """Count what is right and certified.

    Args:
        found: Of rows that no model was trained on.
        y: Their classes, shape (n,), n >= 1.
        radii: Numbers of changes, ascending.

    Returns:
        The curve. A share no larger than `constant` says nothing for the models.
    """
    classes = np.unique(y)
    right = found.decision == y
    points = []
    for radius in radii:
        held = right & (found.radius >= radius)
        hits = [(int(held[y == one].sum()), int((y == one).sum())) for one in classes]
        share = (float(held.mean()), *share_interval(int(held.sum()), len(y)))
        points.append(Standing(radius=radius, share=share, balanced=mean_interval(hits)))
    return Curve(
        points=tuple(points),
        constant=float(np.unique(y, return_counts=True)[1].max() / len(y)),
        constant_balanced=1 / len(classes),
    )
