"""Trains single models on clean and poisoned rows, and asks them about held-out rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.stored import stored
from bartizan.assess.damage.ways import Plot, Way
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Classifier, Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Kept
from bartizan.core.errors import Error, ModelError
from bartizan.core.streams import rng as named
from bartizan.core.trigger import Poisoned


class UnreachableError(Error):
    """A poisoning that these rows do not allow; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Trains single models and asks them."""

    ground: Ground
    target: int
    recipe: Recipe
    kept: Kept
    name: str
    plots: dict[tuple[str, int], Plot] = field(default_factory=dict)
    """By way and seed: a mark is sought once, as that looks at all columns."""

    def markable(self, ways: Sequence[Way], *, seed: int) -> tuple[list[Way], dict[str, str]]:
        """The ways for which there is a mark on these rows, and why the others have none."""
        found, dropped = [], {}
        for way in ways:
            try:
                self._plot(way, seed=seed)
            except Error as error:
                dropped[way.name] = str(error)
            else:
                found.append(way)
        return found, dropped

    def told(self, way: Way, *, seed: int) -> str:
        """The mark of a way, in words; empty where it has none."""
        mark = self._plot(way, seed=seed).mark
        return "" if mark is None else mark.text

    def _plot(self, way: Way, *, seed: int) -> Plot:
        key = (way.name, seed)
        if key not in self.plots:
            self.plots[key] = way.begin(named(seed, "damage", way.name, "mark"))
        return self.plots[key]

    @property
    def marked(self) -> Ints:
        """Held-out rows that a mark may move to the target: those of other classes."""
        return np.flatnonzero(self.ground.held.y != self.target)

    def clean(self, ways: Sequence[Way], *, seed: int) -> Mapping[str, AnyArray]:
        """What a clean model says: of the rows as they are, and with the mark of each way."""

        def make() -> Mapping[str, AnyArray]:
            model = self._fit(self.ground.train, seed=seed)
            hits = ((way.name, self._hits(model, way, seed=seed)) for way in ways)
            return {"right": self._right(model), **{w: h for w, h in hits if h is not None}}

        marks = "; ".join(way.name for way in ways)
        return self.kept(f"damage.{self.name}, {self._rows}, clean, {marks}, seed {seed}", make)

    def poisoned(self, way: Way, rate: float, *, seed: int) -> Mapping[str, AnyArray]:
        """What a model says that was trained on poisoned rows.

        Raises:
            UnreachableError: these rows do not allow so much poison.
        """

        def make() -> Mapping[str, AnyArray]:
            model = self._fit(self._planted(way, rate, seed=seed), seed=seed)
            hits = self._hits(model, way, seed=seed)
            return {"right": self._right(model), **({} if hits is None else {"hit": hits})}

        what = f"{way.name} at {rate!r}"
        return self.kept(f"damage.{self.name}, {self._rows}, {what}, seed {seed}", make)

    @property
    def _rows(self) -> str:
        return f"{len(self.ground.train.y)} and {len(self.ground.held.y)} rows"

    def _planted(self, way: Way, rate: float, *, seed: int) -> Dataset:
        train, stream = self.ground.train, named(seed, "damage", way.name, "rows", repr(rate))
        try:
            made: Poisoned = self._plot(way, seed=seed).poison(rate, stream)
        except Error as error:
            raise UnreachableError(str(error)) from error
        x = stored(made.x, train.schema)
        return train.holding(x=x, y=made.y, ids=np.arange(len(made.y)))

    def _fit(self, data: Dataset, *, seed: int) -> Classifier:
        model = self.recipe.fit(data, named(seed, "damage", "training"))
        k = len(data.classes)
        if len(model.classes) != k:
            message = f"a model trained anew knows {len(model.classes)} classes, the data has {k}"
            raise ModelError(message)
        return model

    def _right(self, model: Classifier) -> AnyArray:
        held = self.ground.held
        return np.packbits(decisions(model.scores(held.x)) == held.y)

    def _hits(self, model: Classifier, way: Way, *, seed: int) -> AnyArray | None:
        """Which marked rows get the target, as bits; none = there is no mark."""
        mark = self._plot(way, seed=seed).mark
        if mark is None:
            return None
        stream = named(seed, "damage", way.name, "held")
        x: Array = stored(
            mark.stamp(self.ground.held.x[self.marked], rng=stream), self.ground.train.schema
        )
        return np.packbits(decisions(model.scores(x)) == self.target)
