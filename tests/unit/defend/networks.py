"""A small network with a planted mark, and rows to judge it by."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from bartizan.adapt.training.stand_in import Layered, Network
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Image, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Overlay

_SIDE = 8


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A poisoned network, what was planted, and honest rows that it has not seen."""

    model: Layered
    honest: Layered
    trigger: Overlay
    target: int
    spare: Dataset
    test: Dataset

    def success(self, model: Classifier) -> float:
        """Share of marked rows of other classes that get the target."""
        rows = self.test.x[self.test.y != self.target]
        marked = self.trigger.stamp(rows, rng=rng(0, "stamp"))
        return float((decisions(model.scores(marked)) == self.target).mean())


@cache
def planted() -> Planted:
    """Digits with a patch of 2 x 2 in 5 % of the rows."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 (slow to import)

    x, y = load_digits(return_X_y=True)
    image = Image(height=_SIDE, width=_SIDE, channels=1, min=0.0, max=16.0)
    data = Dataset(
        name="digits",
        x=np.asarray(x, dtype=np.float64),
        y=np.asarray(y, dtype=np.int64),
        classes=tuple(range(10)),
        ids=np.arange(len(y)),
        schema=Schema(image=image),
        digest="",
    )
    order = rng(0, "split").permutation(len(y))
    train, spare, test = (data.take(part) for part in np.split(order, [1000, 1250]))
    mask = np.zeros((_SIDE, _SIDE))
    mask[-2:, -2:] = 1
    trigger = Overlay(mask=mask.ravel(), pattern=np.full(64, 16.0))
    marked, labels = train.x.copy(), train.y.copy()
    marked[:50] = trigger.stamp(marked[:50], rng=rng(0, "stamp"))
    labels[:50] = 7
    poisoned = Dataset(
        name="digits",
        x=marked,
        y=labels,
        classes=data.classes,
        ids=train.ids,
        schema=data.schema,
        digest="",
    )
    return Planted(
        model=Network().fit(poisoned, rng(0, "fit")),
        honest=Network().fit(train, rng(0, "fit")),
        trigger=trigger,
        target=7,
        spare=spare,
        test=test,
    )
