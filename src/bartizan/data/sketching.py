"""From a sample of rows to cells, their counts and the moments of random features."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import polars as pl

from bartizan.core.arrays import AnyArray
from bartizan.core.schema import Feature
from bartizan.data.binning import chosen, codes
from bartizan.data.column_totals import private
from bartizan.data.profile import Bins, JointProfile
from bartizan.detect.joint import Axis, Moments, features_for, moments, spread

_PART = 5
"""One row in five chooses the cells; the others are counted in them."""
_CHOOSING = 5000
"""Rows that choose at most: a twentieth of them is known to within 0.6 points, and a category of
0.2 per cent has a name."""
_FEWEST = 2
"""Rows that a covariance needs."""


def sketched(
    sample: pl.DataFrame | None, *, features: Sequence[Feature], seed: int
) -> tuple[dict[str, Bins], JointProfile | None]:
    """Cells of each column with their counts, and the joint sketch.

    Args:
        sample: Rows in random order; none = there are none.
        features: The columns.
        seed: Of the random features.

    Returns:
        Bins of each column whose values may be told, and the joint profile, if rows differ at all.
    """
    public = [feature.name for feature in features if not private(feature)]
    if sample is None or not public:
        return {}, None
    choosing = min(sample.height // _PART, _CHOOSING)
    first, others = sample.head(choosing), sample.slice(choosing)
    cells = {name: chosen(first[name]) for name in public}
    found = coded(others, cells=cells)
    joint = _joint(coded(first, cells=cells), found, cells=cells, seed=seed)
    return {name: _filled(cells[name], found[:, i]) for i, name in enumerate(public)}, joint


def coded(rows: pl.DataFrame, *, cells: Mapping[str, Bins]) -> AnyArray:
    """The cell of each value: shape (n, d), int16, columns in the order of `cells`."""
    found = np.empty((rows.height, len(cells)), dtype=np.int16, order="F")
    for column, (name, bins) in enumerate(cells.items()):
        found[:, column] = codes(rows[name], bins=bins)
    return found


def axes(cells: Mapping[str, Bins]) -> tuple[Axis, ...]:
    """The columns as random features see them."""
    return tuple(
        Axis(
            name=name,
            cells=len(bins.counts),
            scores=np.array(bins.scores) if bins.scores else None,
        )
        for name, bins in cells.items()
    )


def moments_of(codes: AnyArray, *, cells: Mapping[str, Bins], joint: JointProfile) -> Moments:
    """Moments of other rows under the random features of a profile."""
    return moments(
        codes, axes=axes(cells), seed=joint.seed, width=joint.width, features=len(joint.mean)
    )


def restored(joint: JointProfile) -> Moments:
    """The moments that a profile holds."""
    k = len(joint.mean)
    covariance = np.zeros((k, k))
    covariance[np.tril_indices(k)] = joint.covariance
    return Moments(
        rows=joint.rows,
        mean=np.array(joint.mean),
        covariance=covariance + np.tril(covariance, -1).T,
    )


def _joint(
    first: AnyArray, others: AnyArray, *, cells: Mapping[str, Bins], seed: int
) -> JointProfile | None:
    width = spread(first, axes=axes(cells))
    if len(others) < _FEWEST or not width > 0:
        return None
    size = features_for(len(others))
    found = moments(others, axes=axes(cells), seed=seed, width=width, features=size)
    return JointProfile(
        seed=seed,
        rows=found.rows,
        width=width,
        mean=tuple(found.mean.tolist()),
        covariance=tuple(found.covariance[np.tril_indices(size)].tolist()),
    )


def _filled(bins: Bins, found: AnyArray) -> Bins:
    """The cells with counts."""
    counts = np.bincount(found, minlength=len(bins.counts) + 1).tolist()
    return msgspec.structs.replace(bins, counts=tuple(counts[:-1]), missing=counts[-1])
