"""What one attacker can move of what an ensemble tests, cut into slots that no tree tells apart."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.trees import Trees


@dataclass(frozen=True, kw_only=True)
class Axes:
    """Movable numbers and choices that some tree tests. A row's slots decide all its leaves.

    The thresholds of a number sort into intervals (low, high]; options of a choice that pass the
    same tests share a slot. Slots of all axes lie in one row, axis by axis.
    """

    first: Ints
    """First slot of each axis, and the number of slots, shape (axes + 1,)."""
    number: Ints
    """Place of each axis in `constraint.numeric`, shape (axes,); -1 = a choice."""
    choice: Ints
    """Place in `constraint.switches`; -1 = a number."""
    low: Array
    """Open lower end of each slot of a number, shape (slots,); NaN for choices."""
    high: Array
    """Closed upper end."""
    option: Ints
    """An option that stands for each slot of a choice, shape (slots,); -1 for numbers."""
    options: tuple[Ints, ...]
    """For each axis, the slot of each option, counted within the axis; empty for numbers."""
    axis: Ints
    """Axis that each node tests, shape (nodes,); -1 = none: a leaf, or out of reach."""
    cut: Ints
    """Last slot, counted within the axis, that passes each node, shape (nodes,)."""
    table: Ints
    """Row of `passes` for nodes that no cut describes; -1 elsewhere. Shape (nodes,)."""
    passes: Mask
    """Which slots of the axis pass, shape (tables, most slots of an axis)."""

    @property
    def count(self) -> int:
        """Number of axes."""
        return len(self.number)

    @property
    def slots(self) -> int:
        """Number of slots."""
        return int(self.first[-1])

    @property
    def owner(self) -> Ints:
        """Axis of each slot, shape (slots,)."""
        return np.repeat(np.arange(self.count), np.diff(self.first))

    @property
    def ordered(self) -> Mask:
        """Axes whose nodes are all described by a cut, shape (axes,)."""
        ordered = np.ones(self.count, dtype=bool)
        ordered[self.axis[self.table >= 0]] = False
        return ordered


@dataclass(frozen=True)
class _Axis:
    """One axis on its own."""

    nodes: Ints
    low: Array
    high: Array
    option: Ints
    options: Ints
    number: int
    choice: int
    cut: Ints | None
    passes: Mask | None


def axes_of(trees: Trees, constraint: Constraint) -> Axes:
    """Cut what an attacker can move into slots.

    Args:
        trees: The ensemble.
        constraint: Says what can move.
    """
    found = [
        _numeric(trees, column, place=place)
        for place, column in enumerate(constraint.numeric)
        if (trees.feature == column).any()
    ]
    found += [
        _chosen(trees, constraint, place=place)
        for place, switch in enumerate(constraint.switches)
        if np.isin(trees.feature, switch.columns).any()
    ]
    sizes = [len(one.low) for one in found]
    axis = np.full(len(trees.feature), -1, dtype=np.int64)
    cut, table = axis.copy(), axis.copy()
    width = max(sizes, default=1)
    tables: list[Mask] = []
    for position, one in enumerate(found):
        axis[one.nodes] = position
        if one.cut is not None:
            cut[one.nodes] = one.cut
        if one.passes is not None:
            table[one.nodes] = len(tables) + np.arange(len(one.nodes))
            tables += [np.pad(row, (0, width - len(row))) for row in one.passes]
    return Axes(
        first=np.cumsum([0, *sizes]),
        number=np.array([one.number for one in found], dtype=np.int64),
        choice=np.array([one.choice for one in found], dtype=np.int64),
        low=_joined([one.low for one in found], dtype=float),
        high=_joined([one.high for one in found], dtype=float),
        option=_joined([one.option for one in found], dtype=np.int64),
        options=tuple(one.options for one in found),
        axis=axis,
        cut=cut,
        table=table,
        passes=np.array(tables, dtype=bool).reshape(len(tables), width),
    )


def _joined(parts: list[AnyArray], *, dtype: type) -> AnyArray:
    return np.concatenate([np.zeros(0, dtype=dtype), *parts])


def _numeric(trees: Trees, column: int, *, place: int) -> _Axis:
    nodes = np.flatnonzero(trees.feature == column)
    plain = trees.members[nodes] < 0
    edges = trees.threshold[nodes[plain]]
    if not plain.all():  # codes are cut off towards zero: 0 is everything above -1 and below 1
        starts = np.arange(1, trees.sets.shape[1] + 1).astype(float)
        edges = np.concatenate([edges, [-1.0], np.nextafter(starts, -np.inf)])
    cuts = np.unique(edges)
    low, high = np.append(-np.inf, cuts), np.append(cuts, np.inf)
    cut = passes = None
    if plain.all():
        cut = np.searchsorted(cuts, trees.threshold[nodes])
    else:
        typical = np.append(cuts, cuts[-1] + 1)
        passes = trees.passes(np.tile(typical, len(nodes)), np.repeat(nodes, len(typical))).reshape(
            len(nodes), -1
        )
    none = np.zeros(0, dtype=np.int64)
    return _Axis(nodes, low, high, np.full(len(low), -1), none, place, -1, cut, passes)


def _chosen(trees: Trees, constraint: Constraint, *, place: int) -> _Axis:
    switch = constraint.switches[place]
    nodes = np.flatnonzero(np.isin(trees.feature, switch.columns))
    where = np.searchsorted(np.sort(switch.columns), trees.feature[nodes])
    where = np.argsort(switch.columns)[where]
    values = switch.options[:, where]
    seen = trees.passes(values.ravel(), np.tile(nodes, len(values))).reshape(values.shape)
    classes, first, slot = np.unique(seen, axis=0, return_index=True, return_inverse=True)
    nowhere = np.full(len(classes), np.nan)
    slot = np.asarray(slot, dtype=np.int64).ravel()
    return _Axis(nodes, nowhere, nowhere, first, slot, -1, place, None, classes.T)
