"""What the trials of a check come to: numbers with intervals, and curves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bartizan.assess.damage.spread import Spread, spread
from bartizan.assess.damage.trials import Trials
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.finding import Measure, Series, Severity

_FEWEST = 2
"""Points that make a curve."""


@dataclass(frozen=True)
class Kind:
    """What a check calls damage."""

    entry: str
    """Its name in the catalogue, without the family."""
    damage: str
    """Name of the damage, as a measure has it."""
    axis: str
    """The same in words."""
    chart: str
    severe: float
    """Damage above which a failure is medium, not low."""
    marks: bool
    """Whether damage shows on rows that carry a mark, and not on all."""

    def severity(self, damage: float) -> Severity:
        """How bad a failure is: medium at most, as nobody has poisoned anything yet.

        The check asks what would happen to whoever trains on rows that others wrote. Whether
        somebody can write into them, and has, it does not know.
        """
        return "medium" if damage > self.severe else "low"


FLIPPED = Kind(
    entry="label-flips",
    damage="accuracy-loss",
    axis="balanced accuracy lost",
    chart="Damage: what flipped labels cost",
    severe=0.20,
    marks=False,
)
POINTS = replace(FLIPPED, entry="linear-gradient", chart="Damage: what computed rows cost")
SOURCES = replace(FLIPPED, entry="source", chart="Damage: what contributors with wrong labels cost")
CELLS = Kind(
    entry="cell-trigger",
    damage="net-success",
    axis="marked rows won, beyond those of a clean model",
    chart="Damage: what a mark in the cells calls up",
    severe=0.50,
    marks=True,
)
PICTURES = replace(
    CELLS,
    entry="picture-trigger",
    axis="marked images won, beyond those of a clean model",
    chart="Damage: what a mark on images calls up",
)


def at(rate: float) -> str:
    """The end of a measure's name: ``at-1-percent``."""
    return f"at-{100 * rate:g}-percent"


@dataclass(frozen=True)
class Found:
    """Damage by way and rate."""

    trials: Trials
    kind: Kind
    by: Mapping[str, Mapping[float, Spread]]
    """By way and rate; ways without a number at any rate are left out."""
    rate: float
    """The rate that decides."""
    n: int
    """Rows behind each number."""

    @property
    def strongest(self) -> str:
        """The way that does most damage at the rate that decides; empty if none was tried."""
        known = {
            way: found[self.rate].value for way, found in self.by.items() if self.rate in found
        }
        return max(known, key=lambda way: known[way]) if known else ""

    @property
    def natural(self) -> Mapping[str, float]:
        """Share of the marked rows that clean models give to the target, by way."""
        rows = shown(self.trials)
        if not self.n:
            return {}
        return {way: float(hits[rows].mean()) for way, hits in self.trials.natural.items()}


def shown(trials: Trials) -> Mask:
    """Which marked rows count for each seed, (seeds, m): those that most other clean models get.

    A row that is taken for the target anyhow cannot be won. The seed's own clean model has no say,
    as it gives the share that is taken off: chosen by it, rows that models get right by luck would
    be those that the clean model gets right, and a mark that does nothing would win some.
    """
    right = trials.clean[:, trials.marked]
    return np.asarray((right.sum(axis=0) - right) / (len(right) - 1) > 1 / 2)


def found(trials: Trials, *, kind: Kind, rate: float) -> Found:
    """Put numbers to trials.

    Args:
        trials: Of all models.
        kind: What damage is.
        rate: The one that decides.
    """
    count = len({way for way, share in trials.right if share == rate})
    measure = _success(trials) if kind.marks else _loss(trials)
    rows = _count(shown(trials)) if kind.marks else len(trials.held)
    by: dict[str, dict[float, Spread]] = {}
    for way, share in sorted(trials.right if rows else ()):
        values, groups, counted = measure(way, share)
        tests = count if share == rate else 1
        by.setdefault(way, {})[share] = spread(values, groups, tests=tests, shown=counted)
    return Found(trials=trials, kind=kind, by=by, rate=rate, n=rows)


def _count(rows: Mask) -> int:
    """Rows that count for some seed; 0 if a seed has none."""
    return int(rows.any(axis=0).sum()) if rows.any(axis=1).all() else 0


Values = Callable[[str, float], tuple[Array, Ints, Mask | None]]


