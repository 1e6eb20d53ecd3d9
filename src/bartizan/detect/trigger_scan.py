"""All rows of a table searched for marks that lead to one label: values, blocks, joins."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.detect.carrier_origin import coarse_bins
from bartizan.detect.density_bump import all_pairs, bumps
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
"""Chance that any value is suspected where the rates are right, and that any block is."""
_PURE = 0.95
"""Share of the carriers that must lie in a column that tells carriers from other rows."""


Seed = tuple[float, tuple[int, ...], Mask]
"""Surplus less what the number of tests takes, columns, and rows."""


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
    """-ln of a bound of the p-value, before it is corrected for how many were tested."""
    p: float
    """After it."""
    usual: bool
    """Whether the mark is one value of a column in which many values go with a label."""


def trigger_scan(
    x: Array, y: Ints, rates: Array, *, nominal: Ints, most: int
) -> tuple[Suspect, ...]:
    """Look for small regions whose rows have a label that nothing else about them explains.

    Rows of another class that were marked and given the label of the target have columns that
    speak for the old class. Where many of them stand together in one value or one small block of
    two columns, there is a suspicion; from it the whole mark is grown.

    Args:
        x: Shape (n, d), missing values as NaN.
        y: Labels, shape (n,).
        rates: How likely each label is for each row, shape (n, k), see `additive_rates`.
        nominal: Positions of columns of codes without an order.
        most: Suspects returned.

    Returns:
        The most surprising first. The p-values are right as far as the rates are: natural groups
        that the columns do not explain one by one are among them. Only an experiment tells.

    Cost:
        O(n d^2 k): see `bumps`.
    """
    bins = rank_bins(x, most=_BINS, nominal=nominal)
    coarse = coarse_bins(x, nominal=nominal)
    flat = np.zeros(x.shape[1], dtype=np.bool_)
    flat[nominal] = True
    surprise = np.array([(1 - rates[y == k, k]).sum() for k in range(rates.shape[1])])
    found: list[Suspect] = []
    for target in np.argsort(-surprise, kind="stable")[:_LABELS].tolist():
        if LEAST <= (y == target).sum() < len(y):
            of = rates[:, target]
            found += _of_label(x, y, of, target=target, bins=bins, coarse=coarse, flat=flat)
    return tuple(sorted(found, key=lambda one: -one.weight)[:most])


def _of_label(
    x: Array, y: Ints, rate: Array, *, target: int, bins: RankBins, coarse: RankBins, flat: Mask
) -> list[Suspect]:
    part = np.flatnonzero(rate < _limit(float((y == target).mean())))
    if not len(part):
        return []
    where = Field(
        x=x[part],
        bins=replace(bins, codes=bins.codes[part]),
        told=(y[part] == target) * 1.0,
        rate=rate[part],
        nominal=flat,
        all_x=x,
        all_told=(y == target) * 1.0,
        coarse=coarse,
    )
    where = replace(where, near=_screened(where))
    labels = min(_LABELS, int(y.max()) + 1)
    lift = value_lift(where.x, where.told, where.rate)
    blocks = float(np.log(labels * _blocks(bins)))
    found = _grown(where, _seeds(where, lift, labels=labels, blocks=blocks), blocks=blocks)
    made = [_suspect(where, one, x=x, y=y, target=target, surely=surely) for surely, one in found]
    return [replace(one, usual=_is_usual(one.mark, where, lift)) for one in made]


def _limit(base: float) -> float:
    """Rate below which rows are looked at, for a label of this share of all rows."""
    return max(_UNLIKELY, 1 - _TIMES * (1 - base))


def _grown(where: Field, seeds: list[Seed], *, blocks: float) -> list[tuple[float, Suspicion]]:
    """Whole marks from seeds, each with its surplus less what the number of tests takes."""
    found: list[tuple[float, Suspicion]] = []
    seen, kept = list[Mask](), list[Mask]()
    for surely, columns, seed in seeds:
        carried = seed & (where.told > 0)
        if surely < _ODD or len(seen) >= 2 * _GROWN:
            break
        if any(_alike(carried, old) for old in seen):
            continue
        one = whole(where, joined(where, seed, columns))
        mine = one.inside & (where.told > 0)
        seen += [carried, mine]
        weight = max(surely, one.weight - blocks)
        if weight >= -np.log(_LEVEL) and not any(_alike(mine, old) for old in kept):
            found.append((weight, one))
            kept.append(mine)
    return found


def _blocks(bins: RankBins) -> float:
    """Blocks that were looked at, about."""
    sizes = bins.sizes[bins.sizes > 1].astype(np.float64)
    return float(max((sizes.sum() ** 2 - (sizes**2).sum()) / 2, 1.0))


def _is_usual(mark: Region, where: Field, lift: ValueLift) -> bool:
    """Whether the column of a mark has many odd values beside it."""
    if len(mark.columns) > 1:
        return False
    place = int(mark.columns[0])
    other = (lift.columns == place) & (lift.weight > _STRANGE)
    other &= ~((lift.values >= mark.low[0]) & (lift.values <= mark.high[0]))
    _, counts = np.unique(where.x[:, place], return_counts=True)
    return bool(other.sum() >= max(_COMPANY, _USUAL * (counts >= LEAST).sum()))


def _seeds(where: Field, lift: ValueLift, *, labels: int, blocks: float) -> list[Seed]:
    """Surplus, columns and rows of suspicious values and blocks, the most surprising first.

    Surplus is less the logarithm of how many were tested: values are far fewer than blocks, so
    they have a level of their own.
    """
    seeds: list[Seed] = []
    values = np.log(labels * max(lift.tested, 1))
    for at in np.argsort(-lift.weight, kind="stable")[:_SEEDS]:
        place, value = int(lift.columns[at]), lift.values[at]
        column = where.x[:, place]
        same = np.isnan(column) if np.isnan(value) else column == value
        seeds.append((float(lift.weight[at]) - values, (place,), same))
    pairs = all_pairs(where.near)
    found = bumps(where.bins, where.told, where.rate, pairs=pairs, most=_SEEDS)
    seeds += [(one.weight - blocks, one.columns, one.inside(where.bins.codes)) for one in found]
    return sorted(seeds, key=lambda seed: -seed[0])


def _screened(where: Field) -> Ints:
    """The columns whose pairs are looked at."""
    usable = np.flatnonzero(where.bins.sizes > 1)
    if len(usable) <= _PAIRED:
        return usable
    codes = where.bins.codes[:, usable].astype(np.float64)
    single = value_lift(codes, where.told, where.rate)
    best = np.zeros(len(usable))
    np.maximum.at(best, single.columns, single.weight)
    return np.sort(usable[np.argsort(-best, kind="stable")[:_PAIRED]])


def _alike(one: Mask, other: Mask) -> bool:
    """Whether two suspicions are of the same rows. A mark may lie within a natural group."""
    return bool((one & other).sum() > _ALIKE * (one | other).sum())


def _suspect(
    where: Field, one: Suspicion, *, x: Array, y: Ints, target: int, surely: float
) -> Suspect:
    region = full(where, one, share=_PURE) if one.region.spread.any() else one.region
    inside = region.inside(x)
    return Suspect(
        target=target,
        mark=full(where, one),
        inside=inside,
        rows=np.flatnonzero(inside & (y == target)),
        weight=one.weight,
        p=float(np.exp(-surely)),
        usual=False,
    )
