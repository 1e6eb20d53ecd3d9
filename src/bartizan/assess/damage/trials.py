"""Clean and poisoned models, trained one after the other, and what each says of held-out rows."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bartizan.assess.damage.bench import Bench, UnreachableError
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.ways import Way
from bartizan.core.arrays import AnyArray, Ints, Mask
from bartizan.core.classifier import Recipe
from bartizan.core.entry import Kept, TimeUpError
from bartizan.core.errors import Error

_FEWEST = 2
"""Seeds without which there is no interval: one model shows no spread."""


class EndedError(Error):
    """Time was up before there was anything to say; the message says how far it came."""


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

    Returns:
        What they say; where time ends it, those of the seeds that are whole.

    Raises:
        EndedError: time was up before two seeds were whole.
        Error: the recipe failed.

    Cost:
        seeds * (1 + ways * rates) trainings.
    """
    seeds = rng.integers(2**63, size=params.seeds).tolist()
    bench = Bench(ground=ground, target=target, recipe=recipe, kept=kept, name=name)
    ways, dropped = bench.markable(ways, seed=seeds[0])
    made: list[_Told] = []
    try:
        for number, seed in enumerate(seeds):
            steps = _seeded(bench, ways, rates=params.rates, seed=seed, dropped=dropped)
            made.append((yield from _part(steps, number=number, parts=len(seeds))))
            yield (number + 1) / len(seeds)
    except TimeUpError:
        if len(made) < _FEWEST:
            message = (
                f"time was up after {len(made)} of {len(seeds)} seeds, and {_FEWEST} are "
                "needed to see how they differ; give more time, or go on with --resume"
            )
            raise EndedError(message) from None
    return _joined(bench, made, ways=ways, dropped=dropped, seed=seeds[0])


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the models of one seed say, as bits."""

    clean: Mapping[str, AnyArray]
    poisoned: Mapping[tuple[str, float], Mapping[str, AnyArray]]


def _part(
    steps: Generator[float, None, _Told], *, number: int, parts: int
) -> Generator[float, None, _Told]:
    """One of several equal parts of the work."""
    while True:
        try:
            share = next(steps)
        except StopIteration as end:
            told: _Told = end.value
            return told
        yield (number + share) / parts


def _seeded(
    bench: Bench,
    ways: Sequence[Way],
    *,
    rates: Sequence[float],
    seed: int,
    dropped: dict[str, str],
) -> Generator[float, None, _Told]:
    """All models of one seed; what cannot be reached is noted in `dropped` and not tried again."""
    cells = [(way, rate) for way in ways for rate in rates]
    clean = bench.clean(ways, seed=seed)
    poisoned = {}
    for number, (way, rate) in enumerate(cells, start=1):
        yield number / (1 + len(cells))
        what = f"{way.name} at {rate:.1%}"
        if what not in dropped:
            try:
                poisoned[way.name, rate] = bench.poisoned(way, rate, seed=seed)
            except UnreachableError as error:
                dropped[what] = str(error)
    return _Told(clean=clean, poisoned=poisoned)


def _joined(
    bench: Bench,
    made: Sequence[_Told],
    *,
    ways: Sequence[Way],
    dropped: Mapping[str, str],
    seed: int,
) -> Trials:
    """All seeds together; what one of them could not reach is left out of all."""
    clean = [one.clean for one in made]
    keys = [key for key in made[0].poisoned if all(key in one.poisoned for one in made)]
    poisoned = {key: [one.poisoned[key] for one in made] for key in keys}
    n, m = len(bench.ground.held.y), len(bench.marked)
    return Trials(
        held=bench.ground.held.y,
        marked=bench.marked,
        clean=_stacked(clean, "right", n),
        natural={w.name: _stacked(clean, w.name, m) for w in ways if w.name in clean[0]},
        right={key: _stacked(told, "right", n) for key, told in poisoned.items()},
        hits={key: _stacked(told, "hit", m) for key, told in poisoned.items() if "hit" in told[0]},
        marks={way.name: bench.told(way, seed=seed) for way in ways},
        dropped=dropped,
    )


def _stacked(made: Sequence[Mapping[str, AnyArray]], name: str, n: int) -> Mask:
    return np.stack([np.unpackbits(one[name], count=n).astype(bool) for one in made])
