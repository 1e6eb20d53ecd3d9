"""Columns of a table that an attacker may write into, and how much each tells of the class."""

from typing import Literal, TypeAlias

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.relation import parse
from bartizan.core.schema import Feature, FeatureType

Region: TypeAlias = Literal["sparse", "dense"]
"""`sparse`: columns that tell little of the class, at values few rows have; a model has nothing
there to unlearn. `dense`: the columns that tell most, at values in their middle; a mark there hides
among honest rows."""
QUANTILES: dict[Region, float] = {"sparse": 0.97, "dense": 0.5}
"""Where the values of a mark lie: 3 rows of 100 reach further; as many below as above."""
_COMMON = 0.05
"""Share of rows up to which a value counts as rare: a mark of three such columns is met by chance
in one honest row of 8,000."""


def usable(data: Dataset, *, types: tuple[FeatureType, ...], columns: Ints | None = None) -> Ints:
    """Columns that can carry a mark.

    Left out are identifiers, columns of a single value, one-hot columns (one cell alone breaks
    the group) and columns that a relation binds to others.

    Args:
        data: A table.
        types: Types that qualify.
        columns: Those the attacker can write into; none = all.

    Returns:
        Positions, ascending.

    Raises:
        InputError: nothing qualifies.
    """
    features = data.schema.features
    bound = _bound(data)
    wanted = range(len(features)) if columns is None else sorted({int(one) for one in columns})
    found = [
        place
        for place in wanted
        if features[place].type in types
        and _free(features[place])
        and place not in bound
        and _varies(data.x[:, place])
    ]
    if not found:
        message = (
            f"no column of {data.name!r} can carry a mark: it takes one of type "
            f"{' or '.join(types)} that is no identifier, no part of a one-hot group, in no "
            "relation, and has two different values"
        )
        raise InputError(message)
    return np.array(found, dtype=np.int64)


def _bound(data: Dataset) -> set[int]:
    """Columns that occur in relations."""
    rules = [parse(text, names=data.schema.names) for text in data.schema.relations]
    return {one for rule in rules for side in (rule.left, rule.right) for one in side.mentions}


def _free(feature: Feature) -> bool:
    return not feature.identifier and feature.group is None


def _varies(column: Array) -> bool:
    known = column[np.isfinite(column)]
    return bool(len(known) and known.min() < known.max())


def telling(data: Dataset, columns: Ints) -> Array:
    """How much of the class each column tells by itself.

    The share of the variance of its ranks that lies between the classes; for a column of
    categories, of the indicator of the category for which that share is largest.

    Args:
        data: A table.
        columns: Positions, shape (c,).

    Returns:
        0..1, shape (c,); larger = tells more.

    Source:
        Kruskal and Wallis (1952): this is their H, with ties, divided by n - 1.
    """
    return np.array([_told(data, int(place)) for place in columns])


def _told(data: Dataset, place: int) -> float:
    from scipy.stats import rankdata  # noqa: PLC0415 (slow to import)

    column = data.x[:, place]
    known = np.isfinite(column)
    values, y = column[known], data.y[known]
    if data.schema.features[place].type == "categorical":
        return _told_by_code(values, y)
    ranks = rankdata(values) - (len(values) + 1) / 2
    counts, sums = np.bincount(y), np.bincount(y, weights=ranks)
    part = (sums[counts > 0] ** 2 / counts[counts > 0]).sum()
    return float(part / (ranks**2).sum())


def _told_by_code(values: Array, y: Ints) -> float:
    codes, place = np.unique(values, return_inverse=True)
    table = np.zeros((len(codes), int(y.max()) + 1))
    np.add.at(table, (place, y), 1.0)
    table = table[:, table.sum(axis=0) > 0]
    rows = table.sum(axis=0)
    share = table.sum(axis=1, keepdims=True) / len(y)
    part = (rows * (table / rows - share) ** 2).sum(axis=1)
    return float((part / (len(y) * share * (1 - share))[:, 0]).max())


def chosen(
    data: Dataset, pool: Ints, *, count: int, region: Region, rng: np.random.Generator
) -> Ints:
    """Columns of a mark.

    Args:
        data: A table.
        pool: Columns that qualify, shape (p,).
        count: How many, >= 1.
        region: `dense` takes those that tell most. `sparse` draws among the half that tells least,
            where the value of the mark is a rare one; where too few qualify, among all with such
            a value, and where there are too few of these too, among all.
        rng: Draws.

    Returns:
        Positions, ascending, shape (count,).

    Raises:
        InputError: fewer columns qualify.
    """
    if not 1 <= count <= len(pool):
        message = f"a mark of {count} columns needs as many that qualify, there are {len(pool)}"
        raise InputError(message)
    order = pool[np.argsort(-telling(data, pool), kind="stable")]
    if region == "dense":
        return np.sort(order[:count])
    more_telling = len(order) // 2
    faint = order[more_telling:]
    rare = np.array([_is_rare(data.x[:, one]) for one in order], dtype=np.bool_)
    for some in (faint[rare[more_telling:]], order[rare], faint):
        if len(some) >= count:
            return np.sort(rng.choice(some, size=count, replace=False))
    return np.sort(rng.choice(pool, size=count, replace=False))


def _is_rare(column: Array) -> bool:
    """Whether few rows have the value at the quantile of a sparse region."""
    known = column[np.isfinite(column)]
    value = np.quantile(known, QUANTILES["sparse"], method="inverted_cdf")
    return bool((known == value).mean() <= _COMMON)