def _success(trials: Trials) -> Values:
    rows, groups = shown(trials), trials.held[trials.marked]

    def values(way: str, rate: float) -> tuple[Array, Ints, Mask]:
        won = trials.hits[way, rate] * 1.0 - trials.natural[way]
        return np.asarray(won, dtype=np.float64), groups, rows

    return values


def _loss(trials: Trials) -> Values:
    def values(way: str, rate: float) -> tuple[Array, Ints, None]:
        return np.asarray(trials.clean * 1.0 - trials.right[way, rate]), trials.held, None

    return values


def deciding(found: Found, *, why: str) -> Measure:
    """The damage of the strongest way at the rate that decides.

    Args:
        found: Of all ways.
        why: Why nothing is decided; empty if it is.

    Returns:
        Its low end allows for the choice among the ways; its high end is the highest of all ways,
        so that a pass holds for each of them.
    """
    name = f"{found.kind.damage}-{at(found.rate)}"
    if why or not found.strongest:
        return Measure(name=name, value=None, why=why or _nothing(found))
    here = [one[found.rate] for one in found.by.values() if found.rate in one]
    value = found.by[found.strongest][found.rate].value
    return Measure(
        name=name,
        value=value,
        low=max(one.low for one in here),
        high=max(one.high for one in here),
        n=found.n,
    )


def _nothing(found: Found) -> str:
    if found.kind.marks and not found.n and found.trials.right:
        return "clean models get no row right that a mark could move"
    told = "; ".join(f"{what}: {why}" for what, why in found.trials.dropped.items())
    return told or "nothing was tried"


def measures(found: Found, *, why: str) -> tuple[Measure, ...]:
    """All numbers, the deciding one first."""
    more = [
        Measure(
            name=f"{found.kind.damage}-{way.replace(' ', '-')}",
            value=by[found.rate].value,
            low=by[found.rate].low,
            high=by[found.rate].high,
            n=found.n,
        )
        for way, by in found.by.items()
        if found.rate in by
    ]
    best = found.strongest
    if found.kind.marks and best:
        more.append(Measure(name="clean-success", value=found.natural[best], n=found.n))
        lost, groups, _ = _loss(found.trials)(best, found.rate)
        cost = spread(lost, groups)
        more.append(
            Measure(
                name="accuracy-loss", value=cost.value, low=cost.low, high=cost.high,
                n=len(groups),
            )
        )  # fmt: skip
    return (deciding(found, why=why), *more, *_clean(found.trials))


def _clean(trials: Trials) -> tuple[Measure, ...]:
    """How good clean models are, and how far apart training anew alone puts them."""
    value, n = accuracy(trials), len(trials.held)
    each = _each(trials)
    return (
        Measure(
            name="clean-balanced-accuracy",
            value=value.value,
            low=max(value.low, 0.0),
            high=value.high,
            n=n,
            better="higher",
        ),
        Measure(name="clean-spread", value=round(float(np.ptp(each)), 9), n=n),
    )


def accuracy(trials: Trials) -> Spread:
    """Balanced accuracy of clean models."""
    return spread(trials.clean.astype(float), trials.held)


def _each(trials: Trials) -> Array:
    """Balanced accuracy of each clean model."""
    _, place, counts = np.unique(trials.held, return_inverse=True, return_counts=True)
    return np.asarray(trials.clean @ (1 / (len(counts) * counts[place])))


def curves(found: Found) -> tuple[Series, ...]:
    """Damage against the share of rows poisoned, one curve a way; the strongest with its ends."""
    lines = {way: {rate: one.value for rate, one in by.items()} for way, by in found.by.items()}
    best = found.by.get(found.strongest, {})
    if lines:
        lines[f"{found.strongest}, low end"] = {rate: one.low for rate, one in best.items()}
        lines[f"{found.strongest}, high end"] = {rate: one.high for rate, one in best.items()}
    return tuple(
        Series(
            name=name,
            x_name="share of the training rows poisoned",
            x_unit="",
            y_name=found.kind.axis,
            x=tuple(sorted(line)),
            y=tuple(line[rate] for rate in sorted(line)),
            chart=found.kind.chart,
            x_scale="log",
        )
        for name, line in lines.items()
        if len(line) >= _FEWEST
    )
