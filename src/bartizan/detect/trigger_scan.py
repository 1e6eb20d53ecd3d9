"""All rows of a table searched for marks that lead to one label: values, blocks, joins."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.detect.additive_rates import AdditiveRates
from bartizan.detect.carrier_origin import coarse_bins
from bartizan.detect.density_bump import Block, all_pairs, bumps
from bartizan.detect.rank_bins import RankBins, rank_bins
from bartizan.detect.region import Region
from bartizan.detect.value_lift import LEAST, ValueLift, value_lift
from bartizan.detect.value_sets import Field, Suspicion, full, joined, whole

_BINS = 60
"""Bins of a column: the fewest in which a jitter of 0.05 standard deviations stands out."""
_PAIRED = 60
"""Columns of which all pairs are looked at; of more, those with the largest single surplus."""
_SEEDS = 400
"""Blocks, and values, from which marks are grown for each label."""
_LABELS = 10
"""Labels that are searched, those with most unlikely rows."""
_UNLIKELY = 0.5
"""Rate of a label below which its rows can show a trigger."""
_TIMES = 2.0
"""Where all other labels are rare, rows with so many times their share of them are looked at too:
of 1.8 % frauds, hardly one has a rate of honest below a half."""
_ODD = -5.0
"""Surplus of a seed, in -ln p less what the number of tests takes; less was never a trace of a
mark."""
_GROWN = 40
"""Seeds grown for each label, at most: marks planted in public tables were among the first ten."""
_ALIKE = 0.8
"""Share of rows in which two suspicions agree when they are one."""
_STRANGE = 8.0
"""Surplus of a value that is odd, in -ln p."""
_COMPANY, _USUAL = 3, 0.05
"""Other odd values of a column, and share of its values, from which odd values are its nature:
capital gains of Adult, where every single sum goes with one income, have 11 of 45."""
_LEVEL = 0.05
"""Chance that any single value is suspected where the rates are right. That of blocks is larger,
since they are of nine shapes and grow: of 125 tables with labels drawn at the true rates, 27 had a
suspect."""
_PURE = 0.95
"""Share of the carriers that must lie in a column that tells carriers from other rows."""


@dataclass(frozen=True)
class Seed:
    """A value or a block that is odd."""

    columns: tuple[int, ...]
    rows: Mask
    """Which rows have it, shape (n,)."""
    surely: float
    """Surplus, in -ln p, less what the number of tests takes."""
    tests: float
    """What the number of blocks takes."""


@dataclass(frozen=True)
class Suspect:
    """A mark that may have been planted."""

    target: int
    mark: Region
    """All columns that the carriers have in common: what to put on a row."""
    inside: Mask
    """Which rows carry it, whatever their label, shape (n,)."""
    rows: Ints
    """Those of them that have the label, ascending."""
    weight: float
    """How surprising it is, in -ln p of the region as it was found. Limits and columns were chosen
    to make it large, so it ranks; an experiment tells."""
    usual: bool
    """Whether the mark is one value of a column in which many values go with a label."""


@dataclass(frozen=True)
class _Label:
    """A label that marks may lead to."""

    code: int
    has: Mask
    """Which rows have it, shape (n,)."""
    told: Array
    """The same as 1 and 0, shape (n,)."""
    below: float
    """Rate of the label below which rows can show a mark."""

    @classmethod
    def of(cls, y: Ints, code: int) -> "_Label":
        """One of the labels of all rows."""
        has = y == code
        return cls(code=code, has=has, told=has * 1.0, below=_limit(float(has.mean())))


@dataclass(frozen=True)
class _Table:
    """All rows, as they are looked at."""

    x: Array
    rates: AdditiveRates
    bins: RankBins
    coarse: RankBins
    nominal: Mask

    def field(self, label: _Label, *, rate: Array, near: Ints) -> Field:
        """The rows that can show a mark."""
        part = np.flatnonzero(rate < label.below)
        return Field(
            x=self.x[part],
            bins=replace(self.bins, codes=self.bins.codes[part]),
            told=label.told[part],
            rate=rate[part],
            nominal=self.nominal,
            all_x=self.x,
            all_told=label.told,
            coarse=self.coarse,
            near=near,
        )


def trigger_scan(
    x: Array, y: Ints, rates: AdditiveRates, *, nominal: Ints, most: int
) -> tuple[Suspect, ...]:
    """Look for small regions whose rows have a label that nothing else about them explains.

    Rows of another class that were marked and given the label of the target have columns that
    speak for the old class. Where many of them stand together in one value or one small block of
    two columns, there is a suspicion; from it the whole mark is grown. Whatever is looked at, the
    rates are blind to its columns: a mark explains its own rows.

    Args:
        x: Shape (n, d), missing values as NaN.
        y: Labels, shape (n,).
        rates: How likely each label is for each row.
        nominal: Positions of columns of codes without an order.
        most: Suspects returned.

    Returns:
        The most surprising first. Natural groups that the columns do not explain one by one are
        among them: only an experiment tells.

    Cost:
        O(n d^2 k): see `bumps` and `AdditiveRates.of_label`.
    """
    table = _Table(
        x=x,
        rates=rates,
        bins=rank_bins(x, most=_BINS, nominal=nominal),
        coarse=coarse_bins(x, nominal=nominal),
        nominal=np.isin(np.arange(x.shape[1]), nominal),
    )
    surprise = np.array([(1 - rate[y == label]).sum() for label, rate in enumerate(rates.whole())])
    found: list[Suspect] = []
    for target in np.argsort(-surprise, kind="stable")[:_LABELS].tolist():
        if LEAST <= (y == target).sum() < len(y):
            found += _of_label(table, _Label.of(y, target))
    return tuple(sorted(found, key=lambda one: -one.weight)[:most])


def _of_label(table: _Table, label: _Label) -> list[Suspect]:
    alone = [(place,) for place in range(table.x.shape[1])]
    blind = table.rates.of_label(label.code, without=alone)
    lift = value_lift(table.x, label.told, blind, below=label.below)
    near = _screened(table, label)
    pairs = all_pairs(near)
    blind = table.rates.of_label(label.code, without=pairs.tolist())
    blocks = bumps(table.bins, label.told, blind, pairs=pairs, below=label.below, most=_SEEDS)
    seeds = _seeds(table, lift, blocks, labels=min(_LABELS, table.rates.told.shape[1]))
    return _grown(table, seeds, label=label, near=near, lift=lift)


def _limit(base: float) -> float:
    """Rate below which rows are looked at, for a label of this share of all rows."""
    return max(_UNLIKELY, 1 - _TIMES * (1 - base))


def _screened(table: _Table, label: _Label) -> Ints:
    """The columns whose pairs are looked at."""
    usable = np.flatnonzero(table.bins.sizes > 1)
    if len(usable) <= _PAIRED:
        return usable
    codes = table.bins.codes[:, usable].astype(np.float64)
    blind = table.rates.of_label(label.code, without=usable[:, None].tolist())
    single = value_lift(codes, label.told, blind, below=label.below)
    best = np.zeros(len(usable))
    np.maximum.at(best, single.columns, single.weight)
    return np.sort(usable[np.argsort(-best, kind="stable")[:_PAIRED]])


def _seeds(table: _Table, lift: ValueLift, blocks: list[Block], *, labels: int) -> list[Seed]:
    """Suspicious values and blocks, the most surprising first.

    Surplus is less the logarithm of how many were tested: values are far fewer than blocks, so
    they have a level of their own.
    """
    values = float(np.log(labels * max(lift.tested, 1)))
    pairs = float(np.log(labels * _blocks(table.bins)))
    seeds: list[Seed] = []
    for at in np.argsort(-lift.weight, kind="stable")[:_SEEDS]:
        place, value = int(lift.columns[at]), lift.values[at]
        column = table.x[:, place]
        same = np.isnan(column) if np.isnan(value) else column == value
        seeds.append(Seed((place,), same, float(lift.weight[at]) - values, pairs))
    seeds += [
        Seed(one.columns, one.inside(table.bins.codes), one.weight - pairs, pairs) for one in blocks
    ]
    return sorted(seeds, key=lambda seed: -seed.surely)


def _blocks(bins: RankBins) -> float:
    """Blocks that were looked at, about."""
    sizes = bins.sizes[bins.sizes > 1].astype(np.float64)
    return float(max((sizes.sum() ** 2 - (sizes**2).sum()) / 2, 1.0))


def _grown(
    table: _Table, seeds: list[Seed], *, label: _Label, near: Ints, lift: ValueLift
) -> list[Suspect]:
    """Whole marks from seeds."""
    found: list[Suspect] = []
    seen = list[Mask]()
    rates = table.rates.of_label(label.code, without=[seed.columns for seed in seeds])
    for seed, rate in zip(seeds, rates, strict=True):
        if seed.surely < _ODD or len(seen) >= 2 * _GROWN:
            break
        shows = rate < label.below
        carried = seed.rows & label.has & shows
        if any(_alike(carried, old) for old in seen):
            continue
        where = table.field(label, rate=rate, near=near)
        one = whole(where, joined(where, seed.rows[shows], seed.columns))
        surely = max(seed.surely, one.weight - seed.tests)
        made = _suspect(where, one, table=table, label=label)
        mine = made.inside & label.has
        seen += [carried, mine & shows]
        if surely >= -np.log(_LEVEL) and not any(
            _alike(mine, old.inside & label.has) for old in found
        ):
            found.append(replace(made, usual=_is_usual(made.mark, table, lift)))
    return found


def _alike(one: Mask, other: Mask) -> bool:
    """Whether two suspicions are of the same rows. A mark may lie within a natural group."""
    return bool((one & other).sum() > _ALIKE * (one | other).sum())


def _suspect(where: Field, one: Suspicion, *, table: _Table, label: _Label) -> Suspect:
    region = full(where, one, share=_PURE) if one.region.spread.any() else one.region
    inside = region.inside(table.x)
    return Suspect(
        target=label.code,
        mark=full(where, one),
        inside=inside,
        rows=np.flatnonzero(inside & label.has),
        weight=one.weight,
        usual=False,
    )


def _is_usual(mark: Region, table: _Table, lift: ValueLift) -> bool:
    """Whether the column of a mark has many odd values beside it."""
    if len(mark.columns) > 1:
        return False
    place = int(mark.columns[0])
    other = (lift.columns == place) & (lift.weight > _STRANGE)
    other &= ~((lift.values >= mark.low[0]) & (lift.values <= mark.high[0]))
    _, counts = np.unique(table.x[:, place], return_counts=True)
    return bool(other.sum() >= max(_COMPANY, _USUAL * (counts >= LEAST).sum()))
