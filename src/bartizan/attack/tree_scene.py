"""A block of rows before an ensemble: everything that tree attacks and bounds look at."""

from dataclasses import dataclass

from bartizan.attack.tree_axes import Axes, axes_of
from bartizan.attack.tree_cells import Cells
from bartizan.attack.tree_goal import Goal
from bartizan.attack.tree_leaves import Leaves, leaves_of
from bartizan.attack.tree_moves import Moves
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.trees import Trees


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Rows, ensemble and attacker, laid out once for a block."""

    trees: Trees
    constraint: Constraint
    x0: Array
    axes: Axes
    leaves: Leaves
    goal: Goal
    cells: Cells
    moves: Moves
    rest: AnyArray
    """Leaves left by what stays as it is, uint64, shape (n, trees, words)."""


def scene_of(oracle: Oracle, constraint: Constraint, x0: Array) -> Scene:
    """Lay out a block.

    Args:
        oracle: Shows the trees, and knows what is wanted.
        constraint: What may change, and what it costs.
        x0: Rows to attack, shape (n, d).
    """
    trees = oracle.structure()
    axes = axes_of(trees, constraint)
    leaves, goal = leaves_of(trees, axes), Goal(oracle, trees)
    cells = Cells(constraint, axes, x0=x0)
    moves = Moves(trees, axes, leaves, goal)
    return Scene(
        trees=trees, constraint=constraint, x0=x0, axes=axes, leaves=leaves, goal=goal,
        cells=cells, moves=moves, rest=moves.rest(cells),
    )  # fmt: skip
