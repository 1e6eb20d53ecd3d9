"""The independent validator of images: nothing an attack claims is believed.

Written against the form of the images and the attacker, on purpose without `Constraint`, whose
mistakes it is there to find; over whole blocks, as an image has too many values for a loop.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.assess.validate import Confirmed, asked_alone
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Attacker, Direction
from bartizan.core.classifier import Classifier
from bartizan.core.codec import Codec
from bartizan.core.schema import Image

_SLACK = 1e-6
"""Slack of values relative to the way from dark to bright: values of single precision. Whole
numbers have none."""


@dataclass(frozen=True)
class ImageValidator:
    """Checks claims about one attacker of images."""

    model: Classifier
    codec: Codec
    image: Image
    attacker: Attacker

    def confirm(self, x0: Array, points: Array, *, y: Ints, claimed: Mask) -> Confirmed:
        """Check every claimed image.

        Args:
            x0: Original rows, shape (n, d).
            points: Claimed rows.
            y: Classes of the original rows.
            claimed: Rows that a success is claimed for.

        Returns:
            Only what an honest bystander could repeat: the decoded image is one that this
            attacker can make, and the model, asked about it alone, gives the wanted answer.
        """
        points = self.codec.round(points)
        decided = np.full(len(points), -1, dtype=np.int64)
        price = np.full(len(points), np.inf)
        success = claimed & self._possible(x0, points)
        for row in np.flatnonzero(success):
            decided[row], success[row] = asked_alone(
                self.model, points[row], true=int(y[row]), goal=self.attacker.goal
            )
        price[success] = self._price(points[success] - x0[success])
        return Confirmed(points=points, success=success, decided=decided, price=price)

    def _possible(self, before: Array, after: Array) -> Mask:
        """Whether the attacker can turn each image into the other, shape (n,).

        A value that starts outside the bounds may stay or come back, not go further out.
        """
        form = self.image
        slack = 0.0 if form.whole else _SLACK * (form.max - form.min)
        okay = np.isfinite(after)
        okay &= after >= np.minimum(before, form.min) - slack
        okay &= after <= np.maximum(before, form.max) + slack
        if form.whole:
            okay &= np.floor(after) == after
        okay[:, self._fixed] = False
        okay[:, self._going("up")] &= (after >= before - slack)[:, self._going("up")]
        okay[:, self._going("down")] &= (after <= before + slack)[:, self._going("down")]
        return np.asarray((okay | (after == before)).all(axis=1))

    def _named(self) -> dict[str, int]:
        """Position of each value that the attacker has something to say about."""
        return {name: int(name.removeprefix("x")) for name in self.attacker.features}

    @cached_property
    def _fixed(self) -> list[int]:
        places = self._named().items()
        return [place for name, place in places if not self.attacker.features[name].mutable]

    def _going(self, direction: Direction) -> list[int]:
        reach = self.attacker.features
        return [
            place for name, place in self._named().items() if reach[name].direction == direction
        ]

    def _price(self, change: Array) -> Array:
        """The price from first principles: see `Constraint.price`; (n, d) -> (n,)."""
        size = np.abs(change)
        if self.attacker.money is not None:
            cost = np.zeros(self.image.size)
            for name, place in self._named().items():
                cost[place] = self.attacker.features[name].cost or 0.0
            return np.asarray(size @ cost)
        share = size / (self.image.max - self.image.min)
        match self.attacker.norm:
            case "L1":
                return np.asarray(share.sum(axis=1))
            case "Linf":
                return np.asarray(share.max(axis=1, initial=0.0))
        return np.asarray(np.sqrt((share * share).sum(axis=1)))
