"""What no attack on trees can undercut: a bound that lets every tree choose for itself."""

import numpy as np

from bartizan.attack.tree_cells import Cells
from bartizan.attack.tree_leaves import WORD, Leaves
from bartizan.attack.tree_scene import Scene
from bartizan.core.arrays import AnyArray, Array, Ints, Mask


def leaf_costs(cells: Cells, leaves: Leaves, *, rest: AnyArray, rows: Ints) -> Array:
    """The least that it costs each row to reach each leaf, whatever the other trees say.

    Args:
        cells: Costs of slots.
        leaves: Boxes.
        rest: Leaves left by what stays as it is, shape (n, trees, words).
        rows: Which attacked rows, shape (m,).

    Returns:
        To the norm's power, shape (m, leaves); infinity = out of reach.
    """
    axis = leaves.side_axis
    near, home = _nearing(cells, rows), cells.home[rows][:, axis]
    slot = np.clip(home, leaves.side_low, leaves.side_high)
    cost = np.take_along_axis(near, slot, axis=1)
    cost[:, leaves.side_low > leaves.side_high] = np.inf
    changed = np.zeros(cost.shape, dtype=np.int64)
    for side in np.flatnonzero(leaves.side_row >= 0):
        first = cells.axes.first[axis[side]]
        slots = first + np.flatnonzero(leaves.side_allowed[leaves.side_row[side]])
        cost[:, side] = cells.term[rows[:, None], slots].min(axis=1, initial=np.inf)
        outside = ~np.isin(home[:, side], slots)
        changed[:, side] = outside & (cells.changed[rows[:, None], slots].any(axis=1))
    still = cells.frozen[rows][:, axis]
    cost[still], changed[still] = 0.0, 0
    total = np.zeros((len(rows), len(leaves.node)))
    count = np.zeros(total.shape, dtype=np.int64)
    some = np.flatnonzero(np.diff(leaves.start))
    if some.size:
        total[:, some] = cells.norm.join.reduceat(cost, leaves.start[some], axis=1)
        count[:, some] = np.add.reduceat(changed, leaves.start[some], axis=1)
    total = cells.together(total, count)
    word, bit = np.divmod(leaves.bit, WORD)
    left = (rest[rows][:, leaves.tree, word] >> bit.astype(np.uint64)) & np.uint64(1)
    return np.where(left == 0, np.inf, total)


def _nearing(cells: Cells, rows: Ints) -> Array:
    """Cost of going as far as each slot or further from home, shape (m, slots)."""
    term, home = cells.term[rows], cells.home[rows]
    near = np.zeros_like(term)
    place = np.arange(term.shape[1])
    for axis, (begin, end) in enumerate(zip(cells.axes.first, cells.axes.first[1:], strict=False)):
        part = slice(begin, end)
        own = home[:, axis, None]
        up = np.where(place[part] >= own, term[:, part], np.inf)
        down = np.where(place[part] <= own, term[:, part], np.inf)
        up = np.minimum.accumulate(up[:, ::-1], axis=1)[:, ::-1]
        down = np.minimum.accumulate(down, axis=1)
        near[:, part] = np.where(place[part] > own, up, np.where(place[part] < own, down, 0.0))
    return near


def lower_costs(scene: Scene, rows: Ints, *, costs: Array | None = None) -> Array:
    """Costs below which no wanted answer is possible, shape (m,); infinity = nowhere at all.

    At a given cost, every tree adds at most its best leaf among those that cost no more. The
    smallest cost at which these add up to a wanted answer is found by sorting: no bisection.

    Args:
        scene: The block.
        rows: Which attacked rows, shape (m,).
        costs: From `leaf_costs`, if known.

    Source:
        Chen et al. (2019), "Robustness verification of tree-based models", arXiv:1906.03849:
        their method with single trees as groups. Deviations: any norm, money and categories, since
        a leaf's own cheapest change is a bound in each of them; all costs at once.
    """
    if costs is None:
        costs = leaf_costs(scene.cells, scene.leaves, rest=scene.rest, rows=rows)
    lower = np.zeros(len(rows))
    for place, row in enumerate(rows):
        found = pair_costs(scene, int(row), costs=costs[place])
        lower[place] = max(found) if scene.goal.every else min(found)
    lower[scene.cells.doubtful[rows]] = 0.0
    return lower


def pair_costs(scene: Scene, row: int, *, costs: Array) -> list[float]:
    """The same for each class that must beat another, in the order of `Goal.pairs`.

    Args:
        scene: The block.
        row: The attacked row.
        costs: Of its leaves, shape (leaves,).
    """
    goal, leaves = scene.goal, scene.leaves
    return [
        threshold(
            costs,
            goal.gain(*pair)[leaves.node],
            group=leaves.tree,
            need=-goal.slack - goal.start(*pair),
        )
        for pair in goal.pairs(row)
    ]


def threshold(cost: Array, gain: Array, *, group: Ints, need: float) -> float:
    """The smallest cost at which the best members of all groups add up to what is needed.

    Args:
        cost: Shape (members,).
        gain: Shape (members,).
        group: Shape (members,); every group has a member of cost 0.
        need: The sum to reach.

    Returns:
        Infinity if it is never reached.
    """
    open_ = np.isfinite(cost)
    cost, gain, group = cost[open_], gain[open_], group[open_]
    order = np.lexsort((-gain, cost, group))
    cost, gain, group = cost[order], gain[order], group[order]
    step = _records(gain, first=np.append(True, group[1:] != group[:-1]))
    order = np.argsort(cost, kind="stable")
    total = np.cumsum(step[order])
    # Sums over groups count only once the first member of each is in: all of them cost nothing.
    enough = (total >= need) & (np.arange(len(total)) >= np.count_nonzero(cost <= 0) - 1)
    return float(cost[order][enough.argmax()]) if enough.any() else np.inf


def _records(gain: Array, *, first: Mask) -> Array:
    """By how much each member beats all before it in its group; the first counts in full."""
    if not len(gain):
        return gain
    span = gain.max() - gain.min() + 1.0
    lifted = gain + span * np.cumsum(first)  # groups one above the other: one running maximum
    record = np.maximum.accumulate(lifted)
    step = np.diff(record, prepend=0.0)
    lead = np.flatnonzero(first)
    step[lead] = gain[lead]
    return step
