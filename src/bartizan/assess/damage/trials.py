"""Clean and poisoned models, trained one after the other, and what each says of held-out rows."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.stored import stored
from bartizan.assess.damage.ways import Plot, Way
from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.classifier import Classifier, Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Kept
from bartizan.core.errors import Error, ModelError
from bartizan.core.streams import rng as named
from bartizan.core.trigger import Poisoned


class UnreachableError(Error):
    """A poisoning that these rows do not allow; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What all models of a check say."""

    held: Ints
    """Class of each held-out row, shape (n,)."""
    marked: Ints
    """Positions among these of the rows that marks are put on, shape (m,)."""
    clean: Mask
    """Whether each clean model is right, shape (seeds, n)."""
    natural: Mapping[str, Mask] = field(default_factory=dict)
    """Whether each clean model gives marked rows to the target, (seeds, m), by way."""
    right: Mapping[tuple[str, float], Mask] = field(default_factory=dict)
    """Whether each poisoned model is right, (seeds, n), by way and rate."""
    hits: Mapping[tuple[str, float], Mask] = field(default_factory=dict)
    """Whether it gives marked rows to the target, (seeds, m)."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """The first mark of each way, in words."""
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Ways, or ways at a rate, that these rows do not allow, and why."""


def trials(
    ground: Ground,
    ways: Sequence[Way],
    *,
    name: str,
    target: int,
    recipe: Recipe,
    params: Params,
    kept: Kept,
    rng: np.random.Generator,
) -> Generator[float, None, Trials]:
    """Train one clean model a seed, and one a seed, way and rate on poisoned rows.

    A clean model and the poisoned ones beside it are trained with the same random numbers, so that
    what they differ in comes from the poison, and from a recipe that has random numbers of its own.

    Args:
        ground: The rows.
        ways: How they are poisoned.
        name: Of the check, for what is kept.
        target: The class that marked rows are meant to get.
        recipe: Trains the models.
        params: Rates and seeds.
        kept: Remembers what each model said, so that a stopped run loses none.
        rng: Seeds everything; what it gives does not depend on what is remembered.

    Yields:
        The share of the models that are done.

    Raises:
        Error: the recipe failed.

    Cost:
        seeds * (1 + ways * rates) trainings.
    """
    seeds = rng.integers(2**63, size=params.seeds).tolist()
    bench = _Bench(ground=ground, target=target, recipe=recipe, kept=kept, name=name)
    ways, dropped = bench.markable(ways, seed=seeds[0])
    cells = [(way, rate) for way in ways for rate in params.rates]
    clean: list[Mapping[str, AnyArray]] = []
    poisoned: dict[tuple[str, float], list[Mapping[str, AnyArray]]] = {}
    done, total = 0, len(seeds) * (1 + len(cells))
    for seed in seeds:
        clean.append(bench.clean(ways, seed=seed))
        done += 1
        yield done / total
        for way, rate in cells:
            key, done = (way.name, rate), done + 1
            if f"{way.name} at {rate:.1%}" not in dropped:
                try:
                    poisoned.setdefault(key, []).append(bench.poisoned(way, rate, seed=seed))
                except UnreachableError as error:
                    dropped[f"{way.name} at {rate:.1%}"] = str(error)
                    poisoned.pop(key, None)
            yield done / total
    n, m = len(ground.held.y), len(bench.marked)
    return Trials(
        held=ground.held.y,
        marked=bench.marked,
        clean=_stacked(clean, "right", n),
        natural={w.name: _stacked(clean, w.name, m) for w in ways if w.name in clean[0]},
        right={key: _stacked(made, "right", n) for key, made in poisoned.items()},
        hits={key: _stacked(made, "hit", m) for key, made in poisoned.items() if "hit" in made[0]},
        marks={way.name: bench.told(way, seed=seeds[0]) for way in ways},
        dropped=dropped,
    )


def _stacked(made: Sequence[Mapping[str, AnyArray]], name: str, n: int) -> Mask:
    return np.stack([np.unpackbits(one[name], count=n).astype(bool) for one in made])


@dataclass(frozen=True, kw_only=True)
class _Bench:
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
        return replace(train, x=x, y=made.y, ids=np.arange(len(made.y)))

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
